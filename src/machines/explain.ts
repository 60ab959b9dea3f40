/** @module Why a task is where it is: as data, and as a sentence. */
import { type Failure, show } from '../errors.ts'
import { iso } from './iso.ts'
import { fullKey, recipeKey, scheduleKey, userKey } from './keys.ts'
import { keysOf, type StoredTask, type StoreState } from './store-state.ts'
import { type Link, stuckOver } from './stuck.ts'
import type { Outcome, Stop, TaskState } from './task.ts'

/** A task that another one waits for. */
export interface Awaited {
  readonly task: string
  readonly state: TaskState
}

/** Who has a place of a key; a zombie's work would not stop, and only its end gives the place back. */
export interface KeyHolder {
  readonly task: string
  readonly worker: string
  readonly zombie: boolean
}

/** Why a task is delayed. */
export type Delay =
  | { readonly because: 'delay' }
  | {
      readonly because: 'retry'
      readonly error: Failure | undefined
      readonly attempt: number
      readonly maxAttempts: number
    }
  /** It is due only at its deadline or after, so the deadline will end it. */
  | { readonly because: 'deadline'; readonly deadline: number }

/** Why a task is where it is. Times are epoch ms. A key is `key:` and the user's, `recipe:` and a name, or `schedule:` and an id. */
export type Reason =
  | { readonly code: 'NEEDS'; readonly needs: readonly Awaited[] }
  | ({ readonly code: 'DELAYED'; readonly until: number } & Delay)
  /** The deadline has passed; whoever notices it ends the task. */
  | { readonly code: 'OVERDUE'; readonly deadline: number }
  | { readonly code: 'KEY_FULL'; readonly key: string; readonly limit: number; readonly holders: readonly KeyHolder[] }
  /** Tasks wait for keys of tasks that wait for them. Only a cancel or a deadline ends it. */
  | { readonly code: 'DEADLOCK_KEYS'; readonly cycle: readonly Link[] }
  /** Nothing in the store holds the task back. */
  | { readonly code: 'QUEUED' }
  | {
      readonly code: 'RUNNING'
      readonly worker: string
      readonly since: number
      readonly attempt: number
      readonly maxAttempts: number
      /** Ms of the attempt; undefined = none. */
      readonly timeout: number | undefined
      readonly deadline: number | undefined
    }
  | {
      readonly code: 'WAITING'
      readonly worker: string
      readonly children: readonly Awaited[]
      readonly inputs: readonly { readonly ask: number; readonly prompt: string | undefined }[]
      /** The keys that its children may use meanwhile. */
      readonly lends: readonly string[]
    }
  | ({ readonly code: 'STOPPING'; readonly since: number; readonly worker: string } & Pick<
      Stop,
      'cause' | 'reason' | 'by'
    >)
  | { readonly code: 'SETTLED'; readonly at: number; readonly outcome: Ending; readonly zombie: boolean }

/** How a task ended, without its result. */
export type Ending =
  | { readonly status: 'completed' }
  | { readonly status: 'failed'; readonly error: Failure }
  | { readonly status: 'cancelled'; readonly reason: string | undefined; readonly by: string | undefined }

/**
 * Says why a task is where it is.
 *
 * @param now Epoch ms: what is delayed until then counts as due.
 */
export function explainTask(state: StoreState, task: StoredTask, now: number): Reason {
  const { context } = task.snapshot
  switch (task.status) {
    case 'pending':
      return explainPending(state, task, now)
    case 'running':
      if (context.stop !== undefined) return explainStop(task, context.stop)
      if (context.waits.length > 0) return explainWait(state, task)
      return {
        code: 'RUNNING',
        worker: context.worker ?? '',
        since: context.startedAt ?? 0,
        attempt: context.failures + 1,
        maxAttempts: context.limits.maxAttempts,
        timeout: context.limits.timeout,
        deadline: context.deadline,
      }
    default:
      return {
        code: 'SETTLED',
        at: context.endedAt ?? 0,
        outcome: endingOf(context.outcome),
        zombie: task.zombie !== undefined,
      }
  }
}

