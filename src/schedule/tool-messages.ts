/** @module What the schedule tools answer, word for word: models read it, so its form stays. */
import { show } from '../errors.ts'

/** How many characters of a message, and how many schedules, a list shows. */
const longestShown = 200
const mostListed = 100

/** What a list tells of a schedule. */
export interface ListedSchedule {
  readonly name: string
  readonly id: string
  readonly enabled: boolean
  /** When, as it was written. */
  readonly when: string
  readonly tz: string
  readonly next: Date | undefined
  /** What it does then: its message, or its recipe. */
  readonly what: string
}

export const added = (name: string, id: string, when: string, tz: string | null): string =>
  `Schedule ${quote(name)} added (id: ${id}, ${plain(when)}${tz === null ? '' : `, tz=${tz}`}).`

export const alreadyExists = (name: string, id: string): string =>
  `A schedule named ${quote(name)} already exists (id: ${id}). Remove it first or choose a different name.`

/** @param doing As in `adding schedule`. */
export const failed = (doing: string, why: string): string => `Error ${doing}: ${why}`

export const notFound = (name: string): string => `Schedule ${quote(name)} not found.`
export const removed = (name: string): string => `Schedule ${quote(name)} removed.`
export const paused = (name: string): string => `Schedule ${quote(name)} paused.`
export const alreadyPaused = (name: string): string => `Schedule ${quote(name)} is already paused.`
export const resumed = (name: string): string => `Schedule ${quote(name)} resumed.`
export const alreadyActive = (name: string): string => `Schedule ${quote(name)} is already active.`

/** @param fields The names of what has changed; none = nothing had to. */
export const updated = (name: string, fields: readonly string[]): string =>
  fields.length === 0
    ? `Schedule ${quote(name)} unchanged (nothing to update).`
    : `Schedule ${quote(name)} updated (${fields.join(', ')}).`

export function listed(schedules: readonly ListedSchedule[]): string {
  if (schedules.length === 0) return 'No schedules found. Use schedule_add to create one.'
  const lines = schedules.slice(0, mostListed).map(lineOf)
  if (schedules.length > mostListed) lines.push(`... and ${schedules.length - mostListed} more.`)
  return [`Found ${schedules.length} schedule(s):`, ...lines].join('\n')
}

function lineOf({ name, id, enabled, when, tz, next, what }: ListedSchedule): string {
  const run = next === undefined ? 'no next run' : `next run ${inZone(next, tz)}`
  return `- ${plain(name)} (id: ${id}) [${enabled ? 'enabled' : 'paused'}] ${plain(when)}, ${run}: ${plain(what)}`
}

/** A moment as the clocks of a zone show it: `2030-01-01 09:00:00 Europe/Rome`. */
export function inZone(at: Date, tz: string): string {
  // Swedish writes dates as ISO does
  const clocks = new Intl.DateTimeFormat('sv-SE', { timeZone: tz, dateStyle: 'short', timeStyle: 'medium' })
  return `${clocks.format(at)} ${tz}`
}

/** On one line, bounded, and without characters that hide others: what a user wrote must not pass for an answer of ours. */
function plain(text: string): string {
  const short = text.length > longestShown ? `${text.slice(0, longestShown - 3).toWellFormed()}...` : text
  return short.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim()
}

function quote(name: string): string {
  return `'${show(name)
    .slice(1)
    .replace(/"(?=\.{0,3}$)/, '')}'`
}
