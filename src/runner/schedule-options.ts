/** @module The options of a schedule: what users write, and the definition that is kept. */
import { parseDuration } from '../duration.ts'
import { ValidationError } from '../errors.ts'
import { jsonCopy } from '../json.ts'
import type { ScheduleDefinition, ScheduleTarget } from '../machines/schedule-records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import { parseSchedule } from '../schedule/grammar.ts'
import type { ParsedSchedule } from '../schedule/parsed.ts'
import { checkBoolean, checkId, checkInteger, checkOneOf, checkOptions, checkText } from '../validate.ts'
import { submitOf } from './firing.ts'
import { addSpacing, readRetry } from './retry-options.ts'
import type { ScheduleChanges, ScheduledSubmit, ScheduleOptions } from './schedule-types.ts'
import { readKeyLimit, readMetadata, readTags, readTimeout } from './submit-options.ts'

const changeable = [
  'when',
  'tz',
  'recipe',
  'input',
  'message',
  'misfire',
  'overlap',
  'jitter',
  'maxRuns',
  'until',
  'once',
  'metadata',
  'submit',
] as const
export const scheduleOptions: ReadonlySet<string> = new Set([...changeable, 'name', 'owner', 'enabled'])
export const scheduleChanges: ReadonlySet<string> = new Set(changeable)
const submitOptions = new Set([
  ...([
    'timeout',
    'priority',
    'retry',
    'tags',
    'concurrencyKey',
    'config',
    'sessionId',
    'metadata',
    'deadline',
  ] as const),
])
/** The longest message, in characters. */
const longestMessage = 16_384

/** A schedule that was read. */
export interface ReadSchedule {
  readonly name: string
  readonly owner: string | undefined
  readonly isPaused: boolean
  readonly definition: ScheduleDefinition
}

export interface ReadContext {
  /** Epoch ms. */
  readonly now: number
  /** Where `tz` is not given. */
  readonly tz: string
}

/** @throws {ValidationError} INVALID_SCHEDULE for `when` and `tz`; INVALID_OPTION or UNKNOWN_OPTION for the rest. */
export function readSchedule(options: ScheduleOptions, context: ReadContext): ReadSchedule {
  checkOptions(options ?? null, scheduleOptions, 'the schedule')
  const { name, owner, enabled = true } = options
  return {
    name: checkText(name, 'name'),
    owner: owner === undefined ? undefined : checkText(owner, 'owner'),
    isPaused: !checkBoolean(enabled, 'enabled'),
    definition: readDefinition(options, context),
  }
}

/** What a schedule is after a change. Its times are reckoned anew only where they are changed. */
export function changedDefinition(
  stored: StoredSchedule,
  changes: ScheduleChanges,
  context: ReadContext,
): ScheduleDefinition {
  checkOptions(changes ?? null, scheduleChanges, 'the changes of a schedule')
  const { definition } = stored
  const { recipe: _recipe, input: _input, message: _message, ...kept } = optionsOf(stored)
  const hasTarget = changes.recipe !== undefined || changes.message !== undefined
  const before = hasTarget ? kept : optionsOf(stored)
  const merged: ScheduleOptions = { ...before, ...changes, name: stored.name }
  if (changes.when !== undefined || changes.tz !== undefined) return readDefinition(merged, context)
  return readDefinition(merged, context, definition.when)
}

