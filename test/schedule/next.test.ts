import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import { parseSchedule } from '../../src/schedule/grammar.ts'
import { nextSlot, previousSlot, slotsBetween } from '../../src/schedule/next.ts'
import type { ParsedSchedule } from '../../src/schedule/parsed.ts'

interface Case {
  readonly tz: string
  readonly line: string
  readonly after: string
  /** Minutes from `after`. */
  readonly slots: readonly number[]
}

const now = Date.UTC(2010, 0, 1)
const cases: readonly Case[] = JSON.parse(readFileSync(new URL('data/slots.json', import.meta.url), 'utf8'))
const cron = (line: string, tz: string): ParsedSchedule => ({ kind: 'cron', text: line, tz, expression: line })
const iso = (slots: readonly (number | undefined)[]) => slots.map((slot) => slot && new Date(slot).toISOString())
const expected = ({ after, slots }: Case) => slots.map((minutes) => Date.parse(after) + minutes * 60_000)

const forward = (parsed: ParsedSchedule, after: number, count: number): number[] =>
  slotsBetween(parsed, after, Number.POSITIVE_INFINITY, count)

describe('slots of cron lines against a walk through the minutes of zoneinfo', () => {
  it('covers over 200 cases in over 12 zones', () => {
    expect(cases.length).toBeGreaterThan(200)
    expect(new Set(cases.map(({ tz }) => tz)).size).toBeGreaterThan(12)
  })

  it.each([...new Set(cases.map(({ tz }) => tz))])('come when they are due in %s', (zone) => {
    for (const each of cases.filter(({ tz }) => tz === zone)) {
      const parsed = cron(each.line, each.tz)
      const found = forward(parsed, Date.parse(each.after), each.slots.length)
      expect(iso(found), `${each.line} after ${each.after}`).toEqual(iso(expected(each)))
    }
  })

  it.each([...new Set(cases.map(({ tz }) => tz))])('are found backwards as well in %s', (zone) => {
    for (const each of cases.filter(({ tz }) => tz === zone)) {
      const parsed = cron(each.line, each.tz)
      const slots = expected(each)
      const found = slots.slice(1).map((slot) => previousSlot(parsed, slot))
      expect(iso(found), `${each.line} after ${each.after}`).toEqual(iso(slots.slice(0, -1)))
    }
  })
})

describe('slots in whatever the clocks do', () => {
  const zones = [...new Set(cases.map(({ tz }) => tz))]
  const lines = [...new Set(cases.map(({ line }) => line)), '*/7 * * * * *', '30 */5 1-2 * * *', '0 0 * feb-apr 1']

  it('are never the same twice, and lie between their neighbours, from any instant', () => {
    const random = seededRandom(11)
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random.next() * from.length)] as T
    const changes = cases.map(({ after }) => Date.parse(after))
    for (let run = 0; run < 1_500; run += 1) {
      const parsed = cron(pick(lines), pick(zones))
      const after = pick(changes) + Math.floor(random.next() * 4 * 86_400_000)
      const what = `${parsed.text} in ${parsed.tz} after ${after}`
      const next = nextSlot(parsed, after)
      if (next === undefined) throw new Error(`${what}: no slot`)
      const following = nextSlot(parsed, next) ?? 0
      expect(next, what).toBeGreaterThan(after)
      expect(following, what).toBeGreaterThan(next)
      expect(previousSlot(parsed, following), what).toBe(next)
      expect(previousSlot(parsed, next) ?? 0, what).toBeLessThanOrEqual(after)
      expect(nextSlot(parsed, previousSlot(parsed, next) ?? 0), what).toBe(next)
      expect(nextSlot(parsed, next - 1), what).toBe(next)
    }
  })

  it('of a daily time in a gap come at the first valid moment after it', () => {
    const after = Date.parse('2024-03-30T12:00Z')
    expect(iso(forward(cron('30 2 * * *', 'Europe/Berlin'), after, 2))).toEqual([
      '2024-03-31T01:00:00.000Z',
      '2024-04-01T00:30:00.000Z',
    ])
  })

  it('of a daily time in a repeated hour come at the first of the two', () => {
    const after = Date.parse('2024-11-02T12:00Z')
    expect(iso(forward(cron('30 1 * * *', 'America/New_York'), after, 2))).toEqual([
      '2024-11-03T05:30:00.000Z',
      '2024-11-04T06:30:00.000Z',
    ])
  })

  it('of a quarter of an hour keep their distance through a repeated hour', () => {
    const slots = forward(cron('*/15 * * * *', 'Europe/Berlin'), Date.parse('2024-10-26T22:00Z'), 40)
    expect(new Set(slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0)))).toEqual(new Set([900_000]))
  })

  it('of a day that a zone left out come when the next one began', () => {
    const slots = forward(cron('0 9 * * *', 'Pacific/Apia'), Date.parse('2011-12-29T12:00Z'), 3)
    expect(iso(slots)).toEqual(['2011-12-29T19:00:00.000Z', '2011-12-30T10:00:00.000Z', '2011-12-30T19:00:00.000Z'])
  })
})

