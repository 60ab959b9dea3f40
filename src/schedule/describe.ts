/** @module Says a schedule in words. */
import { createRequire } from 'node:module'
import type { ParsedSchedule } from './parsed.ts'
import { fieldsOf } from './walls.ts'
import { offsetAt } from './zone.ts'

interface Words {
  toString(expression: string, options: { readonly use24HourTimeFormat: boolean }): string
}

/** cronstrue takes 20 ms to load, and most schedules need none of it. */
let words: Words | undefined
const units = [
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
  ['millisecond', 1],
] as const
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

/**
 * Says a schedule in words: `every Monday at 09:00, Europe/Berlin`.
 *
 * @param parsed What {@link parseSchedule} made of the schedule.
 * @returns One line, in English.
 */
export function describeSchedule(parsed: ParsedSchedule): string {
  if (parsed.kind === 'every') return `every ${spell(parsed.ms)}`
  return `${inZone(parsed)}, ${parsed.tz}`
}

function inZone(parsed: Exclude<ParsedSchedule, { kind: 'every' }>): string {
  if (parsed.kind === 'days')
    return `every ${parsed.every} days at ${clock(parsed.hour, parsed.minute)}, from ${parsed.from}`
  if (parsed.kind === 'cron') return simple(parsed.expression) ?? strange(parsed.expression)
  const shown = new Date(parsed.time + offsetAt(parsed.tz, parsed.time)).toISOString()
  return `once on ${shown.slice(0, 10)} at ${shown.slice(11, shown.slice(17, 19) === '00' ? 16 : 19)}`
}

/** One time of day on some days, as the words of a schedule give it. */
function simple(expression: string): string | undefined {
  const [minute = '', hour = '', date, month, weekday = ''] = fieldsOf(expression)
  const isPlain = isNumber(minute) && isNumber(hour) && month === '*' && fieldsOf(expression).length === 5
  if (!isPlain) return undefined
  const time = clock(Number(hour), Number(minute))
  if (date === 'L' && weekday === '*') return `on the last day of every month at ${time}`
  if (date !== '*') return undefined
  if (weekday === '*') return `every day at ${time}`
  if (weekday === '1-5') return `every weekday at ${time}`
  if (weekday === '0,6') return `every weekend day at ${time}`
  const names = weekday.split(',').map((item) => (isNumber(item) ? days[Number(item) % 7] : undefined))
  if (names.includes(undefined)) return undefined
  const last = names.pop()
  return `every ${names.length === 0 ? last : `${names.join(', ')} and ${last}`} at ${time}`
}

function strange(expression: string): string {
  try {
    words ??= createRequire(import.meta.url)('cronstrue') as Words
    const said = words.toString(expression, { use24HourTimeFormat: true })
    return said.charAt(0).toLowerCase() + said.slice(1)
  } catch {
    return `cron ${expression}`
  }
}

function spell(ms: number): string {
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['millisecond', 1]
  return ms === size ? name : `${ms / size} ${name}s`
}

const isNumber = (text: string): boolean => text !== '' && [...text].every((c) => c >= '0' && c <= '9')
const clock = (hour: number, minute: number): string => `${pad(hour)}:${pad(minute)}`
const pad = (value: number): string => String(value).padStart(2, '0')
