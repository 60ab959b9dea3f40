import { expect, it } from 'vitest'
import { calendar } from '../../src/cli/commands/schedule-preview.ts'
import { textOf } from '../../src/cli/text.ts'

const at = (time: string, clash = 0) => ({ schedule: 'a', id: 'a', at: new Date(time), clash })
const drawn = (...given: Parameters<typeof calendar>): string[] =>
  calendar(...given).map((line) => line.map(textOf).join('').trimEnd())

it('draws a row for each day and a cell for each hour', () => {
  const entries = [
    at('2030-01-01T00:10Z'),
    at('2030-01-01T09:00Z', 1),
    at('2030-01-01T09:00Z', 1),
    at('2030-01-03T23:00Z'),
  ]
  expect(drawn(entries, 'UTC')).toEqual([
    '            0     3     6     9     12    15    18    21    UTC',
    '2030-01-01  1 · · · · · · · · 2!· · · · · · · · · · · · · ·',
    '2030-01-03  · · · · · · · · · · · · · · · · · · · · · · · 1',
    '',
  ])
})

it('draws a row for each hour where all is within a day of the zone', () => {
  const entries = [at('2030-01-01T22:59Z'), at('2030-01-01T23:30Z'), at('2030-01-01T23:34Z')]
  expect(drawn(entries, 'Europe/Berlin')).toHaveLength(4)
  expect(drawn(entries, 'Asia/Kolkata')).toEqual([
    '               :00   :15   :30   :45    Asia/Kolkata',
    '2030-01-02 04  · · · · · 1 · · · · · ·',
    '2030-01-02 05  2 · · · · · · · · · · ·',
    '',
  ])
})

it('shows more than nine in a cell as such, and says how many days it leaves out', () => {
  const many = Array.from({ length: 10 }, () => at('2030-01-01T00:00Z', 9))
  const days = Array.from({ length: 40 }, (_, day) => at(new Date(Date.UTC(2030, 0, 1 + day)).toISOString()))
  const lines = drawn([...many, ...days.slice(1)], 'UTC')
  expect(lines[1]).toMatch(/^2030-01-01 {2}\+!·/)
  expect(lines).toHaveLength(1 + 31 + 1 + 1)
  expect(lines.at(-2)).toBe('… and 9 days more')
})
