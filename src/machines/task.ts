/** @module The task chart: what may happen to a task, and when. Everything else is this chart seen from another side. */
import { assign, setup } from 'xstate'
import type { Failure } from '../errors.ts'
import { whole } from './compile.ts'
import type { AskRecord, BlobRef, TaskEvent, TaskLimits, WaitFor } from './records.ts'

export type TaskStatus = 'pending' | 'running' | 'completed' | 'failed' | 'cancelled'

/** The leaves of the chart, as dotted names. */
export type TaskState =
  | 'new'
  | `pending.${'queued' | 'delayed' | 'blocked'}`
  | `running.${'executing' | 'waiting' | 'stopping.shutdown' | 'stopping.timeout' | 'stopping.cancel'}`
  | 'completed'
  | 'failed'
  | 'cancelled'

/** Why a running task was asked to stop. */
export interface Stop {
  readonly cause: 'cancel' | 'timeout' | 'shutdown'
  readonly reason: string | undefined
  readonly by: string | undefined
  readonly retryAt: number | undefined
}

/** How a task ended. */
export type Outcome =
  | { readonly status: 'completed'; readonly result: unknown; readonly blob?: BlobRef }
  | { readonly status: 'failed'; readonly error: Failure }
  | { readonly status: 'cancelled'; readonly reason: string | undefined; readonly by: string | undefined }

/** An open wait of a running task. */
export interface OpenAsk {
  readonly ask: number
  readonly wait: WaitFor
}

export interface TaskContext {
  /** Raised by every accepted record. */
  readonly version: number
  readonly limits: TaskLimits
  readonly delay: number | undefined
  readonly deadline: number | undefined
  /** Epoch ms; set while delayed. */
  readonly dueAt: number | undefined
  /** How often the task was started: the fence. */
  readonly run: number
  readonly failures: number
  readonly orphans: number
  readonly claim: string | undefined
  readonly worker: string | undefined
  /** Epoch ms of the latest start, and of the end. */
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly progress: { readonly fraction: number; readonly message: string | undefined } | undefined
  /** Asks made under the current claim, and those still open. */
  readonly asks: number
  readonly waits: readonly OpenAsk[]
  readonly stop: Stop | undefined
  /** The failure of the attempt before, and the outcome of the task. */
  readonly lastError: Failure | undefined
  readonly outcome: Outcome | undefined
}

type Of<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>
interface Args {
  readonly context: TaskContext
  readonly event: TaskEvent
}

const none: readonly OpenAsk[] = Object.freeze([])
const blank: TaskContext = Object.freeze({
  version: 0,
  limits: Object.freeze({ timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }),
  delay: undefined,
  deadline: undefined,
  dueAt: undefined,
  run: 0,
  failures: 0,
  orphans: 0,
  claim: undefined,
  worker: undefined,
  startedAt: undefined,
  endedAt: undefined,
  progress: undefined,
  asks: 0,
  waits: none,
  stop: undefined,
  lastError: undefined,
  outcome: undefined,
})

const as = <T extends TaskEvent['type']>(event: TaskEvent): Of<T> => event as Of<T>
const claimOf = (event: TaskEvent): string | undefined => (event as { claim?: string }).claim
const before = (at: number, deadline: number | undefined): boolean => deadline === undefined || at < deadline
const timedOut = (context: TaskContext, at: number): Failure => ({
  code: 'TIMEOUT',
  message: before(at, context.deadline)
    ? `the attempt did not end within ${context.limits.timeout} ms`
    : 'the task did not end before its deadline',
})
const lost: Failure = Object.freeze({ code: 'LOST', message: 'the worker that ran the task died' })

interface Counts {
  readonly failures?: number
  readonly orphans?: number
}

/** A way out of `running` and of `pending` into a final state. Whole, as all that every task goes through: it is cheaper. */
const settle = (context: TaskContext, at: number, outcome: Outcome, counts?: Counts): TaskContext => ({
  version: context.version + 1,
  limits: context.limits,
  delay: context.delay,
  deadline: context.deadline,
  dueAt: undefined,
  run: context.run,
  failures: counts?.failures ?? context.failures,
  orphans: counts?.orphans ?? context.orphans,
  claim: undefined,
  worker: undefined,
  startedAt: context.startedAt,
  endedAt: at,
  progress: context.progress,
  asks: 0,
  waits: none,
  stop: undefined,
  lastError: outcome.status === 'failed' ? outcome.error : context.lastError,
  outcome,
})
const fail = (context: TaskContext, at: number, error: Failure, counts?: Counts): TaskContext =>
  settle(context, at, { status: 'failed', error }, counts)

