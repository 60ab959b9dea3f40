/** @module Records that must not get lost: what a store refuses for a moment is appended again, for half a minute. */
import { OffstageError } from '../errors.ts'
import type { TaskRecord } from '../machines/records.ts'
import type { Store } from '../store/store.ts'
import { isPromise } from './awaitable.ts'
import type { Timers } from './timer.ts'

/** What an {@link Insistence} needs of the supervisor. */
export interface InsistenceHost {
  readonly timers: Timers
  /** Whether it is in vain to try again. */
  isOver(store: Store): boolean
}

/** Ms until a record is tried again that was refused, the first time. */
const firstPause = 1_000
/** How often a record is tried: over half a minute. */
const mostTries = 6
/** What no try will change: what JSON cannot carry, and a store of which nobody knows what it holds. */
const inVain = ['INVALID_RESULT', 'TOO_LARGE', 'UNKNOWN_OUTCOME', 'STORE_LOST'] as const

export class Insistence {
  readonly #host: InsistenceHost

  constructor(host: InsistenceHost) {
    this.#host = host
  }

  /** Appends a record. `done` is called in the same turn where the store answers at once; `failed` with the last error. */
  append(store: Store, record: TaskRecord, done: () => void, failed: (error: unknown) => void): void {
    this.#try(store, record, done, failed, 1)
  }

  #try(store: Store, record: TaskRecord, done: () => void, failed: (error: unknown) => void, tries: number): void {
    const refused = (error: unknown): void => {
      const again = tries < mostTries && !inVain.some((code) => OffstageError.is(error, code))
      if (!again || this.#host.isOver(store)) return failed(error)
      this.#host.timers.after(firstPause * 2 ** (tries - 1), () => this.#try(store, record, done, failed, tries + 1))
    }
    let answer: ReturnType<Store['append']>
    try {
      answer = store.append(record)
    } catch (error) {
      return refused(error)
    }
    if (isPromise(answer)) answer.then(done, refused)
    else done()
  }
}