describe('slots of intervals', () => {
  const parsed = parseSchedule('every 90 minutes', { now })

  it('are counted from the anchor, and the anchor is none', () => {
    expect(nextSlot(parsed, now - 1)).toBe(now + 5_400_000)
    expect(nextSlot(parsed, now)).toBe(now + 5_400_000)
    expect(nextSlot(parsed, now + 5_400_000)).toBe(now + 2 * 5_400_000)
  })

  it('do not drift, however late they are asked for', () => {
    expect(nextSlot(parsed, now + 1_000 * 5_400_000 + 17)).toBe(now + 1_001 * 5_400_000)
    expect(previousSlot(parsed, now + 1_000 * 5_400_000)).toBe(now + 999 * 5_400_000)
  })

  it('have none before the first', () => {
    expect(previousSlot(parsed, now + 5_400_000)).toBeUndefined()
    expect(previousSlot(parsed, now + 5_400_001)).toBe(now + 5_400_000)
  })

  it('of days stay at their time of day when clocks change', () => {
    const days = parseSchedule('every 2 days at 18:30', { tz: 'Europe/Berlin', now: Date.parse('2024-03-29T12:00Z') })
    const slots = forward(days, Date.parse('2024-03-29T12:00Z'), 3)
    expect(iso(slots)).toEqual(['2024-03-29T17:30:00.000Z', '2024-03-31T16:30:00.000Z', '2024-04-02T16:30:00.000Z'])
    expect(previousSlot(days, slots[2] ?? 0)).toBe(slots[1])
    expect(previousSlot(days, slots[0] ?? 0)).toBeUndefined()
  })
})

describe('a schedule for once', () => {
  const parsed = parseSchedule('in 20 minutes', { now })

  it('has one slot', () => {
    expect(slotsBetween(parsed, now, now + 86_400_000)).toEqual([now + 1_200_000])
    expect(nextSlot(parsed, now + 1_200_000)).toBeUndefined()
    expect(previousSlot(parsed, now + 1_200_000)).toBeUndefined()
    expect(previousSlot(parsed, now + 1_200_001)).toBe(now + 1_200_000)
  })
})

describe('the slots of a span', () => {
  const parsed = cron('0 * * * *', 'UTC')

  it('are those after its start up to its end', () => {
    expect(slotsBetween(parsed, now, now + 2 * 3_600_000)).toEqual([now + 3_600_000, now + 7_200_000])
  })

  it('are no more than were asked for, and never more than 10,000', () => {
    expect(slotsBetween(parsed, now, now + 86_400_000, 3)).toHaveLength(3)
    expect(slotsBetween(parsed, now, Number.POSITIVE_INFINITY, 20_000)).toHaveLength(10_000)
  })

  it('end where time does', () => {
    for (const after of [8.64e15, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN])
      expect(nextSlot(parsed, after)).toBeUndefined()
    expect(nextSlot(parsed, Number.NEGATIVE_INFINITY)).toBe(3_600_000)
    expect(previousSlot(parsed, Number.NEGATIVE_INFINITY)).toBeUndefined()
  })
})
