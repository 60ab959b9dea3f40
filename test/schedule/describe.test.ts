import { expect, it } from 'vitest'
import { describeSchedule } from '../../src/schedule/describe.ts'
import { parseSchedule } from '../../src/schedule/grammar.ts'

const options = { tz: 'Europe/Berlin', now: Date.UTC(2026, 2, 1, 12) }

it.each([
  ['hourly', 'every hour'],
  ['*/30m', 'every 30 minutes'],
  ['1500ms', 'every 1500 milliseconds'],
  ['every 2 weeks', 'every 2 weeks'],
  ['every day at 9am', 'every day at 09:00, Europe/Berlin'],
  ['every monday at 9am', 'every Monday at 09:00, Europe/Berlin'],
  ['every mon,wed,fri at 18:05', 'every Monday, Wednesday and Friday at 18:05, Europe/Berlin'],
  ['weekdays at 9am', 'every weekday at 09:00, Europe/Berlin'],
  ['weekends at 9am', 'every weekend day at 09:00, Europe/Berlin'],
  ['on the 1st at 9am', 'at 09:00, on day 1 of the month, Europe/Berlin'],
  ['on the last day at noon', 'on the last day of every month at 12:00, Europe/Berlin'],
  ['every 2 days at 18:30', 'every 2 days at 18:30, from 2026-03-01, Europe/Berlin'],
  ['in 20 minutes', 'once on 2026-03-01 at 13:20, Europe/Berlin'],
  ['at:2026-03-05T09:00:07', 'once on 2026-03-05 at 09:00:07, Europe/Berlin'],
  ['*/15 8-18 * * mon-fri', 'every 15 minutes, between 08:00 and 18:59, Monday through Friday, Europe/Berlin'],
])('%s is said as: %s', (text, words) => {
  expect(describeSchedule(parseSchedule(text, options))).toBe(words)
})
