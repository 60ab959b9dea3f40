import { describe, expect, it } from 'vitest'
import { OffstageError, ValidationError } from '../../src/errors.ts'
import { seededRandom } from '../../src/random.ts'
import { longestSchedule, parseSchedule } from '../../src/schedule/grammar.ts'
import { nextSlot } from '../../src/schedule/next.ts'
import { vocabulary } from '../../src/schedule/units.ts'

/** A Sunday, 13:00 in Berlin. */
const now = Date.UTC(2026, 2, 1, 12)
const tz = 'Europe/Berlin'
const parse = (text: string | number) => parseSchedule(text, { tz, now })
const refused = (text: unknown): ValidationError => {
  try {
    parse(text as string)
  } catch (error) {
    if (error instanceof ValidationError && OffstageError.is(error, 'INVALID_SCHEDULE')) return error
    throw error
  }
  throw new Error(`${String(text)} was accepted`)
}

describe('an interval', () => {
  it.each<[string | number, number]>([
    ['hourly', 3_600_000],
    ['Daily', 86_400_000],
    ['WEEKLY', 604_800_000],
    ['*/30m', 1_800_000],
    ['*/6h', 21_600_000],
    ['30m', 1_800_000],
    ['5 minutes', 300_000],
    ['1.5h', 5_400_000],
    ['1500ms', 1_500],
    ['2w', 1_209_600_000],
    [3600, 3_600_000],
    ['3600', 3_600_000],
    [1, 1_000],
    ['every 5 minutes', 300_000],
    ['Every 90 Minutes', 5_400_000],
    ['each 10 sec', 10_000],
    ['every hour', 3_600_000],
    ['every day', 86_400_000],
    ['every 2 days', 172_800_000],
  ])('%s is counted from now', (text, ms) => {
    expect(parse(text)).toEqual({ kind: 'every', text: String(text), tz, ms, anchor: now })
  })
})

describe('a time of day or of the week', () => {
  it.each([
    ['every day at 9am', '0 9 * * *'],
    ['daily at 18:30', '30 18 * * *'],
    ['every morning at 7am', '0 7 * * *'],
    ['every day at midnight', '0 0 * * *'],
    ['every day at 12am', '0 0 * * *'],
    ['every day at 12:15 pm', '15 12 * * *'],
    ['weekdays at 9am', '0 9 * * 1-5'],
    ['every weekday at noon', '0 12 * * 1-5'],
    ['weekends at 10:00', '0 10 * * 0,6'],
    ['every monday 9am', '0 9 * * 1'],
    ['Mondays at 9am', '0 9 * * 1'],
    ['every mon,wed,fri at 9am', '0 9 * * 1,3,5'],
    ['every fri, wed and Mon at 9am', '0 9 * * 1,3,5'],
    ['every sunday', '0 0 * * 0'],
    ['on the 1st at 9am', '0 9 1 * *'],
    ['on the 22nd of every month', '0 0 22 * *'],
    ['every month on the 15th at 8pm', '0 20 15 * *'],
    ['on the last day of the month at noon', '0 12 L * *'],
    ['every 1 day at 9am', '0 9 * * *'],
  ])('%s is the cron line %s', (text, expression) => {
    expect(parse(text)).toEqual({ kind: 'cron', text, tz, expression })
  })

  it.each([
    ['every 2 days at 18:30', 2, '2026-03-01'],
    ['every 3 days at 9:30', 3, '2026-03-02'],
    ['every 2 weeks at 18:30', 14, '2026-03-01'],
  ])('%s counts calendar days from the next time', (text, every, from) => {
    expect(parse(text)).toMatchObject({ kind: 'days', every, from, text, tz })
  })
})

