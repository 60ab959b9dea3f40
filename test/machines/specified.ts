import type { TaskEvent } from '../../src/machines/records.ts'
import type { TaskContext, TaskState } from '../../src/machines/task.ts'

/** Whatever an event may carry. */
interface Given {
  readonly claim?: string
  readonly worker?: string
  readonly run?: number
  readonly ask?: number
  readonly at: number
  readonly retryAt?: number
  readonly scope?: string
  readonly needs?: readonly string[]
  readonly delay?: number
}
type When = (task: TaskContext, event: Given) => boolean
/** What happens in one state: the first row whose condition holds says where the task goes. */
type Cell = readonly (readonly [when: When, to: TaskState])[]
type Row = Partial<Record<TaskState, Cell>>

const always: When = () => true
const both =
  (one: When, other: When): When =>
  (task, event) =>
    one(task, event) && other(task, event)
const inTime = (time: number, { deadline }: TaskContext): boolean => !(deadline !== undefined && time >= deadline)

/** c: the record's claim is the current one. */
const c: When = (task, { claim }) => task.claim !== undefined && task.claim === claim
/** g1 */
const hasNeeds: When = (_, { needs = [] }) => needs.length > 0
const hasDelay: When = (_, { delay }) => delay !== undefined
const hadDelay: When = ({ delay }) => delay !== undefined
/** g2, as far as it concerns one task. */
const g2: When = (task, { run, at }) => run === task.run + 1 && inTime(at, task)
const g3: When = ({ dueAt }, { at }) => dueAt !== undefined && at >= dueAt
const g4: When = ({ asks }, { ask }) => ask === asks + 1
const g5: When = ({ waits }, { ask }) => waits.some((open) => open.ask === ask)
const isLast: When = ({ waits }) => waits.length === 1
const mayRetry = (task: TaskContext, retryAt: number | undefined): boolean =>
  retryAt !== undefined && task.failures + 1 < task.limits.maxAttempts && inTime(retryAt, task)
const g6: When = (task, { retryAt }) => mayRetry(task, retryAt)
/** T: g6 for the time that came with the timeout. */
const retried: When = (task) => mayRetry(task, task.stop?.retryAt)
const attempt: When = (_, { scope }) => scope === 'attempt'
const g7: When = (task, { scope, at }) => scope === 'deadline' && !inTime(at, task)
const hasRetry: When = ({ stop }) => stop?.retryAt !== undefined
const g8: When = (task, { worker }) => task.worker !== undefined && task.worker === worker
const g9: When = ({ orphans, limits }) => orphans < limits.maxOrphans

const [Q, D, B] = ['pending.queued', 'pending.delayed', 'pending.blocked'] as const
const [X, W] = ['running.executing', 'running.waiting'] as const
const [Ss, St, Sc] = ['running.stopping.shutdown', 'running.stopping.timeout', 'running.stopping.cancel'] as const

const to = (state: TaskState, when: When = c): Cell => [[when, state]]
const afterTimeout = (when: When): Cell => [
  [both(when, retried), D],
  [when, 'failed'],
]
const fails: Cell = [
  [both(c, g6), D],
  [c, 'failed'],
]
const stops: Cell = [
  [both(c, attempt), St],
  [g7, St],
]
const overdue = to('failed', g7)
const expires: Cell = [
  [both(g8, g9), Q],
  [g8, 'failed'],
]

/** The lifecycle as it was specified and model-checked before there was code. A state that is not named: void. */
export const specified: Readonly<Record<TaskEvent['type'], Row>> = {
  submit: {
    new: [
      [hasNeeds, B],
      [hasDelay, D],
      [always, Q],
    ],
  },
  unblock: {
    [B]: [
      [hadDelay, D],
      [always, Q],
    ],
  },
  needFailed: { [B]: to('failed', always) },
  start: { [Q]: to(X, g2), [D]: to(X, both(g2, g3)) },
  progress: { [X]: to(X), [W]: to(W), [Ss]: to(Ss), [St]: to(St), [Sc]: to(Sc) },
  ask: { [X]: to(W, both(c, g4)), [W]: to(W, both(c, g4)) },
  answer: {
    [W]: [
      [both(c, both(g5, isLast)), X],
      [both(c, g5), W],
    ],
  },
  complete: {
    [X]: to('completed'),
    [W]: to('completed'),
    [Ss]: to('completed'),
    [St]: afterTimeout(c),
    [Sc]: to('cancelled'),
  },
  fail: { [X]: fails, [W]: fails, [Ss]: fails, [St]: afterTimeout(c), [Sc]: to('cancelled') },
  ended: { [Ss]: to(Q), [St]: afterTimeout(c), [Sc]: to('cancelled') },
  release: { [X]: to(Q), [W]: to(Q), [Ss]: to(Q), [St]: afterTimeout(c), [Sc]: to('cancelled') },
  shutdown: { [X]: to(Ss), [W]: to(Ss) },
  timeout: {
    [Q]: overdue,
    [D]: overdue,
    [B]: overdue,
    [X]: stops,
    [W]: stops,
    [Ss]: stops,
    [St]: to(St, both(g7, hasRetry)),
  },
  cancel: {
    [Q]: to('cancelled', always),
    [D]: to('cancelled', always),
    [B]: to('cancelled', always),
    [X]: to(Sc, always),
    [W]: to(Sc, always),
    [Ss]: to(Sc, always),
    [St]: to(Sc, always),
  },
  abandon: { [St]: to('failed'), [Sc]: to('cancelled') },
  expire: { [X]: expires, [W]: expires, [Ss]: to(Q, g8), [St]: afterTimeout(g8), [Sc]: to('cancelled', g8) },
  // like forget, for the fold around the chart: the zombie is not in it
  freed: {},
}

/** Where the specification sends a task; undefined: the event is void. */
export function specifiedTarget(state: string, task: TaskContext, event: TaskEvent): TaskState | undefined {
  const cell = specified[event.type][state as TaskState] ?? []
  return cell.find(([when]) => when(task, event as Given))?.[1]
}
