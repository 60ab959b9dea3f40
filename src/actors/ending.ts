/** @module How the end of an attempt is recorded: the one place that decides between the records that may end it. */
import { OffstageError, show, toFailure } from '../errors.ts'
import type { FailRecord, TaskRecord } from '../machines/records.ts'
import type { Attempt } from './attempt.ts'
import { whenDone } from './awaitable.ts'

/** What an ending needs from outside. */
export interface Ending {
  now(): number
  /** When to try again after what the handler threw; undefined = never. */
  retryAt(attempt: Attempt, thrown: unknown): number | undefined
  warn(message: string, cause: unknown): void
}

/** Records how an attempt ended, then calls `done`, whatever became of the record. */
export function recordEnd(ending: Ending, attempt: Attempt, ok: boolean, value: unknown, done: () => void): void {
  const { task, store } = attempt
  const of = { task: task.id, claim: attempt.claim, at: ending.now() }
  const lost = (error: unknown): void => {
    ending.warn(`the end of ${show(task.spec.name)} (${task.id}) was not recorded`, error)
    done()
  }
  const append = (record: TaskRecord, failed = lost): void => whenDone(() => store.append(record), done, failed)
  if (task.zombie === attempt.claim) return append({ type: 'freed', ...of })
  // our own signal first: frameworks report an abort in five different ways
  const cause = task.snapshot.context.stop?.cause
  if (cause === 'cancel' || cause === 'timeout' || (cause === 'shutdown' && !ok)) return append({ type: 'ended', ...of })
  if (!ok) {
    keepThrown(attempt, value)
    const record: FailRecord = { type: 'fail', ...of, error: toFailure(value) }
    const retryAt = ending.retryAt(attempt, value)
    return append(retryAt === undefined ? record : { ...record, retryAt })
  }
  append({ type: 'complete', ...of, result: value }, (error) => {
    if (!OffstageError.is(error, 'INVALID_RESULT')) return lost(error)
    append({ type: 'fail', ...of, error: toFailure(error) })
  })
}

/** The very thing that was thrown, for `cause` in this process; other processes revive the failure. */
function keepThrown({ task }: Attempt, thrown: unknown): void {
  const { local } = task.spec as { local?: { thrown?: unknown } }
  if (local !== undefined) local.thrown = thrown
}