/** A way out of `running` back into `pending`. */
const handBack = (context: TaskContext, counts: Counts = {}, dueAt?: number, error = context.lastError) => ({
  version: context.version + 1,
  claim: undefined,
  worker: undefined,
  asks: 0,
  waits: none,
  stop: undefined,
  dueAt,
  failures: counts.failures ?? context.failures,
  orphans: counts.orphans ?? context.orphans,
  lastError: error,
})
const stopping = (context: TaskContext, stop: Partial<Stop> & Pick<Stop, 'cause'>) => ({
  version: context.version + 1,
  waits: none,
  stop: { cause: stop.cause, reason: stop.reason, by: stop.by, retryAt: stop.retryAt },
})
const mayRetry = (context: TaskContext, retryAt: number | undefined): retryAt is number =>
  retryAt !== undefined && context.failures + 1 < context.limits.maxAttempts && before(retryAt, context.deadline)
const isCurrent = ({ context, event }: Args): boolean => context.claim !== undefined && claimOf(event) === context.claim
const isDeadline = ({ context, event }: Args): boolean =>
  event.type === 'timeout' && event.scope === 'deadline' && !before(event.at, context.deadline)
const isExpired = ({ context, event }: Args): boolean =>
  context.worker !== undefined && as<'expire'>(event).worker === context.worker
const mayStart = ({ context, event }: Args): boolean => {
  const { run, at } = as<'start'>(event)
  return run === context.run + 1 && before(at, context.deadline)
}

