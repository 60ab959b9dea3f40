/** @module A task in one row. */
import { statusOf, type TaskSnapshot } from '../../machines/store-state.ts'
import type { TaskState } from '../../machines/task.ts'
import type { Position, TaskRow } from '../protocol.ts'
import type { Track } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const longestError = 2_000
const tagsShown = 32

/** A task at a moment; undefined where it was not there. */
export function rowAt(id: string, n: Position, host: ViewHost): TaskRow | undefined {
  const track = host.recorded.track(id)
  const snapshot = track && host.recorded.snapshotAt(track, n)
  return track === undefined || snapshot === undefined ? undefined : rowOf(track, snapshot, host)
}

export function rowOf({ task }: Track, snapshot: TaskSnapshot, { redact }: ViewHost): TaskRow {
  const { spec } = task
  const { startedAt, endedAt, dueAt, worker, progress, outcome, lastError, stop } = snapshot.context
  const failure = outcome === undefined ? lastError : outcome.status === 'failed' ? outcome.error : undefined
  const reason = outcome?.status === 'cancelled' ? outcome.reason : stop?.reason
  const error = failure === undefined ? reason : `${failure.code}: ${failure.message}`
  const row: { -readonly [Member in keyof TaskRow]: TaskRow[Member] } = {
    id: task.id,
    name: shown(spec.name, redact),
    state: snapshot.leaf.name as TaskState,
    status: statusOf(snapshot),
    attempt: attemptAt(snapshot),
    createdAt: spec.at,
  }
  // one by one: lists have many rows, and most members are missing
  if (spec.recipe !== undefined) row.recipe = shown(spec.recipe, redact)
  if (progress !== undefined) {
    row.progress = progress.fraction
    if (progress.message !== undefined) row.message = shown(progress.message, redact, 500)
  }
  if (startedAt !== undefined) row.startedAt = startedAt
  if (endedAt !== undefined) row.endedAt = endedAt
  if (dueAt !== undefined) row.dueAt = dueAt
  if (worker !== undefined) row.worker = shown(worker, redact)
  if (error !== undefined) row.error = shown(error, redact, longestError)
  if (spec.owner !== undefined) row.owner = shown(spec.owner, redact)
  if (spec.tags !== undefined) row.tags = spec.tags.slice(0, tagsShown).map((tag) => shown(tag, redact))
  return row
}

/** The attempt that runs or comes next; of a task that failed, the last one. */
function attemptAt({ leaf, context }: TaskSnapshot): number {
  const { failures, orphans, limits } = context
  const isOver = leaf.name === 'failed' && orphans <= limits.maxOrphans
  return isOver ? Math.max(failures, 1) : failures + 1
}
