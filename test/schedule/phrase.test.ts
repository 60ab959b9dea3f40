import { describe, expect, it } from 'vitest'
import { readPhrase } from '../../src/schedule/phrase.ts'

describe('words', () => {
  it.each([
    ['every 2 days at 18:30', { kind: 'days', every: 2, time: { hour: 18, minute: 30 } }],
    ['every day at 9am', { kind: 'cron', expression: '0 9 * * *' }],
    ['in a minute', { kind: 'in', ms: 60_000 }],
    ['at 9am', { kind: 'on', ahead: undefined, time: { hour: 9, minute: 0 } }],
    ['tomorrow at noon', { kind: 'on', ahead: 1, time: { hour: 12, minute: 0 } }],
    ['at 2026-01-01', { kind: 'date', from: 3 }],
    ['*/10s', { kind: 'every', ms: 10_000 }],
  ])('%s say when, without zone or clock', (text, phrase) => {
    expect(readPhrase(text)).toEqual(phrase)
  })

  it.each([
    ['every monday 9am tuesday', 17],
    ['in a fortnight', 5],
    ['on the 3th', 8],
    ['every month at 9am', 12],
    ['tomorrow', 8],
    ['*30m', 1],
    ['1.5', 0],
  ])('%s are wrong at a place', (text, start) => {
    expect(() => readPhrase(text)).toThrow(expect.objectContaining({ start }))
  })
})
