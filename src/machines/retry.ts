/** @module The arithmetic of retries: how long to wait after which failure. */

/** How retries are spaced. Times in ms. */
export interface RetryPolicy {
  /** How often the task may run in all, the first time included. */
  readonly attempts: number
  readonly backoff: 'fixed' | 'exponential'
  readonly minDelay: number
  readonly maxDelay: number
  /** The part of the delay, from 0 to 1, that is drawn at random. */
  readonly jitter: number
}

/** How the retries of one task are spaced, where its submit says so; the rest is up to its recipe. */
export type RetrySpacing = Partial<Omit<RetryPolicy, 'attempts'>>

/**
 * The delay in ms before the next attempt.
 *
 * @param failures How many attempts have failed so far, this one included.
 * @param random A number from 0 (included) to 1 (excluded).
 */
export function retryDelay(policy: RetryPolicy, failures: number, random: number): number {
  const growth = policy.backoff === 'fixed' ? 1 : 2 ** Math.min(failures - 1, 52)
  const delay = Math.min(policy.minDelay * growth, policy.maxDelay)
  return Math.round(delay * (1 - policy.jitter * random))
}
