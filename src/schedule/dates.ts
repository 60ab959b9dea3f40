/** @module Dates and times as ISO writes them, in a zone unless they carry an offset of their own. */
import { Misread, type Token, tokenize } from './tokens.ts'
import { firstAt } from './zone.ts'

/** Whether a text begins as an ISO date does: four digits and a hyphen. */
export function looksLikeDate(text: string): boolean {
  const [year, hyphen] = tokenize(text.slice(0, 8))
  return year?.kind === 'number' && year.end === 4 && hyphen?.text === '-'
}

/**
 * Reads `2026-03-01`, `2026-03-01T09:00`, `2026-03-01 09:00:30.5+01:00`; a date alone is its midnight.
 *
 * @param text The date, which begins at `from` in what the user wrote.
 * @param tz Whose clocks are meant where there is no offset.
 * @returns Epoch ms.
 */
export function isoTime(text: string, from: number, tz: string): number {
  const tokens = tokenize(text)
  let at = 0
  const fail = (wanted: string, token: Token | undefined): never => {
    const { start, end } = token ?? { start: text.length, end: text.length }
    throw new Misread(`there should be ${wanted}`, { start: from + start, end: from + end })
  }
  const number = (digits: number, least: number, most: number, wanted: string): number => {
    const token = tokens[at]
    const value = Number(token?.text)
    if (token?.kind !== 'number' || token.text.length !== digits || value < least || value > most)
      return fail(wanted, token)
    at += 1
    return value
  }
  const sign = (text: string): void => {
    if (tokens[at]?.text !== text) fail(`a ${text}`, tokens[at])
    at += 1
  }
  const year = number(4, 1970, 2999, 'a year from 1970 to 2999')
  sign('-')
  const month = number(2, 1, 12, 'a month from 01 to 12')
  sign('-')
  const day = number(2, 1, new Date(Date.UTC(year, month, 0)).getUTCDate(), 'a day of that month')
  let wall = Date.UTC(year, month - 1, day)
  let offset: number | undefined
  if (tokens[at]?.kind !== 'end') {
    if (tokens[at]?.text === 't') at += 1
    wall += number(2, 0, 23, 'an hour from 00 to 23') * 3_600_000
    sign(':')
    wall += number(2, 0, 59, 'minutes from 00 to 59') * 60_000
    if (tokens[at]?.text === ':') {
      at += 1
      wall += seconds()
    }
    offset = zoneOffset()
  }
  if (tokens[at]?.kind !== 'end') fail('the end of the date', tokens[at])
  return offset === undefined ? firstAt(tz, wall) : wall - offset

  function seconds(): number {
    const token = tokens[at]
    const isTwo = token?.text.length === 2 || token?.text[2] === '.'
    if (token?.kind !== 'number' || !isTwo || token.text.length > 12 || Number(token.text) >= 60)
      return fail('seconds from 00 to 59', token)
    at += 1
    return Math.floor(Number(token.text) * 1_000)
  }

  function zoneOffset(): number | undefined {
    const head = tokens[at]?.text
    if (head === 'z') at += 1
    if (head === 'z') return 0
    if (head !== '+' && head !== '-') return undefined
    at += 1
    const joined = tokens[at]?.text.length === 4
    let minutes = joined ? number(4, 0, 2359, 'an offset such as +0100') : number(2, 0, 23, 'an offset such as +01:00')
    if (joined) minutes = Math.floor(minutes / 100) * 60 + (minutes % 100)
    else {
      minutes *= 60
      if (tokens[at]?.text === ':') {
        at += 1
        minutes += number(2, 0, 59, 'minutes from 00 to 59')
      }
    }
    return (head === '-' ? -1 : 1) * minutes * 60_000
  }
}