function readDefinition(
  options: ScheduleOptions,
  { now, tz: usual }: ReadContext,
  kept?: ScheduleDefinition['when'],
): ScheduleDefinition {
  const { when, tz = usual, misfire = 'once', overlap = 'skip', jitter, metadata } = options
  if (kept === undefined && typeof when !== 'string' && typeof when !== 'number')
    throw new ValidationError(
      'when',
      "text such as 'every day at 9am', or a number of seconds",
      when,
      'INVALID_SCHEDULE',
    )
  const parsed = kept ?? parseSchedule(when, { tz, now })
  const maxRuns = readRuns(options, (parsed as { kind?: unknown }).kind === 'at')
  const until = readUntil(options.until, kept === undefined ? now : undefined)
  return {
    when: parsed as unknown as ScheduleDefinition['when'],
    target: readTarget(options),
    misfire: checkOneOf(misfire, 'misfire', ['once', 'skip', 'all']),
    overlap: checkOneOf(overlap, 'overlap', ['skip', 'queue', 'cancel-previous']),
    ...(jitter !== undefined && { jitter: parseDuration(jitter, 'jitter', { min: 0 }) }),
    ...(maxRuns !== undefined && { maxRuns }),
    ...(until !== undefined && { until }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
  }
}

function readRuns({ maxRuns, once = false }: ScheduleOptions, isOnce: boolean): number | undefined {
  const runs = maxRuns === undefined ? undefined : checkInteger(maxRuns, 'maxRuns', 1, Number.MAX_SAFE_INTEGER)
  return checkBoolean(once, 'once') || isOnce ? 1 : runs
}

function readUntil(value: Date | string | undefined, now: number | undefined): number | undefined {
  if (value === undefined) return undefined
  const at = value instanceof Date ? value.getTime() : isoTime(value)
  if (Number.isNaN(at)) throw new ValidationError('until', 'a Date, or a time such as 2030-01-31T09:00Z', value)
  if (now !== undefined && at <= now) throw new ValidationError('until', 'a moment in the future', value)
  return at
}

// years of four digits, and a time only with its offset: otherwise it would mean the zone of this machine
const isoForm = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/
const isoTime = (text: unknown): number =>
  typeof text === 'string' && isoForm.test(text) ? Date.parse(text) : Number.NaN

function readTarget({ recipe, input, message, submit = {} }: ScheduleOptions): ScheduleTarget {
  if ((recipe === undefined) === (message === undefined))
    throw new ValidationError('recipe', 'given, or message in its place, and not both', { recipe, message })
  const more = readScheduledSubmit(submit)
  if (message !== undefined) {
    if (input !== undefined) throw new ValidationError('input', 'left out where there is a message', input)
    if (typeof message !== 'string' || message === '' || message.length > longestMessage || !message.isWellFormed())
      throw new ValidationError('message', `text of 1 to ${longestMessage} characters`, message)
    return { message, ...more }
  }
  const name = checkId(typeof recipe === 'string' ? recipe : recipe?.name, 'recipe')
  return { recipe: name, ...(input !== undefined && { input: jsonCopy(input, 'input') }), ...more }
}

function readScheduledSubmit(submit: ScheduledSubmit): Partial<ScheduleTarget> {
  checkOptions(submit, submitOptions, 'submit')
  const { timeout, priority, retry, tags, concurrencyKey, config, sessionId, metadata, deadline } = submit
  const spaced: Parameters<typeof addSpacing>[0] = {}
  if (retry !== undefined) addSpacing(spaced, retry)
  return {
    ...(timeout !== undefined && { timeout: readTimeout(timeout, 'submit.timeout') ?? null }),
    ...(priority !== undefined && { priority: checkInteger(priority, 'submit.priority', -1_000, 1_000) }),
    ...(retry?.attempts !== undefined && { attempts: readRetry(retry).attempts }),
    ...spaced,
    ...(tags !== undefined && { tags: readTags(tags) }),
    ...(concurrencyKey !== undefined && { concurrencyKey: readKeyLimit(concurrencyKey) }),
    ...(config !== undefined && { config: jsonCopy(config, 'submit.config', 'INVALID_OPTION') }),
    ...(sessionId !== undefined && { sessionId: String(sessionId) }),
    ...(metadata !== undefined && { metadata: readMetadata(metadata) }),
    ...(deadline !== undefined && { deadline: parseDuration(deadline, 'submit.deadline') }),
  }
}

/** A schedule as it would be added. */
export function optionsOf(stored: StoredSchedule): ScheduleOptions {
  const { name, owner, definition, status } = stored
  const { target, misfire, overlap, jitter, maxRuns, until, metadata } = definition
  const parsed = definition.when as unknown as ParsedSchedule
  const { tz } = parsed
  // words such as `tomorrow` would mean another day by then
  const text = parsed.kind === 'at' ? `at:${new Date(parsed.time).toISOString()}` : parsed.text
  const submit = submitOf(target)
  return {
    name,
    when: text,
    tz,
    ...(target.recipe !== undefined && { recipe: target.recipe }),
    ...(target.input !== undefined && { input: target.input }),
    ...(target.message !== undefined && { message: target.message }),
    misfire,
    overlap,
    ...(jitter !== undefined && { jitter }),
    ...(maxRuns !== undefined && { maxRuns }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
    ...(status === 'paused' && { enabled: false }),
    ...(owner !== undefined && { owner }),
    ...(metadata !== undefined && { metadata }),
    ...(Object.keys(submit).length > 0 && { submit }),
  }
}