const base = setup({
  types: {} as { context: TaskContext; events: TaskEvent; output: Outcome },
  guards: {
    hasNeeds: ({ event }) => (as<'submit'>(event).needs?.length ?? 0) > 0,
    hasDelay: ({ context, event }) => (event.type === 'submit' ? event.delay : context.delay) !== undefined,
    mayStart,
    mayStartDelayed: (args) => mayStart(args) && args.event.at >= (args.context.dueAt ?? Number.POSITIVE_INFINITY),
    isCurrent,
    isNextAsk: (args) => isCurrent(args) && as<'ask'>(args.event).ask === args.context.asks + 1,
    isOpenAsk: (args) =>
      isCurrent(args) && args.context.waits.some((open) => open.ask === as<'answer'>(args.event).ask),
    isLastAsk: (args) =>
      isCurrent(args) && args.context.waits.length === 1 && args.context.waits[0]?.ask === as<'answer'>(args.event).ask,
    isRetried: (args) => isCurrent(args) && mayRetry(args.context, as<'fail'>(args.event).retryAt),
    isAttemptTimeout: (args) => isCurrent(args) && (args.event as { scope?: string }).scope === 'attempt',
    isDeadline,
    isDeadlineWithRetry: (args) => isDeadline(args) && args.context.stop?.retryAt !== undefined,
    isExpired,
    isOrphan: (args) => isExpired(args) && args.context.orphans < args.context.limits.maxOrphans,
    // the work has ended, one way or another, after a timeout
    endsRetried: (args) => isCurrent(args) && mayRetry(args.context, args.context.stop?.retryAt),
    expiresRetried: (args) => isExpired(args) && mayRetry(args.context, args.context.stop?.retryAt),
  },
  actions: {
    submitted: assign(
      whole(({ context, event }: Args): TaskContext => {
        const { limits, delay, deadline } = as<'submit'>(event)
        return {
          version: 1,
          limits,
          delay,
          deadline,
          dueAt: undefined,
          run: 0,
          failures: 0,
          orphans: 0,
          claim: undefined,
          worker: undefined,
          startedAt: undefined,
          endedAt: undefined,
          progress: undefined,
          asks: 0,
          waits: none,
          stop: undefined,
          lastError: context.lastError,
          outcome: undefined,
        }
      }),
    ),
    delayed: assign(({ context, event }) => ({
      dueAt: event.at + ((event.type === 'submit' ? event.delay : context.delay) ?? 0),
    })),
    counted: assign(({ context }) => ({ version: context.version + 1 })),
    needFailed: assign(({ context, event }) => {
      const { need, status, at } = as<'needFailed'>(event)
      const ended = { gone: 'is gone', failed: 'failed', cancelled: 'was cancelled' }[status]
      return fail(context, at, { code: 'DEPENDENCY', message: `the task it needs (${need}) ${ended}` })
    }),
    started: assign(
      whole(({ context, event }: Args): TaskContext => {
        const { run, claim, worker, at } = as<'start'>(event)
        return {
          version: context.version + 1,
          limits: context.limits,
          delay: context.delay,
          deadline: context.deadline,
          dueAt: undefined,
          run,
          failures: context.failures,
          orphans: context.orphans,
          claim,
          worker,
          startedAt: at,
          endedAt: undefined,
          progress: undefined,
          asks: 0,
          waits: none,
          stop: undefined,
          lastError: context.lastError,
          outcome: undefined,
        }
      }),
    ),
    progressed: assign(({ context, event }) => {
      const { fraction, message } = as<'progress'>(event)
      return { version: context.version + 1, progress: { fraction, message } }
    }),
    asked: assign(({ context, event }) => {
      const { ask, wait } = as<'ask'>(event) as AskRecord
      return { version: context.version + 1, asks: ask, waits: [...context.waits, { ask, wait }] }
    }),
    answered: assign(({ context, event }) => {
      const { ask } = as<'answer'>(event)
      return { version: context.version + 1, waits: context.waits.filter((open) => open.ask !== ask) }
    }),
    completed: assign(
      whole(({ context, event }: Args) => {
        const { result, resultBlob, at } = as<'complete'>(event)
        return settle(
          context,
          at,
          resultBlob === undefined
            ? { status: 'completed', result }
            : { status: 'completed', result, blob: resultBlob },
        )
      }),
    ),
    retried: assign(({ context, event }) => {
      const { error, retryAt } = as<'fail'>(event)
      return handBack(context, { failures: context.failures + 1 }, retryAt, error)
    }),
    failed: assign(({ context, event }) => {
      const { error, at } = as<'fail'>(event)
      return fail(context, at, error, { failures: context.failures + 1 })
    }),
    timeoutRetried: assign(({ context, event }) => {
      const counts = { failures: context.failures + 1 }
      return handBack(context, counts, context.stop?.retryAt, timedOut(context, event.at))
    }),
    timedOut: assign(({ context, event }) =>
      fail(context, event.at, timedOut(context, event.at), { failures: context.failures + 1 }),
    ),
    neverStarted: assign(({ context, event }) => fail(context, event.at, timedOut(context, event.at))),
    handedBack: assign(({ context }) => handBack(context)),
    orphaned: assign(({ context }) => handBack(context, { orphans: context.orphans + 1 })),
    lost: assign(({ context, event }) => fail(context, event.at, lost, { orphans: context.orphans + 1 })),
    stopForCancel: assign(({ context, event }) => {
      const { reason, by } = as<'cancel'>(event)
      return stopping(context, { cause: 'cancel', reason, by })
    }),
    stopForTimeout: assign(({ context, event }) =>
      stopping(context, { cause: 'timeout', retryAt: (event as { retryAt?: number }).retryAt }),
    ),
    stopForShutdown: assign(({ context }) => stopping(context, { cause: 'shutdown' })),
    cancelled: assign(({ context, event }) => {
      const { reason, by } = context.stop ?? as<'cancel'>(event)
      return settle(context, event.at, { status: 'cancelled', reason, by })
    }),
  },
})

/** After a timeout: back to delayed while attempts are left, otherwise failed. */
const afterTimeout = [
  { guard: 'endsRetried', target: '#task.pending.delayed', actions: 'timeoutRetried' },
  { guard: 'isCurrent', target: '#task.failed', actions: 'timedOut' },
] as const
const afterCancel = { guard: 'isCurrent', target: '#task.cancelled', actions: 'cancelled' } as const
const settled = [
  { guard: 'isRetried', target: '#task.pending.delayed', actions: 'retried' },
  { guard: 'isCurrent', target: '#task.failed', actions: 'failed' },
] as const
const toQueue = { guard: 'isCurrent', target: '#task.pending.queued', actions: 'handedBack' } as const
const orphaned = [
  { guard: 'isOrphan', target: '#task.pending.queued', actions: 'orphaned' },
  { guard: 'isExpired', target: '#task.failed', actions: 'lost' },
] as const
const toTimeout = { target: '#task.running.stopping.timeout', actions: 'stopForTimeout' } as const
const overdue = { guard: 'isDeadline', target: '#task.failed', actions: 'neverStarted' } as const
const stopLate = [
  { guard: 'isAttemptTimeout', ...toTimeout },
  { guard: 'isDeadline', ...toTimeout },
] as const
const completes = { guard: 'isCurrent', target: '#task.completed', actions: 'completed' } as const
const toShutdown = {
  guard: 'isCurrent',
  target: '#task.running.stopping.shutdown',
  actions: 'stopForShutdown',
} as const

