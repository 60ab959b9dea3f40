/** @module Schedules in English words. */
import { looksLikeDate } from './dates.ts'
import { Misread, type Token, Words } from './tokens.ts'
import { day, daysOfWeek, interval, isTimeNext, numberOf, type TimeOfDay, timeOfDay, unitOf } from './units.ts'

/** What words say, before zone and clock come in. */
export type Phrase =
  | { readonly kind: 'every'; readonly ms: number }
  | { readonly kind: 'in'; readonly ms: number }
  | { readonly kind: 'days'; readonly every: number; readonly time: TimeOfDay }
  | { readonly kind: 'cron'; readonly expression: string }
  /** On a day counted from today; undefined = today, or tomorrow if that time has passed. */
  | { readonly kind: 'on'; readonly ahead: number | undefined; readonly time: TimeOfDay }
  | { readonly kind: 'date'; readonly from: number }

const rhythms: ReadonlyMap<string, number> = new Map([
  ['hourly', 3_600_000],
  ['daily', day],
  ['weekly', 7 * day],
])
const midnight: TimeOfDay = { hour: 0, minute: 0 }
const numbered: ReadonlyMap<string, string> = new Map([
  ['1', 'st'],
  ['2', 'nd'],
  ['3', 'rd'],
  ['21', 'st'],
  ['22', 'nd'],
  ['23', 'rd'],
  ['31', 'st'],
])

/** Reads a schedule in words. @throws Misread, with the place of the word that is wrong. */
export function readPhrase(text: string): Phrase {
  const words = new Words(text)
  const phrase = read(words, text)
  if (phrase.kind !== 'date') words.finish()
  return phrase
}

function read(text: Words, whole: string): Phrase {
  const first = text.peek()
  const every = rhythms.get(first.text)
  if (every !== undefined) {
    text.take()
    return first.text === 'daily' && isTimeNext(text) ? daily(timeOfDay(text)) : { kind: 'every', ms: every }
  }
  if (text.skip('every', 'each')) return everyPhrase(text)
  if (text.skip('in')) return inPhrase(text)
  if (text.skip('on')) return { kind: 'cron', expression: dayOfMonth(text) }
  if (first.text === 'today' || first.text === 'tomorrow') {
    text.take()
    return { kind: 'on', ahead: first.text === 'today' ? 0 : 1, time: timeOfDay(text) }
  }
  if (first.text === 'at') {
    const { start } = text.peek(1)
    if (looksLikeDate(whole.slice(start))) return { kind: 'date', from: start }
    return { kind: 'on', ahead: undefined, time: timeOfDay(text) }
  }
  const days = daysOfWeek(text)
  if (days !== undefined) return onDays(days, text)
  if (text.skip('*')) {
    if (!text.skip('/')) text.fail('a / and an interval, such as */30m')
    return { kind: 'every', ms: intervalWithUnit(text) }
  }
  if (first.kind === 'number') return plainInterval(text)
  return text.fail('a schedule')
}

function everyPhrase(text: Words): Phrase {
  const days = daysOfWeek(text)
  if (days !== undefined) return onDays(days, text)
  const first = text.peek()
  if (text.skip('morning', 'afternoon', 'evening', 'night')) return daily(timeOfDay(text))
  if (text.skip('month')) {
    if (!text.skip('on')) text.fail('a day, as in every month on the 1st')
    return { kind: 'cron', expression: dayOfMonth(text) }
  }
  const unit = unitOf(first)
  if (unit !== undefined) {
    text.take()
    return unit === day && isTimeNext(text) ? daily(timeOfDay(text)) : { kind: 'every', ms: interval(one(first), unit) }
  }
  if (first.kind !== 'number') return text.fail('an interval or a day, such as every 5 minutes or every monday')
  const ms = intervalWithUnit(text)
  if (!isTimeNext(text)) return { kind: 'every', ms }
  if (ms % day !== 0) return text.fail('no time of day after an interval that is not of days')
  const time = timeOfDay(text)
  return ms === day ? daily(time) : { kind: 'days', every: ms / day, time }
}

function inPhrase(text: Words): Phrase {
  const first = text.peek()
  if (text.skip('a', 'an')) {
    const unit = unitOf(text.peek())
    if (unit === undefined) return text.fail('a unit such as minute, hour or day')
    text.take()
    return { kind: 'in', ms: interval(one(first), unit) }
  }
  if (first.text === '-') return text.fail('a time that is still to come')
  return { kind: 'in', ms: intervalWithUnit(text) }
}

/** An interval as `30m` and `5 minutes`, or a bare whole number of seconds. */
function plainInterval(text: Words): Phrase {
  const next = text.peek(1)
  if (next.kind === 'end') {
    const amount = text.take()
    if (amount.text.includes('.')) throw new Misread('there should be whole seconds, or a unit', amount)
    return { kind: 'every', ms: interval(amount, 1_000) }
  }
  if (unitOf(next) === undefined && (next.text === ':' || next.text === 'am' || next.text === 'pm'))
    return text.fail('at or every day before a time of day')
  return { kind: 'every', ms: intervalWithUnit(text) }
}

function intervalWithUnit(text: Words): number {
  const amount = text.peek()
  if (amount.kind !== 'number') return text.fail('a number')
  text.take()
  const unit = unitOf(text.peek())
  if (unit === undefined) return text.fail('a unit such as s, minutes, hours or days')
  text.take()
  return interval(amount, unit)
}

function onDays(days: string, text: Words): Phrase {
  const { hour, minute } = isTimeNext(text) ? timeOfDay(text) : midnight
  return { kind: 'cron', expression: `${minute} ${hour} * * ${days}` }
}

function daily({ hour, minute }: TimeOfDay): Phrase {
  return { kind: 'cron', expression: `${minute} ${hour} * * *` }
}

/** Reads `the 1st at 9am`, `the last day of the month at 18:30`. Months that lack the day are left out. */
function dayOfMonth(text: Words): string {
  text.skip('the')
  const first = text.peek()
  let date: string
  if (text.skip('last')) {
    if (!text.skip('day')) text.fail('day')
    date = 'L'
  } else {
    if (first.kind !== 'number') return text.fail('a day of the month, such as the 1st')
    text.take()
    const value = numberOf(first)
    if (!Number.isInteger(value) || value < 1 || value > 31) throw new Misread('there is no such day of a month', first)
    date = String(value)
    if (!text.skip(numbered.get(date) ?? 'th')) text.fail(`${date}${numbered.get(date) ?? 'th'}`)
  }
  if (text.skip('of')) {
    text.skip('the', 'every', 'each')
    if (!text.skip('month')) text.fail('month')
  }
  const { hour, minute } = isTimeNext(text) ? timeOfDay(text) : midnight
  return `${minute} ${hour} ${date} * *`
}

const one = (token: Token): Token => ({ ...token, kind: 'number', text: '1' })