describe('a cron line', () => {
  it.each([
    ['cron:0 9 * * 1-5', '0 9 * * 1-5'],
    ['CRON: 0 9 * * mon', '0 9 * * mon'],
    ['  */15   8-18 * * MON-FRI ', '*/15 8-18 * * MON-FRI'],
    ['*/10 * * * * *', '*/10 * * * * *'],
    ['* * * * *', '* * * * *'],
    ['0 0 29 2 *', '0 0 29 2 *'],
    ['0 0 LW * *', '0 0 LW * *'],
    ['0 0 15W * *', '0 0 15W * *'],
    ['0 0 * * 5L', '0 0 * * 5L'],
    ['0 0 * * 5#2', '0 0 * * 5#2'],
    ['0 0 31 2 1', '0 0 31 2 1'],
    ['0 0 31 */2 *', '0 0 31 */2 *'],
    ['@daily', '0 0 * * *'],
    ['@Hourly', '0 * * * *'],
    ['cron:@weekly', '0 0 * * 0'],
    ['@yearly', '0 0 1 1 *'],
  ])('%s is %s', (text, expression) => {
    expect(parse(text)).toEqual({ kind: 'cron', text: text.trim(), tz, expression })
  })
})

describe('a single time', () => {
  it.each([
    ['in 20 minutes', '2026-03-01T12:20:00.000Z'],
    ['in 2 days', '2026-03-03T12:00:00.000Z'],
    ['in an hour', '2026-03-01T13:00:00.000Z'],
    ['in 1.5h', '2026-03-01T13:30:00.000Z'],
    ['at 9am', '2026-03-02T08:00:00.000Z'],
    ['at 13:01', '2026-03-01T12:01:00.000Z'],
    ['at 13:00', '2026-03-02T12:00:00.000Z'],
    ['today at 11pm', '2026-03-01T22:00:00.000Z'],
    ['Tomorrow at 5pm', '2026-03-02T16:00:00.000Z'],
    ['at:2026-03-05T09:00:00', '2026-03-05T08:00:00.000Z'],
    ['AT: 2026-03-05t09:00z', '2026-03-05T09:00:00.000Z'],
    ['at 2026-07-01 10:00', '2026-07-01T08:00:00.000Z'],
    ['2026-07-01', '2026-06-30T22:00:00.000Z'],
    ['2026-07-01T10:00:30.5+05:45', '2026-07-01T04:15:30.500Z'],
    ['2026-07-01T10:00-0330', '2026-07-01T13:30:00.000Z'],
    ['2026-03-29T02:30', '2026-03-29T01:00:00.000Z'],
    ['2026-10-25T02:30', '2026-10-25T00:30:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(parse(text)).toEqual({ kind: 'at', text, tz, time: Date.parse(time) })
  })
})

describe('what was read', () => {
  it('is frozen, and the same after a trip through JSON', () => {
    for (const text of ['hourly', 'at 9am', 'every 2 days at 9am', '0 9 * * *']) {
      const parsed = parse(text)
      expect(Object.isFrozen(parsed)).toBe(true)
      expect(JSON.parse(JSON.stringify(parsed))).toEqual(parsed)
    }
  })

  it('means UTC where no zone is given', () => {
    expect(parseSchedule('every day at 9am', { now }).tz).toBe('UTC')
  })
})

describe('a refusal', () => {
  it.each<[unknown, string]>([
    ['*/0m', 'character 3'],
    ['every 0 minutes', 'character 7'],
    ['in -5 minutes', 'did you mean `in 5 minutes`'],
    ['at:garbage', 'character 4'],
    ['cron:garbage', 'five or six fields'],
    ['0 0 31 2 *', 'never comes'],
    ['0 0 30 2 *', 'never comes'],
    ['cron:0 0 31 apr,jun *', 'character 10'],
    ['0 0 31 4-6/2 ?', 'never comes'],
    ['0 0 30W feb *', 'never comes'],
    ['0 25 * * *', 'character 3'],
    ['* * * *', 'five or six fields, not 4'],
    ['* * * * * * *', 'five or six fields, not 7'],
    ['1-59/9999999 * * * *', 'no minute of a cron line'],
    ['0 0 31 2 +1', 'no day of the week'],
    ['cron:0 9: * * *', 'character 8'],
    ['cron:* * * * 2026-01-01T00:00', 'character 14'],
    ['0 9 @daily * *', 'no day of the month'],
    ['@reboot', '@hourly'],
    ['at:2020-01-01', 'has passed'],
    ['at:2026-03-01T13:00', 'has passed'],
    ['today at 9am', 'has passed'],
    ['at:275760-09-13', 'a year from'],
    ['at:9999-01-01', 'a year from'],
    ['at:2050-01-01', 'ten years'],
    ['at:2026-02-29', 'a day of that month'],
    ['at:2026-04-01T10:00+25:00', 'an offset'],
    ['1'.repeat(28), 'too many digits'],
    [`${'1'.repeat(28)}m`, 'too many digits'],
    ['every 500ms', 'at least one second'],
    ['every 100000 days', 'at most ten years'],
    ['in 4000 days', 'at most ten years'],
    ['evry mondya 9am', 'did you mean `every monday 9am`'],
    ['every monday at 25:00', 'character 17, "25"'],
    ['every monday at 9am, please', 'character 20'],
    ['every 5 bananas', '"bananas"'],
    ['every 5 hours at 9am', 'not of days'],
    ['9am', 'did you mean `at 9am`'],
    ['next friday', '"next"'],
    ['on the 32nd', 'no such day'],
    ['on the 2th', '2nd'],
    ['every', 'missing at its end'],
    ['every \u202emonday', '\\u202e'],
    ['', 'a text such as'],
    [' \t\n', 'a text such as'],
    ['x'.repeat(longestSchedule + 1), 'at most 256 characters'],
    [`${'1,'.repeat(10_000)}1 * * * *`, 'at most 256 characters'],
    [0, 'whole seconds'],
    [-1, 'whole seconds'],
    [1.5, 'whole seconds'],
    [Number.POSITIVE_INFINITY, 'whole seconds'],
    [Number.NaN, 'whole seconds'],
    [1e12, 'whole seconds'],
    [undefined, 'a text such as'],
    [{}, 'a text such as'],
  ])('of %j says where and why', (text, why) => {
    expect(refused(text).message).toContain(why)
  })

  it.each(['Mars/Base', '', 5 as unknown as string, '+01:00'])('of the zone %j names it', (zone) => {
    expect(() => parseSchedule('hourly', { tz: zone, now })).toThrow(/^tz must be a time zone/)
  })

  it('offers a schedule that can be read', () => {
    for (const text of [
      'evry 5 minuts',
      'hourli',
      '*/0m',
      'cron:x',
      'at:x',
      'on friday',
      '61 * * * *',
      'tomorow at 5pm',
    ]) {
      const near = /did you mean `(.+)`\?/.exec(refused(text).message)?.[1] ?? ''
      expect(() => parse(near), text).not.toThrow()
    }
  })
})

describe('any text at all', () => {
  const random = seededRandom(5)
  const signs = [...'0123456789*/,-:.#LW?@+ \n\u0000é\u202e', '__proto__', '2026-03-05', 'cron:', 'at:', '9am', '1st']
  const pick = (from: readonly string[]) => from[Math.floor(random.next() * from.length)] as string
  const seeds = ['every mon,wed at 9am', '*/5 8-18 1W * mon#2', 'at:2026-05-01T09:00+01:00', 'in 20 minutes', '30m']

  const made = (): string =>
    Array.from({ length: 1 + Math.floor(random.next() * 7) }, () =>
      pick(random.next() < 0.7 ? vocabulary : signs),
    ).join(random.next() < 0.8 ? ' ' : '')

  const changed = (): string => {
    const text = [...pick(seeds)]
    for (let edits = 0; edits <= random.next() * 4; edits += 1)
      text.splice(Math.floor(random.next() * (text.length + 1)), Math.floor(random.next() * 3), pick(signs))
    return text.join('')
  }

  it('ends in a schedule with a slot to come, or in a ValidationError', () => {
    let accepted = 0
    for (let run = 0; run < 2_000; run += 1) {
      const text = run % 2 === 0 ? made() : changed()
      try {
        const slot = nextSlot(parse(text), now)
        expect(slot, JSON.stringify(text)).toBeGreaterThan(now)
        accepted += 1
      } catch (error) {
        if (!(error instanceof ValidationError))
          throw new Error(`${JSON.stringify(text)} ended badly`, { cause: error })
        expect(error.message).not.toMatch(/[\p{Cc}\u202e]/u)
      }
    }
    expect(accepted).toBeGreaterThan(60)
  })
})
