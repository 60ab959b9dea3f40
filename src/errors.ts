/** @module The errors of Offstage: few classes, stable codes, the rule and the value that broke it in the message. */

/** Why a task ended as `failed`. Handlers may add codes of their own. */
export type FailureCode =
  | 'ERROR'
  | 'TIMEOUT'
  | 'LOST'
  | 'DEPENDENCY'
  | 'INVALID_INPUT'
  | 'INVALID_RESULT'
  | 'UNKNOWN_RECIPE'
  | 'NON_RETRYABLE'
  | 'THREAD'
  | (string & {})

/** The codes of errors that Offstage itself throws. */
export type ErrorCode =
  | 'INVALID_OPTION'
  | 'UNKNOWN_OPTION'
  | 'INVALID_INPUT'
  | 'DUPLICATE_RECIPE'
  | 'INVALID_SCHEDULE'
  | 'DUPLICATE_SCHEDULE'
  | 'UNKNOWN_RECIPE'
  | 'UNKNOWN_DEPENDENCY'
  | 'CYCLIC_DEPENDENCY'
  | 'ID_CONFLICT'
  | 'KEY_CONFLICT'
  | 'PARENT_ENDED'
  | 'DEADLOCK'
  | 'QUEUE_FULL'
  | 'RUNNER_STOPPED'
  | 'WAIT_TIMEOUT'
  | 'CANCELLED'
  | 'GONE'
  | 'TOO_LARGE'
  | 'UNSUPPORTED_CHART'
  | 'UNSUPPORTED_AGENT'
  | 'STALLED'
  | 'STORE'
  | 'STORE_FULL'
  | 'STORE_LOST'
  | 'UNKNOWN_OUTCOME'
  | 'FENCED'
  | 'RETRY_AFTER'
  | FailureCode

/** A failure as data: what a task keeps of an error. */
export interface Failure {
  readonly code: FailureCode
  readonly message: string
  readonly stack?: string
  readonly cause?: Failure
}

const brand: unique symbol = Symbol.for('offstage.error')

/**
 * The base of every error that Offstage throws.
 *
 * @example
 * ```ts
 * import { OffstageError } from 'offstage'
 *
 * const told = (error: unknown) => (OffstageError.is(error, 'WAIT_TIMEOUT') ? 'still running' : 'broken')
 * told(new Error('no'))
 * ```
 */
export class OffstageError extends Error {
  readonly code: ErrorCode
  readonly [brand] = true

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.code = code
  }

  /**
   * Tells whether `error` is an error of Offstage, and of that code if one is given.
   * It looks for a brand rather than a class, because bundlers may put two copies of a class into one program.
   */
  static is(error: unknown, code?: ErrorCode): error is OffstageError {
    if (typeof error !== 'object' || error === null || !(brand in error)) return false
    return code === undefined || (error as OffstageError).code === code
  }
}

/** A value that an option, an id or an input may not have; `option`, `rule` and `value` say which and why. */
export class ValidationError extends OffstageError {
  readonly option: string
  readonly rule: string
  readonly value: unknown

  constructor(
    option: string,
    rule: string,
    value: unknown,
    code: ErrorCode = 'INVALID_OPTION',
    options?: ErrorOptions,
  ) {
    super(code, `${option} must be ${rule}, got ${show(value)}`, options)
    this.option = option
    this.rule = rule
    this.value = value
  }
}

/** `wait()` on a task that failed. `code` is the failure's; `cause` is what the handler threw. */
export class TaskFailedError extends OffstageError {
  readonly taskId: string
  readonly failure: Failure

  constructor(taskId: string, name: string, failure: Failure, cause?: unknown) {
    super(failure.code, `task ${name} (${taskId}) failed: ${failure.message}`, { cause: cause ?? revive(failure) })
    this.taskId = taskId
    this.failure = failure
  }
}

/** `wait()` on a task that was cancelled. */
export class TaskCancelledError extends OffstageError {
  readonly taskId: string
  readonly reason: string | undefined
  readonly by: string | undefined

  constructor(taskId: string, name: string, reason?: string, by?: string) {
    super('CANCELLED', `task ${name} (${taskId}) was cancelled${reason === undefined ? '' : `: ${reason}`}`)
    this.taskId = taskId
    this.reason = reason
    this.by = by
  }
}

