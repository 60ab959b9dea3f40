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
  /** What it waits to be told: see `task.answer`. */
  readonly asks?: readonly OpenInput[]
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

/** An input that a handler has asked for. */
export interface OpenInput {
  /** Its number within the attempt, from 1. */
  readonly ask: number
  readonly prompt?: string
}

/** What a task asks for and has not been given, oldest first. */
export function openInputs({ snapshot }: StoredTask): readonly OpenInput[] {
  return snapshot.context.waits.flatMap(({ ask, wait }) => {
    if (wait.kind !== 'input') return []
    return [wait.prompt === undefined ? { ask } : { ask, prompt: wait.prompt }]
  })
}

/** While a task goes on, the failure of the attempt before. */
const failureOf = (outcome: Outcome | undefined, last: Failure | undefined): Failure | undefined => {
  if (outcome === undefined) return last
  return outcome.status === 'failed' ? outcome.error : undefined
}
/** What `Date` can hold. */
const latest = 8.64e15

function isoOf(at: number): string {
  // a journal may say anything
  return Math.abs(at) <= latest ? new Date(at).toISOString() : String(at)
}
const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : isoOf(at))

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
  const { outcome, startedAt, endedAt } = context
  const info: { -readonly [Member in keyof TaskInfo]: TaskInfo[Member] } = {
    id: task.id,
    name: spec.name,
    status: task.status,
    state: task.state,
    attempt: attemptOf(task),
    maxAttempts: spec.limits.maxAttempts,
    createdAt: isoOf(spec.at),
  }
  // one by one: lists have many tasks, and an object made from entries takes five times as long
  const put = <Member extends keyof TaskInfo>(member: Member, value: TaskInfo[Member] | undefined): void => {
    if (value !== undefined) info[member] = value
  }
  put('startedAt', iso(startedAt))
  put('completedAt', iso(endedAt))
  put('dueAt', iso(context.dueAt))
  put('deadline', iso(context.deadline))
  put('durationMs', startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt)
  put('progress', context.progress?.fraction)
  put('message', context.progress?.message)
  put('asks', context.waits.some(({ wait }) => wait.kind === 'input') ? openInputs(task) : undefined)
  put('result', outcome?.status === 'completed' ? resultOf(outcome) : undefined)
  put('error', failureOf(outcome, context.lastError))
  put('reason', outcome?.status === 'cancelled' ? outcome.reason : context.stop?.reason)
  put('by', outcome?.status === 'cancelled' ? outcome.by : context.stop?.by)
  put('recipe', spec.recipe)
  put('parentId', spec.parent?.task)
  put('retryOf', spec.retryOf)
  put('owner', spec.owner)
  put('tags', spec.tags)
  put('metadata', spec.metadata)
  return info
}
