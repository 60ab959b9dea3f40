/** @module Checks a cron line: which field is wrong, and whether it can fire at all. */
import { Misread, type Token, tokenize } from './tokens.ts'
import { isCron } from './walls.ts'

const shorthands: ReadonlyMap<string, string> = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
])
const fieldNames = ['second', 'minute', 'hour', 'day of the month', 'month', 'day of the week']
const monthNames = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

interface Field {
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Whether a text is a cron line rather than words: its first field is made of signs and digits, and more follow. */
export function looksLikeCron(text: string): boolean {
  if (text.startsWith('@')) return true
  const [first = { text: '' }, ...others] = split(text, 0)
  if (others.length === 0) return first.text === '*'
  const isMinutes = [...first.text].every((c) => (c >= '0' && c <= '9') || '*/,-?'.includes(c))
  const second = others[0]?.text ?? ''
  return isMinutes && (first.text === '*' || '*?'.includes(second[0] ?? ' ') || others.length >= 4)
}

/**
 * Checks a cron line.
 *
 * @param text The line, which begins at `from` in what the user wrote.
 * @returns The line in one spelling: five or six fields, one space between them.
 */
export function cronLine(text: string, from: number): string {
  const fields = split(text, from)
  const [first] = fields
  const whole = { start: from, end: from + text.length }
  if (first === undefined) throw new Misread('a cron line of five or six fields is missing', whole)
  if (first.text.startsWith('@')) return shorthand(fields)
  if (fields.length < 5 || fields.length > 6)
    throw new Misread(`a cron line has five or six fields, not ${fields.length}`, fields[6] ?? whole)
  const expression = fields.map(({ text }) => text).join(' ')
  // croner would take a weekday as a second condition then: no other cron reads it so
  const hasPlus = fields.some((field) => field.text.startsWith('+'))
  if (hasPlus || !isCron(expression)) throw wrongField(fields) ?? new Misread('this is no cron line', whole)
  const day = fields.at(-3)
  if (day !== undefined && !everFires(fields)) throw new Misread('this day never comes in these months', day)
  return expression
}

function wrongField(fields: readonly Field[]): Misread | undefined {
  const names = fieldNames.slice(-fields.length)
  for (const [index, field] of fields.entries()) {
    const alone = fields.map((_, other) => (other === index ? field.text : '*')).join(' ')
    if (field.text.startsWith('+') || !isCron(alone))
      return new Misread(`this is no ${names[index]} of a cron line`, field)
  }
  return undefined
}

function shorthand([first, second]: readonly Field[]): string {
  const known = shorthands.get(first?.text.toLowerCase() ?? '')
  if (second !== undefined) throw new Misread('nothing more should come here', second)
  if (known !== undefined || first === undefined) return known ?? ''
  throw new Misread(`there should be one of ${[...shorthands.keys()].join(' ')}`, first)
}

/** Only a day of the month can keep a line from ever firing; croner would look for it through eight thousand years. */
function everFires(fields: readonly Field[]): boolean {
  const [day = '*', month = '*', weekday = '*'] = fields.slice(-3).map(({ text }) => text.toLowerCase())
  if (weekday !== '*' && weekday !== '?') return true
  const days = day.split(',').map((item) => Number.parseInt(item, 10))
  if (days.some(Number.isNaN)) return true
  const longest = Math.max(...monthsOf(month).map((index) => daysInMonth[index - 1] ?? 31))
  return Math.min(...days) <= longest
}

function monthsOf(field: string): number[] {
  const monthOf = (name: string): number =>
    monthNames.indexOf(name) === -1 ? Number(name) : monthNames.indexOf(name) + 1
  return field.split(',').flatMap((item) => {
    const [range = '*', step = '1'] = item.split('/')
    const [first = 1, last = first] = range === '*' || range === '?' ? [1, 12] : range.split('-').map(monthOf)
    return Array.from({ length: 12 }, (_, index) => index + 1).filter(
      (month) => month >= first && month <= last && (month - first) % Number(step) === 0,
    )
  })
}

function split(text: string, from: number): Field[] {
  const fields: Field[] = []
  let last: Token | undefined
  for (const { start, end, kind } of tokenize(text)) {
    if (kind === 'end') break
    const field = fields.at(-1)
    if (field !== undefined && last?.end === start)
      fields[fields.length - 1] = { text: field.text + text.slice(start, end), start: field.start, end: from + end }
    else fields.push({ text: text.slice(start, end), start: from + start, end: from + end })
    last = { start, end, kind, text: '' }
  }
  return fields
}