/** `wait({ timeout })` gave up. The task goes on. */
export class WaitTimeoutError extends OffstageError {
  readonly taskId: string | undefined

  constructor(what: string, timeout: number, taskId?: string) {
    super('WAIT_TIMEOUT', `${what} did not end within ${timeout} ms; it goes on`)
    this.taskId = taskId
  }
}

/** The store could not do what was asked. */
export class StoreError extends OffstageError {
  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options)
  }
}

/**
 * Thrown by a handler: fail now, whatever attempts are left.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, NonRetryableError } from 'offstage'
 *
 * const runner = new BackgroundRunner({ retry: { attempts: 5 } })
 * const task = runner.submit(() => { throw new NonRetryableError('the account is closed') })
 * const outcome = await task.settled() // after one attempt, not five
 * ```
 */
export class NonRetryableError extends OffstageError {
  constructor(message: string, options?: ErrorOptions & { code?: FailureCode }) {
    super(options?.code ?? 'NON_RETRYABLE', message, options)
  }
}

/**
 * Thrown by a handler: try again after this long, if attempts are left.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, RetryAfterError } from 'offstage'
 *
 * const runner = new BackgroundRunner({ retry: { attempts: 2 } })
 * const task = runner.submit(({ attempt }) => {
 *   if (attempt === 1) throw new RetryAfterError('10ms', 'the service asked for a pause')
 *   return 'done'
 * })
 * await task.wait()
 * ```
 */
export class RetryAfterError extends OffstageError {
  readonly after: number | string

  constructor(after: number | string, message = `try again after ${after}`, options?: ErrorOptions) {
    super('RETRY_AFTER', message, options)
    this.after = after
  }
}

const messageLimit = 8_192
const stackLimit = 16_384
const causeDepth = 5

/** Turns whatever was thrown into a bounded {@link Failure}. Never throws. */
export function toFailure(thrown: unknown, code?: FailureCode, depth = 0): Failure {
  try {
    if (thrown instanceof Error) {
      const own = (thrown as { code?: unknown }).code
      const failure: { -readonly [K in keyof Failure]: Failure[K] } = {
        code: code ?? (typeof own === 'string' && own !== '' && own.length <= 64 ? own : 'ERROR'),
        message: String(thrown.message || thrown.name).slice(0, messageLimit),
      }
      if (typeof thrown.stack === 'string') failure.stack = thrown.stack.slice(0, stackLimit)
      if (thrown.cause !== undefined && depth < causeDepth)
        failure.cause = toFailure(thrown.cause, undefined, depth + 1)
      return failure
    }
    return { code: code ?? 'ERROR', message: `the handler threw ${show(thrown)}` }
  } catch {
    return { code: code ?? 'ERROR', message: 'the handler threw something that cannot be read' }
  }
}

/** Makes an `Error` of a {@link Failure} that came from another process, or from the journal. */
export function revive(failure: Failure): Error {
  const error = new Error(failure.message, failure.cause ? { cause: revive(failure.cause) } : undefined)
  if (failure.stack !== undefined) error.stack = failure.stack
  return Object.assign(error, { code: failure.code })
}

/** A short, safe rendering of any value for an error message: bounded, with control characters escaped. Never throws. */
export function show(value: unknown): string {
  try {
    const text =
      typeof value === 'string'
        ? JSON.stringify(value.slice(0, 120)) + (value.length > 120 ? '...' : '')
        : describe(value)
    const safe = text.replace(
      /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
      (c) => `\\u${c.codePointAt(0)?.toString(16).padStart(4, '0')}`,
    )
    return safe.length > 160 ? `${safe.slice(0, 157)}...` : safe
  } catch {
    return 'something unreadable'
  }
}

function describe(value: unknown): string {
  if (typeof value === 'function') return `function ${value.name || '(anonymous)'}`
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'symbol') return value.toString()
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : String(value)
  if (value instanceof Error) return `${value.name}: ${value.message}`
  const json = JSON.stringify(value) ?? Object.prototype.toString.call(value)
  // a Map and most classes look like {} otherwise
  const { constructor: maker } = (Object.getPrototypeOf(value) ?? {}) as { constructor?: unknown }
  const isPlain = maker === Object || maker === Array || 'toJSON' in value
  return isPlain || typeof maker !== 'function' ? json : `${maker.name} ${json}`
}
