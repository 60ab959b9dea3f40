/** @module Wakes the stores when time alone changes something: a delay that ends, a deadline. */
import type { Clock } from '../clock.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Store } from '../store/store.ts'
import { whenDone } from './awaitable.ts'
import type { Timer, Timers } from './timer.ts'

/** How long in ms until a store is asked again that could not answer. */
const pauseAfterFailure = 1_000

/** One timer for the nearest due time of all tasks that do not run. */
export class Ticker {
  readonly #stores: readonly Store[]
  readonly #clock: Clock
  readonly #timers: Timers
  readonly #ticked: () => void
  readonly #warn: (message: string, cause: unknown) => void
  #timer: Timer | undefined
  #closed = false

  constructor(
    stores: readonly Store[],
    clock: Clock,
    timers: Timers,
    ticked: () => void,
    warn: (message: string, cause: unknown) => void,
  ) {
    this.#stores = stores
    this.#clock = clock
    this.#timers = timers
    this.#ticked = ticked
    this.#warn = warn
  }

  /** A task has moved: it may be due, or over, at a time of its own. */
  expect(task: StoredTask): void {
    const { dueAt, deadline } = task.snapshot.context
    if (dueAt !== undefined) this.#arm(dueAt)
    if (deadline !== undefined && !task.settled) this.#arm(deadline)
  }

  close(): void {
    this.#closed = true
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer)
  }

  #arm(due: number): void {
    if (this.#closed) return
    if (this.#timer !== undefined) {
      if (this.#timer.due <= due) return
      this.#timers.cancel(this.#timer)
    }
    this.#timer = this.#timers.at(due, () => this.tick())
  }

  /** Lets happen what is due by now, and waits for what is due next. */
  tick(): void {
    if (this.#timer !== undefined) this.#timers.cancel(this.#timer)
    this.#timer = undefined
    for (const store of this.#stores) {
      whenDone(
        () => store.tick(this.#clock.now()),
        (next) => {
          if (next !== undefined) this.#arm(next)
          this.#ticked()
        },
        (error) => {
          this.#warn(`${store.name}: overdue tasks could not be ended`, error)
          this.#arm(this.#clock.now() + pauseAfterFailure)
        },
      )
    }
  }
}
