/** @module Reads a schedule as users write it. */
import { SystemClock } from '../clock.ts'
import { show, ValidationError } from '../errors.ts'
import { cronLine, looksLikeCron } from './cron-line.ts'
import { isoTime, looksLikeDate } from './dates.ts'
import { nearestSchedule } from './nearest.ts'
import { nextSlot } from './next.ts'
import type { ParsedSchedule } from './parsed.ts'
import { readPhrase } from './phrase.ts'
import { Misread } from './tokens.ts'
import { longestInterval } from './units.ts'
import { firstAt, isZone, offsetAt } from './zone.ts'

/** The longest schedule, in characters. */
export const longestSchedule = 256
const day = 86_400_000

/** How a schedule is read. */
export interface ParseScheduleOptions {
  /** The IANA zone of the clocks that are meant. @default 'UTC' */
  readonly tz?: string
  /** Epoch ms from which intervals and words such as `tomorrow` count. @default the time of the machine */
  readonly now?: number
}

/**
 * Reads a schedule: `hourly`, `30m`, `every 5 minutes`, `every day at 9am`, `weekdays at 9am`, `every mon,wed at 9am`,
 * `every 2 days at 18:30`, `on the 1st at 9am`, `at 9am` (once), `tomorrow at 5pm`, `in 20 minutes`, `at:` and an ISO
 * date, `cron:` and a cron line or the line alone, `@daily`; a whole number means seconds. Upper and lower case are one.
 *
 * @param text What the user wrote.
 * @param options Zone and time.
 * @returns Frozen data that a journal can hold.
 * @throws {ValidationError} INVALID_SCHEDULE, with the word that is wrong, its place, and a schedule that is near.
 * @example
 * ```ts
 * import { parseSchedule } from 'offstage'
 *
 * const parsed = parseSchedule('every monday at 9am', { tz: 'Europe/Berlin' })
 * parsed.kind === 'cron' && parsed.expression === '0 9 * * 1' // true
 * ```
 */
export function parseSchedule(text: string | number, options: ParseScheduleOptions = {}): ParsedSchedule {
  const { tz = 'UTC', now = new SystemClock().now() } = options
  if (typeof tz !== 'string' || !isZone(tz))
    throw new ValidationError('tz', 'a time zone such as Europe/Berlin or UTC', tz, 'INVALID_SCHEDULE')
  if (!Number.isFinite(now) || now < 0) throw new ValidationError('now', 'epoch ms', now)
  if (typeof text === 'number') {
    if (!Number.isInteger(text) || text < 1 || text > longestInterval / 1_000)
      throw invalid('whole seconds from 1 up to ten years', text)
    return Object.freeze({ kind: 'every', text: String(text), tz, ms: text * 1_000, anchor: now })
  }
  if (typeof text !== 'string' || text.trim() === '') throw invalid('a text such as `every day at 9am`', text)
  if (text.length > longestSchedule) throw invalid(`at most ${longestSchedule} characters`, text)
  try {
    return Object.freeze(read(text, tz, now))
  } catch (error) {
    if (!(error instanceof Misread)) throw error
    throw invalid(
      wrong(
        text,
        error,
        nearestSchedule(text, (other) => isReadable(other, tz, now)),
      ),
      text,
    )
  }
}

function read(text: string, tz: string, now: number): ParsedSchedule {
  const lead = text.length - text.trimStart().length
  const body = text.trim()
  const after = body.indexOf(':') + 1
  const prefix = body.slice(0, after).toLowerCase()
  const common = { text: body, tz }
  if (prefix === 'cron:') return { ...common, kind: 'cron', expression: cronLine(body.slice(after), lead + after) }
  if (prefix === 'at:') return at(body.slice(after).trimStart())
  if (looksLikeCron(body)) return { ...common, kind: 'cron', expression: cronLine(body, lead) }
  if (looksLikeDate(body)) return at(body)
  const phrase = readPhrase(text.trimEnd())
  if (phrase.kind === 'date') return at(text.trimEnd().slice(phrase.from))
  if (phrase.kind === 'cron') return { ...common, ...phrase }
  if (phrase.kind === 'every') return { ...common, kind: 'every', ms: phrase.ms, anchor: now }
  if (phrase.kind === 'in') return { ...common, kind: 'at', time: now + phrase.ms }
  const today = Math.floor((now + offsetAt(tz, now)) / day) * day
  const { hour, minute } = phrase.time
  const clock = hour * 3_600_000 + minute * 60_000
  if (phrase.kind === 'on') {
    const time = firstAt(tz, today + (phrase.ahead ?? 0) * day + clock)
    if (time > now) return { ...common, kind: 'at', time }
    if (phrase.ahead !== undefined) throw new Misread('this has passed', { start: lead, end: lead + body.length })
    return { ...common, kind: 'at', time: firstAt(tz, today + day + clock) }
  }
  const first = firstAt(tz, today + clock) > now ? today : today + day
  const from = new Date(first).toISOString().slice(0, 10)
  return { ...common, kind: 'days', every: phrase.every, hour, minute, from }

  function at(date: string): ParsedSchedule {
    const start = text.trimEnd().length - date.length
    const time = isoTime(date, start, tz)
    const place = { start, end: start + date.length }
    if (time <= now) throw new Misread('this has passed', place)
    if (time > now + longestInterval) throw new Misread('this is more than ten years ahead', place)
    return { ...common, kind: 'at', time }
  }
}

function isReadable(text: string, tz: string, now: number): boolean {
  try {
    return nextSlot(read(text, tz, now), now) !== undefined
  } catch {
    return false
  }
}

function wrong(text: string, { message, start, end }: Misread, near: string): string {
  const word = text.slice(start, Math.min(end, start + 40))
  const where = word === '' ? message : `at character ${start + 1}, ${show(word)}: ${message}`
  return `one that can be read (${where}; did you mean \`${near}\`?)`
}

function invalid(rule: string, value: unknown): ValidationError {
  return new ValidationError('schedule', rule, value, 'INVALID_SCHEDULE')
}
