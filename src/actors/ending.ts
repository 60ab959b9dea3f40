/** @module How the end of an attempt is recorded: the one place that decides between the records that may end it. */
import { toFailure } from '../errors.ts'
import type { TaskRecord } from '../machines/records.ts'
import type { Attempt } from './attempt.ts'

/**
 * The record of an end.
 *
 * @param ok Whether the handler returned; `value` is then its result, otherwise what it threw.
 * @param retryAt When to try again after a failure; undefined = never.
 */
export function endRecord(
  attempt: Attempt,
  at: number,
  ok: boolean,
  value: unknown,
  retryAt: () => number | undefined,
): TaskRecord {
  const { task: stored, claim } = attempt
  const task = stored.id
  if (stored.zombie === claim) return { type: 'freed', task, claim, at }
  // our own signal first: frameworks report an abort in five different ways
  const cause = stored.snapshot.context.stop?.cause
  if (cause === 'cancel' || cause === 'timeout' || (cause === 'shutdown' && !ok))
    return { type: 'ended', task, claim, at }
  if (ok) return { type: 'complete', task, claim, at, result: value }
  keepThrown(attempt, value)
  const error = toFailure(value)
  const again = retryAt()
  return again === undefined
    ? { type: 'fail', task, claim, at, error }
    : { type: 'fail', task, claim, at, error, retryAt: again }
}

/** The very thing that was thrown, for `cause` in this process; other processes revive the failure. */
function keepThrown({ task }: Attempt, thrown: unknown): void {
  const { local } = task.spec as { local?: { thrown?: unknown } }
  if (local !== undefined) local.thrown = thrown
}