function explainPending(state: StoreState, task: StoredTask, now: number): Reason {
  const { deadline, dueAt, failures, limits, lastError } = task.snapshot.context
  if (deadline !== undefined && deadline <= now) return { code: 'OVERDUE', deadline }
  if (dueAt !== undefined && dueAt > now) {
    const delayed = { code: 'DELAYED', until: dueAt } as const
    if (deadline !== undefined && dueAt >= deadline) return { ...delayed, because: 'deadline', deadline }
    if (failures === 0) return { ...delayed, because: 'delay' }
    return { ...delayed, because: 'retry', error: lastError, attempt: failures + 1, maxAttempts: limits.maxAttempts }
  }
  const cycle = stuckOver(state, task)
  if (cycle !== undefined) return { code: 'DEADLOCK_KEYS', cycle }
  if (task.state === 'pending.blocked') {
    const needs = [...new Set(task.spec.needs)].map((need) => awaited(state, need))
    return { code: 'NEEDS', needs: needs.filter((need) => need.state !== 'completed') }
  }
  const full = fullKey(state, task)
  if (full === undefined) return { code: 'QUEUED' }
  const holders = [...(state.keys.get(full.key)?.holders ?? [])].map((claim) => {
    return { task: claim.task.id, worker: claim.worker, zombie: claim.task.zombie === claim.id }
  })
  return { code: 'KEY_FULL', ...full, holders }
}

function explainWait(state: StoreState, task: StoredTask): Reason {
  const cycle = stuckOver(state, task)
  if (cycle !== undefined) return { code: 'DEADLOCK_KEYS', cycle }
  const { worker = '', waits } = task.snapshot.context
  const children = waits.flatMap(({ wait }) => (wait.kind === 'child' ? [awaited(state, wait.child)] : []))
  const inputs = waits.flatMap(({ ask, wait }) => (wait.kind === 'input' ? [{ ask, prompt: wait.prompt }] : []))
  const lends = children.length > 0 ? keysOf(task).map(({ key }) => key) : []
  return { code: 'WAITING', worker, children, inputs, lends }
}

function explainStop(task: StoredTask, { cause, reason, by }: Stop): Reason {
  const { worker = '', startedAt = 0 } = task.snapshot.context
  const since = task.transitions?.findLast(({ from, to }) => to === task.state && from !== to)?.at ?? startedAt
  return { code: 'STOPPING', cause, since, reason, by, worker }
}

const awaited = (state: StoreState, id: string): Awaited => ({ task: id, state: state.tasks.get(id)?.state ?? 'new' })

function endingOf(outcome: Outcome | undefined): Ending {
  return outcome === undefined || outcome.status === 'completed' ? { status: 'completed' } : outcome
}

/** A reason as one plain sentence. */
export function sentence(reason: Reason): string {
  switch (reason.code) {
    case 'NEEDS':
      return `It waits for what it needs: ${list(reason.needs.map(named))}.`
    case 'DELAYED':
      return delayed(reason)
    case 'OVERDUE':
      return `Its deadline passed at ${iso(reason.deadline)}, so it will end as TIMEOUT without having been started.`
    case 'KEY_FULL': {
      const holders = reason.holders.map(({ task, zombie }) =>
        zombie ? `${task} (ended, but its work still runs)` : task,
      )
      const { key, limit } = reason
      const recipe = recipeOf(key)
      if (recipe !== undefined) return `The recipe ${recipe}'s limit of ${limit} is reached, by ${list(holders)}.`
      if (key.startsWith(scheduleKey))
        return `The tasks of its schedule run one at a time; it waits for ${list(holders)}.`
      return `Its key ${keyName(key)} lets ${count(limit, 'task')} run at a time and is held by ${list(holders)}.`
    }
    case 'DEADLOCK_KEYS':
      return `It is in a deadlock that only a cancel or a deadline ends: ${list(reason.cycle.map(linked))}.`
    case 'QUEUED':
      return 'Nothing holds it back: it starts as soon as a worker that can run it has room.'
    case 'RUNNING': {
      const time = reason.timeout === undefined ? '' : `, for at most ${span(reason.timeout)}`
      const deadline = reason.deadline === undefined ? '' : `, and must end by ${iso(reason.deadline)}`
      return `Attempt ${reason.attempt} of ${reason.maxAttempts} runs on worker ${reason.worker} since ${iso(reason.since)}${time}${deadline}.`
    }
    case 'WAITING': {
      const inputs = reason.inputs.map(({ prompt }) => (prompt === undefined ? 'input' : `input (${show(prompt)})`))
      const lends = reason.lends.length > 0 ? `, and lends ${list(reason.lends.map(lent))} meanwhile` : ''
      return `It waits for ${list([...reason.children.map(named), ...inputs])}${lends}.`
    }
    case 'STOPPING':
      return `It was told to stop at ${iso(reason.since)} because ${causes[reason.cause]}${whom(reason)}, and its work on worker ${reason.worker} has not ended yet.`
    case 'SETTLED': {
      const zombie = reason.zombie ? ', but its work would not stop and still holds its place' : ''
      return `It ${ended(reason.outcome, iso(reason.at))}${zombie}.`
    }
  }
}

