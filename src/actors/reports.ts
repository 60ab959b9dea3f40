/** @module What happens to an attempt before its end, as records: its time is over, it will not stop, it moves on, it asks. */
import { show } from '../errors.ts'
import type { TaskRecord } from '../machines/records.ts'
import type { Awaitable } from '../store/store.ts'
import { type AsksHost, waitForChild, waitForInput } from './asks.ts'
import type { Attempt, Wait } from './attempt.ts'
import { whenDone } from './awaitable.ts'
import type { Insistence } from './insist.ts'

/** What reports need of the supervisor. */
export interface ReportsHost {
  readonly insistence: Insistence
  now(): number
  /** When to try again after the time of an attempt was over; undefined = never. */
  retryAt(attempt: Attempt): number | undefined
  /** A record did not get into the store. */
  notRecorded(what: string, attempt: Attempt, error: unknown): void
  warn(message: string, cause: unknown): void
}

export class Reports {
  readonly #host: ReportsHost

  constructor(host: ReportsHost) {
    this.#host = host
  }

  /** The runner wants to end: the attempt is asked to. */
  shutdown(attempt: Attempt): void {
    const { task, claim } = attempt
    this.#insist(attempt, { type: 'shutdown', task: task.id, claim, at: this.#host.now() }, 'a shutdown')
  }

  timedOut(attempt: Attempt): void {
    const { task, claim } = attempt
    const retryAt = this.#host.retryAt(attempt)
    const record = { type: 'timeout', scope: 'attempt', task: task.id, claim, at: this.#host.now() } as const
    this.#insist(attempt, retryAt === undefined ? record : { ...record, retryAt }, 'a timeout')
  }

  /** The grace period is over, and the handler still runs. */
  outlived(attempt: Attempt): void {
    // a thread can be ended for real, and its end is the attempt's
    if (attempt.job.terminate?.() !== undefined) {
      attempt.terminating = true
      return
    }
    if (attempt.stopCause !== 'cancel' && attempt.stopCause !== 'timeout') return
    const { task, claim } = attempt
    this.#insist(attempt, { type: 'abandon', task: task.id, claim, at: this.#host.now() }, 'an abandon')
    this.#host.warn(
      `${show(task.spec.name)} (${task.id}) was told to stop and still runs; it keeps its slot until it ends`,
      undefined,
    )
  }

  progress(attempt: Attempt, fraction: number, message: string | undefined): void {
    const { task, claim, stopCause } = attempt
    // nothing that it says counts any more
    if (stopCause === 'fenced' || stopCause === 'lost') return
    const record = { type: 'progress', task: task.id, claim, at: this.#host.now(), fraction } as const
    this.#once(attempt, () => attempt.store.append(message === undefined ? record : { ...record, message }), 'progress')
  }

  /** Moves the task to `running.waiting` until the child has settled. */
  ask(attempt: Attempt, child: string): Wait {
    return waitForChild(this.#asks(attempt), attempt, child)
  }

  /** Moves the task to `running.waiting` until somebody has answered. */
  askInput(attempt: Attempt, prompt: string | undefined): Promise<unknown> {
    return waitForInput(this.#asks(attempt), attempt, prompt)
  }

  #asks(attempt: Attempt): AsksHost {
    return { now: () => this.#host.now(), record: (act, what) => this.#once(attempt, act, what) }
  }

  #insist(attempt: Attempt, record: TaskRecord, what: string): void {
    const { insistence } = this.#host
    const failed = (error: unknown): void => this.#host.notRecorded(what, attempt, error)
    insistence.append(attempt.store, record, () => {}, failed)
  }

  #once(attempt: Attempt, act: () => Awaitable<unknown>, what: string): void {
    whenDone(
      act,
      () => {},
      (error) => this.#host.notRecorded(what, attempt, error),
    )
  }
}
