/** @module What the inspector serves: frames of a recording, charts, and actors of users, put together. */
import type { InspectionEvent } from 'xstate'
import type { Clock } from '../../clock.ts'
import { ValidationError } from '../../errors.ts'
import type { BackgroundRunner, Store } from '../../index.ts'
import { type Frame, type Hello, type LaidOutChart, type Mark, protocolVersion, type Query } from '../protocol.ts'

export interface ServingOptions {
  readonly store: Store
  readonly keep: number
  readonly clock: Clock
  readonly redact: (text: string) => string
  runnerOf(): BackgroundRunner
}

export class Serving {
  readonly #options: ServingOptions
  readonly #listeners = new Set<() => void>()
  #off: (() => void) | undefined
  #n = 0

  constructor(options: ServingOptions) {
    this.#options = options
  }

  hello(actions: boolean): Hello {
    const { store, redact } = this.#options
    return { type: 'hello', protocol: protocolVersion, version: '0', store: redact(store.name), actions, charts: [] }
  }

  query(parameters: URLSearchParams): Query {
    const view = parameters.get('view') ?? 'chart'
    if (view !== 'chart') throw new ValidationError('view', 'a view', view)
    return { view }
  }

  frame(_query: Query): Frame {
    const { clock, store } = this.#options
    const time = clock.now()
    const n = this.#n
    const reach = {
      source: 'attached',
      first: 0,
      last: n,
      since: undefined,
      complete: false,
      damaged: 0,
      missed: 0,
    } as const
    const { pending, running } = store.counts
    const tally = { states: { pending }, edges: {}, rates: {}, tasks: pending + running, running, workers: 0 }
    return { type: 'frame', epoch: 'e', n, time, live: true, reach, tally, view: { view: 'chart', others: {} } }
  }

  subscribe(query: Query, listener: (frame: Frame) => void): () => void {
    const tell = (): void => listener(this.frame(query))
    this.#listeners.add(tell)
    this.#off ??= this.#options.store.subscribe(() => {
      this.#n += 1
      for (const each of this.#listeners) each()
    })
    tell()
    return () => {
      this.#listeners.delete(tell)
      if (this.#listeners.size > 0) return
      this.#off?.()
      this.#off = undefined
    }
  }

  marks(_count: number): readonly Mark[] {
    return []
  }

  async chart(_id: string): Promise<LaidOutChart | undefined> {
    return undefined
  }

  inspect(_event: InspectionEvent): void {}

  async close(): Promise<void> {}
}
