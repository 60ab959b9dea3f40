/** @module Whether and when a failed attempt is followed by another. */
import { type Duration, parseDuration } from '../duration.ts'
import { OffstageError, show } from '../errors.ts'
import { type RetryPolicy, retryDelay } from '../machines/retry.ts'
import type { StoredTask } from '../machines/store-state.ts'

/** How a task is tried again, with the user's own judgement of a failure. */
export interface Retry extends RetryPolicy {
  readonly when: ((error: unknown, attempt: number) => boolean | Duration) | undefined
}

/** What an attempt failed by: its time, or what its handler threw. */
export type Failing = { readonly by: 'timeout' } | { readonly by: 'throw'; readonly thrown: unknown }

/**
 * When to try again in epoch ms, or undefined for never.
 *
 * @param draw A number from 0 (included) to 1 (excluded), for the jitter.
 * @param warn Told of a `when` that throws, or that asks for an impossible delay.
 */
export function retryAt(
  task: StoredTask,
  failing: Failing,
  retry: Retry,
  at: number,
  draw: number,
  warn: (message: string, cause: unknown) => void,
): number | undefined {
  const failures = task.snapshot.context.failures + 1
  if (failures >= task.spec.limits.maxAttempts) return undefined
  const usual = at + retryDelay(retry, failures, draw)
  if (failing.by === 'timeout') return usual
  const { thrown } = failing
  const read = (delay: unknown): number => {
    try {
      return at + parseDuration(delay, 'the delay before a retry', { min: 0 })
    } catch (error) {
      warn(`${show(task.spec.name)} asked for an impossible delay before its retry`, error)
      return usual
    }
  }
  const wish = wishOf(thrown)
  if (wish === 'never') return undefined
  if (wish !== undefined) return read(wish.after)
  if (retry.when === undefined) return usual
  try {
    const answer = retry.when(thrown, failures)
    return typeof answer === 'boolean' ? (answer ? usual : undefined) : read(answer)
  } catch (error) {
    warn(`retry.when of ${show(task.spec.name)} threw; the task is not tried again`, error)
    return undefined
  }
}

/** What the thrown thing itself asks for, by brand and name: the class may exist twice, and an error from a thread has lost it. */
function wishOf(thrown: unknown): 'never' | { readonly after: unknown } | undefined {
  try {
    if (!OffstageError.is(thrown)) return undefined
    if (thrown.name === 'NonRetryableError' || thrown.code === 'INVALID_INPUT') return 'never'
    return thrown.name === 'RetryAfterError' ? { after: (thrown as { after?: unknown }).after } : undefined
  } catch {
    // something that cannot be read asks for nothing
    return undefined
  }
}
