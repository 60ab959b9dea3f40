/** @module Records as they come out of a journal: whatever stands there, the fold gets only what has the shape of a record. */
import type { SegmentHeader } from './format.ts'
import type { StoreRecord } from './records.ts'

/** How deep a record may be nested: twice what is let in at the door, and far less than `JSON.stringify` can bear. */
export const deepestRecord = 256
/** Sums of two numbers up to here are finite: an infinite one would be `null` in a snapshot. */
const largest = Number.MAX_SAFE_INTEGER

type Fields = Readonly<Record<string, unknown>>

export const isText = (value: unknown): value is string => typeof value === 'string'
export const isNumber = (value: unknown): value is number =>
  typeof value === 'number' && value >= -largest && value <= largest
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
export const isTextIfAny = (value: unknown): boolean => value === undefined || typeof value === 'string'
export const isNumberIfAny = (value: unknown): boolean => value === undefined || isNumber(value)
const isListIfAny = (value: unknown, isMember: (member: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isMember))

/** Whether a value of any kind can be written again: nested at most so deep. */
export function isShallow(value: unknown, left = deepestRecord - 1): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (left === 0) return false
  if (Array.isArray(value)) {
    for (const member of value) if (!isShallow(member, left - 1)) return false
    return true
  }
  for (const key in value) if (!isShallow((value as Fields)[key], left - 1)) return false
  return true
}

/** Whether it is a failure, with all its causes. */
export function isFailure(value: unknown, left = deepestRecord): boolean {
  if (left === 0 || !isFields(value)) return false
  const { code, message, stack, cause } = value
  return isText(code) && isText(message) && isTextIfAny(stack) && (cause === undefined || isFailure(cause, left - 1))
}

export function isBlobIfAny(value: unknown): boolean {
  if (value === undefined) return true
  return isFields(value) && isText(value.name) && isText(value.hash) && isNumber(value.bytes) && isShallow(value)
}

export function isWait(value: unknown): boolean {
  if (!isFields(value)) return false
  if (!isShallow(value)) return false
  return value.kind === 'child' ? isText(value.child) : value.kind === 'input' && isTextIfAny(value.prompt)
}

function isLimits(value: unknown): boolean {
  if (!isFields(value)) return false
  const { timeout, grace, maxAttempts, maxOrphans } = value
  return isNumberIfAny(timeout) && isNumber(grace) && isNumber(maxAttempts) && isNumber(maxOrphans)
}

function isSpacingIfAny(value: unknown): boolean {
  if (value === undefined) return true
  if (!isFields(value) || !isShallow(value)) return false
  const { backoff, minDelay, maxDelay, jitter } = value
  const isBackoff = backoff === undefined || backoff === 'fixed' || backoff === 'exponential'
  return isBackoff && isNumberIfAny(minDelay) && isNumberIfAny(maxDelay) && isNumberIfAny(jitter)
}

const isKey = (value: unknown): boolean =>
  isFields(value) && isText(value.key) && isNumber(value.limit) && isShallow(value, deepestRecord - 2)
const isParentIfAny = (value: unknown): boolean =>
  value === undefined || (isFields(value) && isText(value.task) && isText(value.claim) && isShallow(value))

function isSubmit(line: Fields): boolean {
  return (
    isText(line.task) &&
    isNumber(line.at) &&
    isText(line.name) &&
    isLimits(line.limits) &&
    isSpacingIfAny(line.retry) &&
    isTextIfAny(line.recipe) &&
    isShallow(line.input) &&
    isBlobIfAny(line.inputBlob) &&
    isShallow(line.config) &&
    isTextIfAny(line.sessionId) &&
    isTextIfAny(line.owner) &&
    isListIfAny(line.tags, isText) &&
    (line.metadata === undefined || (isFields(line.metadata) && isShallow(line.metadata))) &&
    isNumberIfAny(line.priority) &&
    isNumberIfAny(line.delay) &&
    isNumberIfAny(line.deadline) &&
    isListIfAny(line.keys, isKey) &&
    isListIfAny(line.needs, isText) &&
    isListIfAny(line.needNames, isText) &&
    isTextIfAny(line.idempotencyKey) &&
    isTextIfAny(line.fingerprint) &&
    isParentIfAny(line.parent) &&
    isTextIfAny(line.retryOf) &&
    isTextIfAny(line.trace) &&
    isFiringIfAny(line.schedule) &&
    // what only a process can hold has no place in a journal
    line.local === undefined
  )
}

const isOneOf = (value: unknown, known: readonly string[]): boolean => known.includes(value as string)
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0
const isCountIfAny = (value: unknown): boolean => value === undefined || isCount(value)

function isFiringIfAny(value: unknown): boolean {
  if (value === undefined) return true
  if (!isFields(value) || !isShallow(value)) return false
  const { uid, rev, slot, missed, name, previous } = value
  return (
    isText(uid) &&
    isCount(rev) &&
    isNumberIfAny(slot) &&
    isCountIfAny(missed) &&
    isTextIfAny(name) &&
    isNumberIfAny(previous)
  )
}

