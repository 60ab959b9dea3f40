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
  if (isOurs(thrown, 'NonRetryableError') || OffstageError.is(thrown, 'INVALID_INPUT')) return undefined
  if (isOurs(thrown, 'RetryAfterError')) return read((thrown as { after?: unknown }).after)
  if (retry.when === undefined) return usual
  try {
    const answer = retry.when(thrown, failures)
    return typeof answer === 'boolean' ? (answer ? usual : undefined) : read(answer)
  } catch (error) {
    warn(`retry.when of ${show(task.spec.name)} threw; the task is not tried again`, error)
    return undefined
  }
}

/** By brand and name: the class may exist twice, and an error from a thread has lost it. */
function isOurs(thrown: unknown, name: string): boolean {
  return OffstageError.is(thrown) && thrown.name === name
}
