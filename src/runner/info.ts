/** @module A task as plain data. */
import type { Failure } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Outcome, TaskState, TaskStatus } from '../machines/task.ts'
import { resultOf } from './outcome.ts'

/** A task as plain data: times are ISO 8601. */
export interface TaskInfo {
  readonly id: string
  readonly name: string
  readonly status: TaskStatus
  readonly state: TaskState
  readonly attempt: number
  readonly maxAttempts: number
  readonly createdAt: string
  readonly startedAt?: string
  readonly completedAt?: string
  readonly dueAt?: string
  readonly deadline?: string
  readonly durationMs?: number
  readonly progress?: number
  readonly message?: string
  readonly result?: unknown
  readonly error?: Failure
  readonly reason?: string
  readonly by?: string
  readonly recipe?: string
  readonly parentId?: string
  readonly retryOf?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** While a task goes on, the failure of the attempt before. */
const failureOf = (outcome: Outcome | undefined, last: Failure | undefined): Failure | undefined => {
  if (outcome === undefined) return last
  return outcome.status === 'failed' ? outcome.error : undefined
}
const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString())

/** The attempt that runs or comes next; of a task that has ended, the last one. From 1. */
export function attemptOf({ settled, state, snapshot, transitions }: StoredTask): number {
  const { failures, orphans, limits } = snapshot.context
  const uncounted = failures + 1
  if (!settled || state === 'completed') return uncounted
  const counted = Math.max(failures, 1)
  // the death of a worker is not a failure of the handler
  if (state === 'failed') return orphans > limits.maxOrphans ? uncounted : counted
  const end = transitions?.findLast(({ to }) => to === state)
  return end?.from.startsWith('running') ? uncounted : counted
}

/** A task as plain data. Fields that say nothing are left out; `0`, `''` and `false` are kept. */
export function taskInfo(task: StoredTask): TaskInfo {
  const { spec, snapshot } = task
  const { context } = snapshot
  const { outcome } = context
  const info: Record<string, unknown> = {
    id: task.id,
    name: spec.name,
    status: task.status,
    state: task.state,
    attempt: attemptOf(task),
    maxAttempts: spec.limits.maxAttempts,
    createdAt: iso(spec.at),
    startedAt: iso(context.startedAt),
    completedAt: iso(context.endedAt),
    dueAt: iso(context.dueAt),
    deadline: iso(context.deadline),
    durationMs:
      context.startedAt === undefined || context.endedAt === undefined
        ? undefined
        : context.endedAt - context.startedAt,
    progress: context.progress?.fraction,
    message: context.progress?.message,
    result: outcome?.status === 'completed' ? resultOf(outcome) : undefined,
    error: failureOf(outcome, context.lastError),
    reason: outcome?.status === 'cancelled' ? outcome.reason : context.stop?.reason,
    by: outcome?.status === 'cancelled' ? outcome.by : context.stop?.by,
    recipe: spec.recipe,
    parentId: spec.parent?.task,
    retryOf: spec.retryOf,
    owner: spec.owner,
    tags: spec.tags,
    metadata: spec.metadata,
  }
  return Object.fromEntries(Object.entries(info).filter(([, value]) => value !== undefined)) as unknown as TaskInfo
}
