/** @module The `retry` option: what users write, and what the runner works with. */
import type { Retry } from '../actors/retry.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { ValidationError } from '../errors.ts'
import type { RetrySpacing } from '../machines/retry.ts'
import { checkFunction, checkInteger, checkNumber, checkOneOf, checkOptions } from '../validate.ts'

/** How a failed task is tried again. */
export interface RetryOptions {
  /** How often the task may run in all, the first time included. @default 1 */
  readonly attempts?: number
  /** Whether the delay doubles after each failure. @default 'exponential' */
  readonly backoff?: 'fixed' | 'exponential'
  /** The delay after the first failure. @default '1s', or `maxDelay` if that is shorter */
  readonly minDelay?: Duration
  /** The longest delay, at least `minDelay`. @default '5m', or `minDelay` if that is longer */
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
  const { attempts, backoff, jitter, when } = options
  return {
    ...readDelays(options, base),
    attempts: attempts === undefined ? base.attempts : checkInteger(attempts, 'retry.attempts', 1, 1_000),
    backoff: backoff === undefined ? base.backoff : checkOneOf(backoff, 'retry.backoff', ['fixed', 'exponential']),
    jitter: jitter === undefined ? base.jitter : checkNumber(jitter, 'retry.jitter', 0, 1),
    when: when === undefined ? base.when : checkFunction(when, 'retry.when'),
  }
}

/**
 * What a task of a recipe says about its own retries, wherever it will run.
 *
 * @throws {ValidationError} INVALID_OPTION for `when`, which no record can hold.
 */
export function addSpacing(record: { retry?: RetrySpacing }, options: RetryOptions): void {
  if (options.when !== undefined)
    throw new ValidationError('retry.when', 'given to the recipe: a function cannot be kept with a task', options.when)
  const { backoff, minDelay, maxDelay, jitter } = options
  if (backoff === undefined && minDelay === undefined && maxDelay === undefined && jitter === undefined) return
  const read = readRetry(options)
  record.retry = {
    ...(backoff !== undefined && { backoff }),
    ...(minDelay !== undefined && { minDelay: read.minDelay }),
    ...(maxDelay !== undefined && { maxDelay: read.maxDelay }),
    ...(jitter !== undefined && { jitter }),
  }
}

function readDelays({ minDelay, maxDelay }: RetryOptions, base: Retry): Pick<Retry, 'minDelay' | 'maxDelay'> {
  const least = minDelay === undefined ? undefined : parseDuration(minDelay, 'retry.minDelay', { min: 0 })
  const most = maxDelay === undefined ? undefined : parseDuration(maxDelay, 'retry.maxDelay', { min: 0 })
  if (least !== undefined && most !== undefined && most < least) {
    throw new ValidationError('retry.maxDelay', `at least retry.minDelay (${least} ms)`, maxDelay)
  }
  return givingWay(least, most, base)
}

/** Where only one of the two is given, the other one gives way to it. */
function givingWay(
  least: number | undefined,
  most: number | undefined,
  base: Retry,
): Pick<Retry, 'minDelay' | 'maxDelay'> {
  return {
    minDelay: least ?? Math.min(base.minDelay, most ?? base.minDelay),
    maxDelay: most ?? Math.max(base.maxDelay, least ?? base.maxDelay),
  }
}

/** The retries of a recipe, spaced as a task wants it. */
export function spacedBy(spacing: RetrySpacing | undefined, base: Retry): Retry {
  if (spacing === undefined) return base
  return { ...base, ...spacing, ...givingWay(spacing.minDelay, spacing.maxDelay, base) }
}
