import type { TaskEvent, TaskLimits } from '../../src/machines/records.ts'
import type { TaskContext } from '../../src/machines/task.ts'

/** When it is in most events of these tests: deadlines and due times lie on either side of it, and before `late`. */
export const now = 100
const past = 50
const future = 150
const late = 300

/** The limits under which tasks are explored. */
export const allLimits: readonly TaskLimits[] = [1, 2].map((maxAttempts) => ({
  timeout: 10,
  grace: 5,
  maxAttempts,
  maxOrphans: 1,
}))

/** Every first record: with and without needs, delay and deadline. */
export function firstLetters(): TaskEvent[] {
  const letters: TaskEvent[] = []
  for (const limits of allLimits) {
    for (const needs of [undefined, [], ['n']]) {
      for (const delay of [undefined, 0, future]) {
        for (const deadline of [undefined, past, future]) {
          letters.push({
            type: 'submit',
            task: 't',
            at: 1,
            name: 't',
            limits,
            ...(needs && { needs }),
            ...(delay !== undefined && { delay }),
            ...(deadline !== undefined && { deadline }),
          })
        }
      }
    }
  }
  return letters
}

/** Every event that makes a difference in a context: current or stale claim, next or wrong number, retry or not. */
export function lettersFor(context: TaskContext): TaskEvent[] {
  const claims = [context.claim ?? 'none', 'stale']
  const of = (claim: string) => ({ task: 't', at: now, claim })
  const letters: TaskEvent[] = [
    { type: 'submit', task: 't', at: now, name: 't', limits: context.limits },
    { type: 'unblock', at: now },
    { type: 'needFailed', at: now, need: 'n', status: 'failed' },
    { type: 'cancel', task: 't', at: now, reason: 'r', by: 'b' },
    { type: 'timeout', scope: 'deadline', task: 't', at: now },
    { type: 'timeout', scope: 'deadline', task: 't', at: late },
    { type: 'start', task: 't', at: late, claim: 'late', run: context.run + 1, worker: 'w' },
    { type: 'expire', worker: context.worker ?? 'w', at: now },
    { type: 'expire', worker: 'other', at: now },
  ]
  for (const run of [context.run, context.run + 1, context.run + 2]) {
    letters.push({ type: 'start', ...of(`c${run}`), run, worker: 'w' })
  }
  for (const claim of claims) {
    for (const type of ['shutdown', 'ended', 'abandon', 'release', 'freed'] as const)
      letters.push({ type, ...of(claim) })
    letters.push({ type: 'progress', ...of(claim), fraction: 0.5 }, { type: 'complete', ...of(claim), result: 1 })
    // two open asks are as good as many, and keep the states finite
    for (const ask of context.asks < 2 ? [context.asks, context.asks + 1] : [context.asks]) {
      letters.push({ type: 'ask', ...of(claim), ask, wait: { kind: 'input' } })
    }
    for (const ask of [1, 2, 3]) letters.push({ type: 'answer', ...of(claim), ask })
    const error = { code: 'ERROR', message: 'm' }
    letters.push({ type: 'fail', ...of(claim), error }, { type: 'timeout', scope: 'attempt', ...of(claim) })
    for (const retryAt of [past, 120, 200]) {
      letters.push(
        { type: 'fail', ...of(claim), error, retryAt },
        { type: 'timeout', scope: 'attempt', ...of(claim), retryAt },
      )
    }
  }
  return letters
}

/** What of a context decides about the next step, beside the state; the rest may grow without making a new state. */
export function abstract({ stop, outcome, ...context }: TaskContext): readonly unknown[] {
  if (outcome !== undefined) return []
  const { limits, deadline, delay, dueAt, run, failures, orphans, asks, waits } = context
  const counts = [limits.maxAttempts, deadline, delay, dueAt, Math.min(run, 3), Math.min(failures, 2), orphans]
  // nothing is asked any more by what is stopping
  if (stop !== undefined) return [...counts, stop.cause, stop.retryAt]
  return [...counts, Math.min(asks, 3), waits.map(({ ask }) => ask)]
}
