/** @module The options of a submit: what users write, and the record that comes of it. */
import type { Retry } from '../actors/retry.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { ValidationError } from '../errors.ts'
import { jsonCopy } from '../json.ts'
import { userKey } from '../machines/keys.ts'
import type { KeyLimit, SubmitRecord, TaskLimits } from '../machines/records.ts'
import { checkFunction, checkId, checkInteger, checkOptions, checkText } from '../validate.ts'
import { checkSignal } from './abort-signal.ts'
import { readRetry } from './retry-options.ts'
import type { CommonSubmitOptions, Needs } from './types.ts'

const common = [
  'id',
  'name',
  'timeout',
  'deadline',
  'delay',
  'priority',
  'retry',
  'idempotencyKey',
  'concurrencyKey',
  'metadata',
  'tags',
  'owner',
  'signal',
  'onProgress',
  'onComplete',
  'needs',
] as const
export const submitOptions: ReadonlySet<string> = new Set([...common, 'args', 'thread', 'export'])
export const submitRecipeOptions: ReadonlySet<string> = new Set([...common, 'config', 'sessionId'])

const mostTags = 32
const mostNeeds = 10_000
const largestMetadata = 65_536

/** What the runner falls back to. */
export interface Defaults {
  readonly retry: Retry
  readonly limits: TaskLimits
}

/** The limits of a task that asks for some of its own. Equal ones are one object, for a million tasks may share it. */
export function readLimits(options: CommonSubmitOptions, defaults: Defaults, retry: Retry): TaskLimits {
  const timeout = options.timeout === undefined ? defaults.limits.timeout : readTimeout(options.timeout, 'timeout')
  const { limits } = defaults
  if (timeout === limits.timeout && retry.attempts === limits.maxAttempts) return limits
  if (latest.timeout === timeout && latest.maxAttempts === retry.attempts && latest.grace === limits.grace)
    return latest
  latest = { timeout, grace: limits.grace, maxAttempts: retry.attempts, maxOrphans: limits.maxOrphans }
  return latest
}
let latest: TaskLimits = { timeout: undefined, grace: 0, maxAttempts: 0, maxOrphans: 0 }

/** @throws {ValidationError} */
export function readTimeout(value: Duration | false, option: string): number | undefined {
  return value === false ? undefined : parseDuration(value, option)
}

/** A record while it is being made. */
export type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** What of a submit record the common options decide. Only what was given is set: records are many. */
export function readSubmit(
  options: CommonSubmitOptions & { readonly needs?: Needs | undefined },
  base: Writable<SubmitRecord>,
  defaults: Defaults,
): { record: Writable<SubmitRecord>; retry: Retry } {
  const { id, name, deadline, delay, priority, idempotencyKey, concurrencyKey, metadata, tags, owner, needs, signal } =
    options
  const retry = readRetry(options.retry, defaults.retry)
  const record = base
  record.limits = readLimits(options, defaults, retry)
  if (id !== undefined) record.task = checkId(id, 'id')
  if (name !== undefined) record.name = checkText(name, 'name')
  if (delay !== undefined) record.delay = parseDuration(delay, 'delay', { min: 0 })
  if (deadline !== undefined) record.deadline = readDeadline(deadline, record.at)
  if (priority !== undefined) record.priority = checkInteger(priority, 'priority', -1_000, 1_000)
  if (idempotencyKey !== undefined) record.idempotencyKey = checkText(idempotencyKey, 'idempotencyKey')
  if (concurrencyKey !== undefined) record.keys = [readKey(concurrencyKey)]
  if (metadata !== undefined) record.metadata = readMetadata(metadata)
  if (tags !== undefined) record.tags = readTags(tags)
  if (owner !== undefined) record.owner = checkText(owner, 'owner')
  if (needs !== undefined) {
    record.needs = readNeeds(needs)
    if (!Array.isArray(needs)) record.needNames = Object.keys(needs)
  }
  checkSignal(signal)
  if (options.onProgress !== undefined) checkFunction(options.onProgress, 'onProgress')
  if (options.onComplete !== undefined) checkFunction(options.onComplete, 'onComplete')
  return { record, retry }
}

/** Refuses options that `submit`, or `submitRecipe`, does not know. */
export function checkSubmitOptions(options: unknown, known: ReadonlySet<string>): void {
  checkOptions(options, known, 'the submit options')
}

function readDeadline(value: Duration | Date, now: number): number {
  if (!(value instanceof Date)) return now + parseDuration(value, 'deadline')
  const at = value.getTime()
  if (Number.isNaN(at) || at <= now) throw new ValidationError('deadline', 'a moment in the future', value)
  return at
}

export function readKey(value: string | KeyLimit): KeyLimit {
  const { key, limit } = readKeyLimit(value)
  return { key: userKey + key, limit }
}

/** A key as the user wrote it, with its limit. */
export function readKeyLimit(value: string | KeyLimit): KeyLimit {
  if (typeof value === 'string') return { key: checkText(value, 'concurrencyKey'), limit: 1 }
  checkOptions(value, new Set(['key', 'limit']), 'concurrencyKey')
  const limit = checkInteger(value.limit, 'concurrencyKey.limit', 1, 1_000_000)
  return { key: checkText(value.key, 'concurrencyKey.key'), limit }
}

export function readMetadata(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ValidationError('metadata', 'an object', value)
  const copy = jsonCopy(value, 'metadata', 'INVALID_OPTION') as Readonly<Record<string, unknown>>
  const { length } = JSON.stringify(copy)
  if (length > largestMetadata)
    throw new ValidationError('metadata', `at most ${largestMetadata} characters of JSON`, length, 'TOO_LARGE')
  return copy
}

export function readTags(value: readonly string[]): readonly string[] {
  if (!Array.isArray(value) || value.length > mostTags)
    throw new ValidationError('tags', `an array of at most ${mostTags} words`, value)
  return value.map((tag, i) => checkText(tag, `tags[${i}]`))
}

function readNeeds(needs: Needs): readonly string[] {
  const tasks: readonly unknown[] = Array.isArray(needs) ? needs : Object.values(needs ?? {})
  const ids = tasks.map((task) => (task as { id?: unknown } | undefined)?.id)
  const wrong = ids.findIndex((id) => typeof id !== 'string')
  if (typeof needs !== 'object' || needs === null || wrong >= 0 || ids.length > mostNeeds) {
    throw new ValidationError('needs', `an array or record of at most ${mostNeeds} tasks`, needs)
  }
  return ids as string[]
}
