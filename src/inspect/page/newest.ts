/** @module Asks for one thing at a time, not too often: of what is wanted meanwhile, only the newest is asked for. */

/** What tests replace. */
export interface Pace {
  now(): number
  after(ms: number, run: () => void): () => void
}

const real: Pace = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/**
 * A request that is under way is let come to its end: somebody who drags a slider without a pause would otherwise see nothing
 * until the hand rests.
 */
export class Newest<Asked, Answer> {
  readonly #ask: (asked: Asked, signal: AbortSignal) => Promise<Answer>
  readonly #told: (asked: Asked, answer: Answer) => void
  readonly #failed: (asked: Asked, error: Error) => void
  readonly #every: number
  readonly #pace: Pace
  readonly #stop = new AbortController()
  #wanted: { readonly asked: Asked } | undefined
  #busy = false
  #askedAt = Number.NEGATIVE_INFINITY
  #cancel: (() => void) | undefined

  /** @param options `every`: the least time between two requests, in ms. */
  constructor(
    options: {
      readonly every: number
      ask(asked: Asked, signal: AbortSignal): Promise<Answer>
      told(asked: Asked, answer: Answer): void
      failed(asked: Asked, error: Error): void
    },
    pace: Pace = real,
  ) {
    this.#every = options.every
    this.#ask = options.ask
    this.#told = options.told
    this.#failed = options.failed
    this.#pace = pace
  }

  want(asked: Asked): void {
    this.#wanted = { asked }
    this.#next()
  }

  /** Nothing is told any more. */
  close(): void {
    this.#wanted = undefined
    this.#cancel?.()
    this.#stop.abort()
  }

  #next(): void {
    if (this.#busy || this.#cancel !== undefined || this.#wanted === undefined || this.#stop.signal.aborted) return
    const wait = this.#askedAt + this.#every - this.#pace.now()
    if (wait <= 0) return this.#begin(this.#wanted.asked)
    this.#cancel = this.#pace.after(wait, () => {
      this.#cancel = undefined
      this.#next()
    })
  }

  #begin(asked: Asked): void {
    this.#wanted = undefined
    this.#busy = true
    this.#askedAt = this.#pace.now()
    const { signal } = this.#stop
    const settle = (tell: () => void): void => {
      this.#busy = false
      if (!signal.aborted) tell()
      this.#next()
    }
    this.#ask(asked, signal).then(
      (answer) => settle(() => this.#told(asked, answer)),
      (error: Error) => settle(() => this.#failed(asked, error)),
    )
  }
}
