/** @module The last record of an attempt: appended until the store has it, for without it the task would stay `running`. */
import { OffstageError, show } from '../errors.ts'
import type { TaskRecord } from '../machines/records.ts'
import type { Attempt } from './attempt.ts'
import { endRecord } from './ending.ts'
import type { Insistence } from './insist.ts'

/** What endings need of the supervisor. */
export interface EndingsHost {
  readonly insistence: Insistence
  now(): number
  warn(message: string, cause: unknown): void
  /** When to try again after what was thrown; undefined = never. */
  retryAt(attempt: Attempt, thrown: unknown): number | undefined
  /** The attempt has ended for good, whatever became of its record. */
  over(attempt: Attempt, ok: boolean, value: unknown): void
}

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
    this.#append(attempt, record, ok, value)
  }

  #append(attempt: Attempt, record: TaskRecord, ok: boolean, value: unknown): void {
    const { insistence } = this.#host
    insistence.append(
      attempt.store,
      record,
      () => this.#host.over(attempt, ok, value),
      (error) => this.#refused(attempt, record, error),
    )
  }

  #refused(attempt: Attempt, record: TaskRecord, error: unknown): void {
    const host = this.#host
    if (record.type === 'complete' && endsAsFailure.some((code) => OffstageError.is(error, code))) {
      const failed = endRecord(attempt, host.now(), false, error, () => undefined)
      return this.#append(attempt, failed, false, error)
    }
    const { task } = attempt
    host.warn(`the end of ${show(task.spec.name)} (${task.id}) was not recorded`, error)
    host.over(attempt, false, error)
  }
}
