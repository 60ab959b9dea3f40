/** @module What the inspector serves: frames of a recording, charts, and actors of users, put together. */
import type { InspectionEvent } from 'xstate'
import type { Clock } from '../../clock.ts'
import { ValidationError } from '../../errors.ts'
import type { BackgroundRunner, Store } from '../../index.ts'
import { SystemRandom } from '../../random.ts'
import { type Frame, type Hello, type LaidOutChart, type Mark, protocolVersion, type Query } from '../protocol.ts'
import { Recorder } from '../recorder.ts'
import { Charts, ownCharts } from './charts.ts'
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
  readonly #charts = new Charts(() => undefined)

  constructor(options: ServingOptions) {
    this.#options = options
    const { store, clock, keep, runner, warn } = options
    const random = new SystemRandom()
    this.#recorder = new Recorder({
      store,
      clock,
      keep,
      epoch: random.id,
      view: () => ({ view: 'chart', others: {} }),
      slots: () => runner?.stats.maxConcurrentTasks,
      warn,
    })
  }

  hello(actions: boolean): Hello {
    const { store, redact } = this.#options
    const about = { protocol: protocolVersion, version: libraryVersion(), store: redact(store.name), actions }
    return { type: 'hello', ...about, charts: ownCharts }
  }

  query(parameters: URLSearchParams): Query {
    const view = parameters.get('view') ?? 'chart'
    if (view !== 'chart') throw new ValidationError('view', 'a view', view)
    return { view }
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

  chart(id: string): Promise<LaidOutChart | undefined> {
    return this.#charts.get(id)
  }

  inspect(_event: InspectionEvent): void {}

  close(): void {
    this.#recorder.close()
  }
}
