/** @module The `retry` option: what users write, and what the runner works with. */
import type { Retry } from '../actors/retry.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { checkFunction, checkInteger, checkNumber, checkOneOf, checkOptions } from '../validate.ts'

/** How a failed task is tried again. */
export interface RetryOptions {
  /** How often the task may run in all, the first time included. @default 1 */
  readonly attempts?: number
  /** Whether the delay doubles after each failure. @default 'exponential' */
  readonly backoff?: 'fixed' | 'exponential'
  /** The delay after the first failure. @default '1s' */
  readonly minDelay?: Duration
  /** The longest delay. @default '5m' */
  readonly maxDelay?: Duration
  /** The part of the delay, from 0 to 1, that is drawn at random. @default 0.2 */
  readonly jitter?: number
  /** Judges one failure: false ends the task, a duration is the delay. `@default` every failure is retried */
  readonly when?: (error: unknown, attempt: number) => boolean | Duration
}

const known = new Set(['attempts', 'backoff', 'minDelay', 'maxDelay', 'jitter', 'when'])

/** One attempt only. */
export const noRetry: Retry = Object.freeze({
  attempts: 1,
  backoff: 'exponential',
  minDelay: 1_000,
  maxDelay: 300_000,
  jitter: 0.2,
  when: undefined,
})

/** @throws {ValidationError} */
export function readRetry(options: RetryOptions | undefined, base: Retry = noRetry): Retry {
  if (options === undefined) return base
  checkOptions(options, known, 'retry')
  const { attempts, backoff, minDelay, maxDelay, jitter, when } = options
  return {
    attempts: attempts === undefined ? base.attempts : checkInteger(attempts, 'retry.attempts', 1, 1_000),
    backoff: backoff === undefined ? base.backoff : checkOneOf(backoff, 'retry.backoff', ['fixed', 'exponential']),
    minDelay: minDelay === undefined ? base.minDelay : parseDuration(minDelay, 'retry.minDelay', { min: 0 }),
    maxDelay: maxDelay === undefined ? base.maxDelay : parseDuration(maxDelay, 'retry.maxDelay', { min: 0 }),
    jitter: jitter === undefined ? base.jitter : checkNumber(jitter, 'retry.jitter', 0, 1),
    when: when === undefined ? base.when : checkFunction(when, 'retry.when'),
  }
}
