/** @module The last record of an attempt: appended until the store has it, for without it the task would stay `running`. */
import { OffstageError, show } from '../errors.ts'
import type { TaskRecord } from '../machines/records.ts'
import type { Store } from '../store/store.ts'
import type { Attempt } from './attempt.ts'
import { isPromise } from './awaitable.ts'
import { endRecord } from './ending.ts'
import type { Timers } from './timer.ts'

/** What endings need of the supervisor. */
export interface EndingsHost {
  readonly timers: Timers
  now(): number
  warn(message: string, cause: unknown): void
  /** When to try again after what was thrown; undefined = never. */
  retryAt(attempt: Attempt, thrown: unknown): number | undefined
  /** Whether it is in vain to try again. */
  isOver(store: Store): boolean
  /** The attempt has ended for good, whatever became of its record. */
  over(attempt: Attempt, ok: boolean, value: unknown): void
}

/** How an attempt has come out: with a result, or with what was thrown. */
interface Outcome {
  readonly attempt: Attempt
  readonly ok: boolean
  readonly value: unknown
}

/** Ms until a record is tried again that was refused, the first time. */
const firstPause = 1_000
/** How often a record is tried: over half a minute. */
const mostTries = 6
/** What a store says of a result that no try will make it take. */
const endsAsFailure = ['INVALID_RESULT', 'TOO_LARGE'] as const

export class Endings {
  readonly #host: EndingsHost

  constructor(host: EndingsHost) {
    this.#host = host
  }

  /** Records how an attempt has come out, then lets go of it. */
  record(attempt: Attempt, ok: boolean, value: unknown): void {
    const record = endRecord(attempt, this.#host.now(), ok, value, () => this.#host.retryAt(attempt, value))
    this.#append({ attempt, ok, value }, record, 1)
  }

  #append(outcome: Outcome, record: TaskRecord, tries: number): void {
    const { attempt, ok, value } = outcome
    try {
      const answer = attempt.store.append(record)
      if (!isPromise(answer)) return this.#host.over(attempt, ok, value)
      answer.then(
        () => this.#host.over(attempt, ok, value),
        (error) => this.#refused(outcome, record, tries, error),
      )
    } catch (error) {
      this.#refused(outcome, record, tries, error)
    }
  }

  #refused(outcome: Outcome, record: TaskRecord, tries: number, error: unknown): void {
    const { attempt } = outcome
    const host = this.#host
    if (record.type === 'complete' && endsAsFailure.some((code) => OffstageError.is(error, code))) {
      const failed = endRecord(attempt, host.now(), false, error, () => undefined)
      return this.#append({ attempt, ok: false, value: error }, failed, 1)
    }
    if (tries < mostTries && !host.isOver(attempt.store)) {
      host.timers.after(firstPause * 2 ** (tries - 1), () => this.#append(outcome, record, tries + 1))
      return
    }
    const { task } = attempt
    host.warn(`the end of ${show(task.spec.name)} (${task.id}) was not recorded`, error)
    host.over(attempt, false, error)
  }
}
