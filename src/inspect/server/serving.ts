/** @module What the inspector serves: frames of a recording, charts, and actors of users, put together. */
import type { InspectionEvent } from 'xstate'
import type { Clock } from '../../clock.ts'
import { type BackgroundRunner, describeSchedule, nextSlot, type ParsedSchedule, type Store } from '../../index.ts'
import { SystemRandom } from '../../random.ts'
import { ActorBook } from '../actors.ts'
import { type Frame, type Hello, type LaidOutChart, type Mark, protocolVersion, type Query } from '../protocol.ts'
import { Recorder, type ViewMoment } from '../recorder.ts'
import type { ViewHost } from '../views/host.ts'
import { readQuery } from '../views/query.ts'
import { viewOf } from '../views/view.ts'
import { Charts } from './charts.ts'
import { ownCharts } from './own-charts.ts'
import { libraryVersion } from './version.ts'

export interface ServingOptions {
  /** Whose slots are counted; undefined where nobody works here. */
  readonly runner: BackgroundRunner | undefined
  readonly store: Store
  readonly keep: number
  readonly clock: Clock
  readonly redact: (text: string) => string
  runnerOf(): BackgroundRunner
  warn(message: string, cause: unknown): void
}

export class Serving {
  readonly #options: ServingOptions
  readonly #recorder: Recorder
  readonly #actors: ActorBook
  readonly #charts: Charts

  constructor(options: ServingOptions) {
    this.#options = options
    const { store, clock, keep, runner, warn } = options
    this.#recorder = new Recorder({
      store,
      clock,
      keep,
      epoch: new SystemRandom().id,
      view: (query, moment) => viewOf(query, moment.n, this.#host(moment)),
      slots: () => runner?.stats.maxConcurrentTasks,
      warn,
    })
    this.#actors = new ActorBook({ clock, redact: options.redact, changed: () => this.#recorder.touch() })
    this.#charts = new Charts((id) => this.#actors.machine(id), clock)
  }

  hello(actions: boolean): Hello {
    const { store, redact } = this.#options
    const about = { protocol: protocolVersion, version: libraryVersion(), store: redact(store.name), actions }
    return { type: 'hello', ...about, charts: ownCharts }
  }

  /** @throws {ValidationError} */
  query(parameters: URLSearchParams): Query {
    return readQuery(parameters)
  }

  frame(query: Query): Promise<Frame> {
    return this.#recorder.frame(query)
  }

  subscribe(query: Query, listener: (frame: Frame) => void, seen?: string): () => void {
    return this.#recorder.subscribe(query, listener, seen)
  }

  marks(count: number): Promise<readonly Mark[]> {
    return this.#recorder.marks(count)
  }

  /** @throws {ValidationError} for a chart that is too large. */
  chart(id: string): Promise<LaidOutChart | undefined> {
    return this.#charts.get(id)
  }

  /** Never throws. */
  inspect(event: InspectionEvent): void {
    this.#actors.inspect(event)
  }

  close(): void {
    this.#recorder.close()
    this.#charts.close()
  }

  #host({ recorded, live, sent }: ViewMoment): ViewHost {
    const { store, clock, redact, runner, runnerOf } = this.#options
    return {
      recorded,
      live,
      sent,
      now: () => clock.now(),
      lines: (task, after) => store.stream(task, after),
      explain: async (id) => (await (await runnerOf().get(id))?.explain())?.sentence,
      actors: (query) => this.#actors.view(query),
      runnerState: runner?.stats.state,
      describeWhen: (when) => describeSchedule(when as unknown as ParsedSchedule),
      nextSlots: (when, after, count) => slotsAfter(when as unknown as ParsedSchedule, after, count),
      redact,
    }
  }
}

function slotsAfter(when: ParsedSchedule, after: number, count: number): number[] {
  const slots: number[] = []
  for (let slot = nextSlot(when, after); slot !== undefined && slots.length < count; slot = nextSlot(when, slot))
    slots.push(slot)
  return slots
}
