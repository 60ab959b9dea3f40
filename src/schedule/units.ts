/** @module The parts that schedules in words are made of: amounts, times of day and days of the week. */
import { Misread, type Token, type Words } from './tokens.ts'

/** The shortest interval: one second, in ms. */
export const shortestInterval = 1_000
/** The longest interval and the farthest moment ahead: ten years of 365 days, in ms. */
export const longestInterval = 10 * 365 * 86_400_000

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
export const day = 24 * hour
const week = 7 * day

const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ...['s', 'sec', 'secs', 'second', 'seconds'].map((name) => [name, second] as const),
  ...['m', 'min', 'mins', 'minute', 'minutes'].map((name) => [name, minute] as const),
  ...['h', 'hr', 'hrs', 'hour', 'hours'].map((name) => [name, hour] as const),
  ...['d', 'day', 'days'].map((name) => [name, day] as const),
  ...['w', 'week', 'weeks'].map((name) => [name, week] as const),
])

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday']
const daysByName: ReadonlyMap<string, number> = new Map([
  ...dayNames.flatMap((name, index) => [name, `${name}s`, name.slice(0, 3)].map((form) => [form, index] as const)),
  ...Object.entries({ tues: 2, weds: 3, thur: 4, thurs: 4 }),
])
const groups: ReadonlyMap<string, string> = new Map([
  ...['weekday', 'weekdays'].map((name) => [name, '1-5'] as const),
  ...['weekend', 'weekends'].map((name) => [name, '0,6'] as const),
])

/** The words that a schedule may use, for the search of one that was meant. */
export const vocabulary: readonly string[] = [
  ...[
    'every',
    'each',
    'hourly',
    'daily',
    'weekly',
    'at',
    'in',
    'on',
    'the',
    'last',
    'of',
    'month',
    'today',
    'tomorrow',
  ],
  ...['noon', 'midnight', 'am', 'pm', 'morning', 'evening', 'second', 'minute', 'hour', 'day', 'week'],
  ...['seconds', 'minutes', 'hours', 'days', 'weeks', ...groups.keys(), ...dayNames],
]

/** The ms of a unit, if the word is one. */
export const unitOf = (token: Token): number | undefined => (token.kind === 'word' ? units.get(token.text) : undefined)

/** An amount of time: takes the number before, and checks the bounds. */
export function interval(amount: Token, unit: number): number {
  const ms = Math.round(numberOf(amount) * unit)
  if (ms < shortestInterval) throw new Misread('an interval is at least one second', amount)
  if (ms > longestInterval) throw new Misread('an interval is at most ten years', amount)
  return ms
}

/** The value of a number: at most 12 digits before the point, and 6 after it. */
export function numberOf(token: Token): number {
  const point = token.text.indexOf('.')
  const whole = point === -1 ? token.text.length : point
  if (token.kind !== 'number') throw new Misread('there should be a number', token)
  if (whole > 12 || token.text.length - whole > 7) throw new Misread('the number has too many digits', token)
  return Number(token.text)
}

/** A time of day. */
export interface TimeOfDay {
  readonly hour: number
  readonly minute: number
}

/** Whether a time of day may begin here. */
export function isTimeNext(words: Words): boolean {
  const { kind, text } = words.peek()
  return kind === 'number' || text === 'at' || text === 'noon' || text === 'midnight'
}

/** Reads `at 9am`, `9:30 pm`, `18:30`, `noon`, `midnight`; the `at` may be left out. */
export function timeOfDay(words: Words): TimeOfDay {
  words.skip('at')
  if (words.skip('noon')) return { hour: 12, minute: 0 }
  if (words.skip('midnight')) return { hour: 0, minute: 0 }
  const wanted = 'a time of day such as 9am, 18:30 or noon'
  const hours = words.peek()
  if (hours.kind !== 'number') words.fail(wanted)
  words.take()
  let minutes = 0
  const hasMinutes = words.skip(':')
  if (hasMinutes) {
    const token = words.peek()
    if (token.kind !== 'number' || token.text.length !== 2 || Number(token.text) > 59)
      words.fail('minutes from 00 to 59')
    words.take()
    minutes = Number(token.text)
  }
  const half = words.peek().text
  const isHalf = words.skip('am', 'pm')
  const value = hours.text.length <= 2 ? Number(hours.text) : Number.NaN
  if (isHalf && value >= 1 && value <= 12) return { hour: (value % 12) + (half === 'pm' ? 12 : 0), minute: minutes }
  if (!isHalf && hasMinutes && value <= 23) return { hour: value, minute: minutes }
  return words.fail(wanted, hours)
}

/** Reads `mon,wed and fri`, `weekdays` or `weekend` as the days of a cron line; undefined when none is next. */
export function daysOfWeek(words: Words): string | undefined {
  const group = groups.get(words.peek().text)
  if (group !== undefined) {
    words.take()
    return group
  }
  if (!daysByName.has(words.peek().text)) return undefined
  const days = new Set<number>()
  do {
    const name = daysByName.get(words.peek().text)
    if (name === undefined) return words.fail('a day of the week')
    words.take()
    days.add(name)
    while (words.skip(',', 'and')) if (daysByName.has(words.peek().text)) break
  } while (daysByName.has(words.peek().text))
  return [...days].sort((a, b) => a - b).join(',')
}
