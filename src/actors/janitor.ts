/** @module Forgets finished tasks in time, so that no history grows without a bound. */
import type { Clock } from '../clock.ts'
import type { ForgetAnswer, ForgetRequest, Store } from '../store/store.ts'
import { whenDone } from './awaitable.ts'
import type { Timer, Timers } from './timer.ts'

/** What a janitor keeps. */
export interface Keeping {
  /** Ms a finished task is kept. */
  readonly for: number
  /** How many finished tasks are kept at most. */
  readonly atMost: number
}

/** The shortest and longest time in ms until a store is asked again that failed, or had to keep what is old. */
const shortestPause = 1_000
const longestPause = 60_000

/** The retention of one store. */
export class Janitor {
  readonly #store: Store
  readonly #keep: Keeping
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #warn: (message: string, cause: unknown) => void
  #timer: Timer | undefined
  #trimming = false
  /** How many more are borne while old ones cannot be forgotten: each settled task would look at them all again. */
  #slack = 0
  #closed = false

  constructor(
    store: Store,
    keep: Keeping,
    clock: Clock,
    timers: Timers,
    warn: (message: string, cause: unknown) => void,
  ) {
    this.#store = store
    this.#keep = keep
    this.#clock = clock
    this.#timers = timers
    this.#warn = warn
  }

  /** A task has ended. */
  settled(): void {
    if (this.#closed) return
    if (this.#timer === undefined) this.#arm(this.#clock.now() + this.#keep.for)
    this.#trim()
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer)
  }

  #arm(at: number): void {
    if (this.#closed || this.#timer !== undefined) return
    this.#timer = this.#timers.at(at, () => {
      this.#timer = undefined
      const now = this.#clock.now()
      const pause = Math.min(Math.max(this.#keep.for, shortestPause), longestPause)
      this.#forget(
        { at: now, endedBy: now - this.#keep.for },
        ({ oldest, kept }) => {
          const soonest = now + (kept.length > 0 ? pause : shortestPause)
          if (oldest !== undefined) this.#arm(Math.max(oldest + this.#keep.for, soonest))
        },
        () => this.#arm(now + pause),
      )
    })
  }

  #trim(): void {
    const { atMost } = this.#keep
    const { completed, failed, cancelled } = this.#store.counts
    if (this.#closed || this.#trimming || completed + failed + cancelled <= atMost + this.#slack) return
    this.#trimming = true
    this.#forget(
      { at: this.#clock.now(), keep: atMost },
      ({ forgotten, kept }) => {
        this.#trimming = false
        this.#slack = 2 * kept.length
        if (forgotten > 0) this.#trim()
      },
      () => {
        this.#trimming = false
      },
    )
  }

  #forget(request: ForgetRequest, then: (answer: ForgetAnswer) => void, failed: () => void): void {
    whenDone(
      () => this.#store.forget(request),
      then,
      (error) => {
        this.#warn(`${this.#store.name}: clean-up failed`, error)
        failed()
      },
    )
  }
}
