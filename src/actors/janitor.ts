/** @module Forgets finished tasks in time, so that no history grows without a bound. */
import type { Clock } from '../clock.ts'
import type { ForgetAnswer, Store } from '../store/store.ts'
import { whenDone } from './awaitable.ts'
import type { Timers } from './timer.ts'

/** What a janitor keeps. */
export interface Keeping {
  /** Ms a finished task is kept. */
  readonly for: number
  /** How many finished tasks are kept at most. */
  readonly atMost: number
}

/** The retention of one store. */
export class Janitor {
  readonly #store: Store
  readonly #keep: Keeping
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #warn: (message: string, cause: unknown) => void
  #armed = false
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
    if (!this.#armed) this.#arm(this.#clock.now() + this.#keep.for)
    const { completed, failed, cancelled } = this.#store.counts
    if (completed + failed + cancelled > this.#keep.atMost) {
      this.#forget({ at: this.#clock.now(), keep: this.#keep.atMost }, () => {})
    }
  }

  close(): void {
    this.#closed = true
  }

  #arm(at: number): void {
    this.#armed = true
    this.#timers.at(at, () => {
      this.#armed = false
      const now = this.#clock.now()
      this.#forget({ at: now, endedBy: now - this.#keep.for }, ({ oldest }) => {
        if (oldest !== undefined && !this.#closed && !this.#armed)
          this.#arm(Math.max(oldest + this.#keep.for, now + 1_000))
      })
    })
  }

  #forget(request: Parameters<Store['forget']>[0], then: (answer: ForgetAnswer) => void): void {
    whenDone(
      () => this.#store.forget(request),
      then,
      (error) => this.#warn(`${this.#store.name}: clean-up failed`, error),
    )
  }
}