const causes = {
  cancel: 'it was cancelled',
  timeout: 'its time was up',
  shutdown: 'its worker shuts down',
} as const satisfies Record<Stop['cause'], string>

function delayed(reason: Extract<Reason, { code: 'DELAYED' }>): string {
  const until = iso(reason.until)
  if (reason.because === 'delay') return `It is delayed until ${until}, as was asked for.`
  if (reason.because === 'deadline') {
    return `It is delayed until ${until}, and will end as TIMEOUT at its deadline, ${iso(reason.deadline)}.`
  }
  const { error, attempt, maxAttempts } = reason
  const after = error === undefined ? '' : ` after ${error.code} (${show(error.message)})`
  return `Attempt ${attempt} of ${maxAttempts} follows at ${until}${after}.`
}

function ended(outcome: Ending, at: string): string {
  if (outcome.status === 'failed') return `failed at ${at} with ${outcome.error.code} (${show(outcome.error.message)})`
  return outcome.status === 'completed' ? `completed at ${at}` : `was cancelled at ${at}${whom(outcome)}`
}

function whom({ reason, by }: { readonly reason: string | undefined; readonly by: string | undefined }): string {
  return `${by === undefined ? '' : ` by ${show(by)}`}${reason === undefined ? '' : ` (${show(reason)})`}`
}

function linked({ task, waits, on, key }: Link): string {
  const recipe = recipeOf(key ?? '')
  if (recipe !== undefined) return `${task} waits for the place of ${on} under the recipe ${recipe}'s limit`
  if (key?.startsWith(scheduleKey)) return `${task} waits for ${on} of the same schedule`
  if (waits === 'key') return `${task} waits for the key ${keyName(key ?? '')} of ${on}`
  return waits === 'need' ? `${task} needs ${on}` : `${task} waits for ${on}`
}

const named = ({ task, state }: Awaited): string => `${task} (${state.split('.').at(-1)})`
const count = (n: number, what: string): string => (n === 1 ? `one ${what}` : `${n} ${what}s`)
const lent = (key: string): string => {
  const recipe = recipeOf(key)
  if (key.startsWith(scheduleKey)) return 'its turn in its schedule'
  return recipe === undefined ? `its key ${keyName(key)}` : `its place under the recipe ${recipe}'s limit`
}
/** The recipe whose own limit a key is. */
const recipeOf = (key: string): string | undefined =>
  key.startsWith(recipeKey) ? key.slice(recipeKey.length) : undefined
const keyName = (key: string): string => show(key.startsWith(userKey) ? key.slice(userKey.length) : key)

/** In the largest unit that says it exactly. */
function span(ms: number): string {
  if (ms % 3_600_000 === 0) return `${ms / 3_600_000} h`
  if (ms % 60_000 === 0) return `${ms / 60_000} min`
  return ms % 1_000 === 0 ? `${ms / 1_000} s` : `${ms} ms`
}

const listed = 5

function list(items: readonly string[]): string {
  const few = items.length > listed ? [...items.slice(0, listed), `${items.length - listed} more`] : items
  return few.length < 2 ? few.join('') : `${few.slice(0, -1).join(', ')} and ${few.at(-1)}`
}