function isTarget(value: unknown): boolean {
  if (!isFields(value) || !isShallow(value)) return false
  const { recipe, message, sessionId, tags, metadata, priority, timeout, deadline, attempts, retry, concurrencyKey } =
    value
  return (
    isTextIfAny(recipe) &&
    isTextIfAny(message) &&
    (recipe === undefined) !== (message === undefined) &&
    isTextIfAny(sessionId) &&
    isListIfAny(tags, isText) &&
    (metadata === undefined || isFields(metadata)) &&
    isNumberIfAny(priority) &&
    (timeout === null || isNumberIfAny(timeout)) &&
    isNumberIfAny(deadline) &&
    isCountIfAny(attempts) &&
    isSpacingIfAny(retry) &&
    (concurrencyKey === undefined || isKey(concurrencyKey))
  )
}

/** Whether it says what a schedule does. */
export function isDefinition(line: Fields): boolean {
  const { when, target, misfire, overlap, jitter, maxRuns, until, metadata } = line
  return (
    isFields(when) &&
    isShallow(when) &&
    isTarget(target) &&
    isOneOf(misfire, ['once', 'skip', 'all']) &&
    isOneOf(overlap, ['skip', 'queue', 'cancel-previous']) &&
    isNumberIfAny(jitter) &&
    isCountIfAny(maxRuns) &&
    isNumberIfAny(until) &&
    (metadata === undefined || (isFields(metadata) && isShallow(metadata)))
  )
}

/** Whether it is the first record of a schedule. */
export function isScheduleAdd(line: Fields): boolean {
  const { uid, at, name, owner, source, paused } = line
  return (
    isText(uid) &&
    isNumber(at) &&
    isText(name) &&
    isTextIfAny(owner) &&
    isTextIfAny(source) &&
    (paused === undefined || typeof paused === 'boolean') &&
    isDefinition(line)
  )
}

const isOfSchedule = (line: Fields): boolean => isText(line.uid) && isNumber(line.at) && isCount(line.rev)

const isOfTask = (line: Fields): boolean => isText(line.task) && isNumber(line.at)
const isOfClaim = (line: Fields): boolean => isOfTask(line) && isText(line.claim)

function isHeader({ format, fold, minReader, minWriter, storeId }: Fields): boolean {
  return isNumber(format) && isNumber(fold) && isNumber(minReader) && isNumber(minWriter) && isText(storeId)
}

/** By type: undefined for one that is not known. */
function hasShape(type: unknown, line: Fields): boolean | undefined {
  switch (type) {
    case 'submit':
      return isSubmit(line)
    case 'start':
      return isOfClaim(line) && isNumber(line.run) && isText(line.worker)
    case 'progress':
      return isOfClaim(line) && isNumber(line.fraction) && isTextIfAny(line.message)
    case 'ask':
      return isOfClaim(line) && isNumber(line.ask) && isWait(line.wait)
    case 'answer':
      return isOfClaim(line) && isNumber(line.ask) && isShallow(line.value)
    case 'complete':
      return isOfClaim(line) && isShallow(line.result) && isBlobIfAny(line.resultBlob)
    case 'fail':
      return isOfClaim(line) && isFailure(line.error) && isShallow(line.error) && isNumberIfAny(line.retryAt)
    case 'timeout':
      if (line.scope === 'attempt') return isOfClaim(line) && isNumberIfAny(line.retryAt)
      return line.scope === 'deadline' && isOfTask(line)
    case 'cancel':
      return isOfTask(line) && isTextIfAny(line.reason) && isTextIfAny(line.by)
    case 'shutdown':
    case 'ended':
    case 'abandon':
    case 'release':
    case 'freed':
      return isOfClaim(line)
    case 'forget':
      return isOfTask(line)
    case 'expire':
      return isText(line.worker) && isNumber(line.at)
    case 'scheduleAdd':
      return isScheduleAdd(line)
    case 'scheduleUpdate':
      return isOfSchedule(line) && isDefinition(line)
    case 'schedulePause':
    case 'scheduleResume':
    case 'scheduleRemove':
    case 'scheduleExhaust':
      return isOfSchedule(line)
    case 'scheduleSkip':
      return isOfSchedule(line) && isNumber(line.slot) && isText(line.reason) && isCountIfAny(line.missed)
    case 'header':
      return isHeader(line)
    default:
      return undefined
  }
}

/**
 * Tells what a parsed line is. Members that no record has are let through: the fold does not look at them.
 *
 * @returns The record; `'unknown'` for a type that this version does not know; undefined for what is no record, and for
 * a known type that is damaged.
 */
export function readRecord(value: unknown): StoreRecord | SegmentHeader | 'unknown' | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const line = value as Fields
  const type = line.type
  const isWhole = hasShape(type, line)
  if (isWhole === undefined) return typeof type === 'string' ? 'unknown' : undefined
  return isWhole ? (value as StoreRecord | SegmentHeader) : undefined
}