/**
 * The chart of a task. Open it in Stately's editor, run it with XState, or read the table made from it in the docs.
 *
 * @example
 * ```ts
 * import { taskMachine, toMermaid } from 'offstage/machines'
 *
 * toMermaid(taskMachine) // a Mermaid state diagram
 * ```
 */
export const taskMachine = base.createMachine({
  id: 'task',
  context: blank,
  initial: 'new',
  output: ({ context }) => context.outcome as Outcome,
  states: {
    new: {
      on: {
        submit: [
          { guard: 'hasNeeds', target: 'pending.blocked', actions: 'submitted' },
          { guard: 'hasDelay', target: 'pending.delayed', actions: ['submitted', 'delayed'] },
          { target: 'pending.queued', actions: 'submitted' },
        ],
      },
    },
    pending: {
      initial: 'queued',
      on: {
        cancel: { target: '#task.cancelled', actions: 'cancelled' },
        timeout: overdue,
      },
      states: {
        queued: { on: { start: { guard: 'mayStart', target: '#task.running', actions: 'started' } } },
        delayed: { on: { start: { guard: 'mayStartDelayed', target: '#task.running', actions: 'started' } } },
        blocked: {
          on: {
            unblock: [
              { guard: 'hasDelay', target: 'delayed', actions: ['counted', 'delayed'] },
              { target: 'queued', actions: 'counted' },
            ],
            needFailed: { target: '#task.failed', actions: 'needFailed' },
          },
        },
      },
    },
    running: {
      initial: 'executing',
      on: {
        progress: { guard: 'isCurrent', actions: 'progressed' },
      },
      states: {
        executing: {
          on: {
            ask: { guard: 'isNextAsk', target: 'waiting', actions: 'asked' },
            complete: completes,
            fail: settled,
            release: toQueue,
            shutdown: toShutdown,
            timeout: stopLate,
            cancel: { target: 'stopping.cancel', actions: 'stopForCancel' },
            expire: orphaned,
          },
        },
        waiting: {
          on: {
            ask: { guard: 'isNextAsk', actions: 'asked' },
            answer: [
              { guard: 'isLastAsk', target: 'executing', actions: 'answered' },
              { guard: 'isOpenAsk', actions: 'answered' },
            ],
            complete: completes,
            fail: settled,
            release: toQueue,
            shutdown: toShutdown,
            timeout: stopLate,
            cancel: { target: 'stopping.cancel', actions: 'stopForCancel' },
            expire: orphaned,
          },
        },
        stopping: {
          initial: 'shutdown',
          states: {
            shutdown: {
              on: {
                complete: completes,
                fail: settled,
                ended: toQueue,
                release: toQueue,
                timeout: stopLate,
                cancel: { target: 'cancel', actions: 'stopForCancel' },
                expire: { guard: 'isExpired', target: '#task.pending.queued', actions: 'handedBack' },
              },
            },
            timeout: {
              on: {
                complete: afterTimeout,
                fail: afterTimeout,
                ended: afterTimeout,
                release: afterTimeout,
                timeout: { guard: 'isDeadlineWithRetry', actions: 'stopForTimeout' },
                cancel: { target: 'cancel', actions: 'stopForCancel' },
                abandon: { guard: 'isCurrent', target: '#task.failed', actions: 'timedOut' },
                expire: [
                  { guard: 'expiresRetried', target: '#task.pending.delayed', actions: 'timeoutRetried' },
                  { guard: 'isExpired', target: '#task.failed', actions: 'timedOut' },
                ],
              },
            },
            cancel: {
              on: {
                complete: afterCancel,
                fail: afterCancel,
                ended: afterCancel,
                release: afterCancel,
                abandon: afterCancel,
                expire: { guard: 'isExpired', target: '#task.cancelled', actions: 'cancelled' },
              },
            },
          },
        },
      },
    },
    completed: { type: 'final' },
    failed: { type: 'final' },
    cancelled: { type: 'final' },
  },
})
