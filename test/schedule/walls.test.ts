import { describe, expect, it } from 'vitest'
import { cronWalls, dayWalls, fieldsOf, isAnyHour, isCron } from '../../src/schedule/walls.ts'

const nine = Date.UTC(2026, 0, 1, 9)
const day = 86_400_000

describe('the wall times of a cron line', () => {
  const walls = cronWalls('0 9 * * *')

  it('are found after a moment, and up to and including one', () => {
    expect([walls.after(nine - 1), walls.after(nine)]).toEqual([nine, nine + day])
    expect([walls.upTo(nine - 1), walls.upTo(nine), walls.upTo(nine + 500)]).toEqual([nine - day, nine, nine])
  })

  it('are compiled once, and forgotten when there are many others', () => {
    expect(cronWalls('0 9 * * *')).toBe(walls)
    for (let minute = 0; minute < 300; minute += 1) cronWalls(`${minute % 60} ${minute % 24} * * ${minute % 7}`)
    expect(cronWalls('0 9 * * *')).not.toBe(walls)
  })

  it('do not come from anything that croner takes for a date', () => {
    expect(['0 9 * * *', '2026-01-01T00:00', '@daily', '0 9: * * *'].map(isCron)).toEqual([true, false, false, false])
  })
})

describe('the wall times of days', () => {
  const walls = dayWalls({ kind: 'days', text: '', tz: 'UTC', every: 3, hour: 9, minute: 0, from: '2026-01-01' })

  it('begin with the first day and keep their distance', () => {
    expect([walls.after(0), walls.after(nine), walls.after(nine + 5 * day)]).toEqual([
      nine,
      nine + 3 * day,
      nine + 6 * day,
    ])
    expect([walls.upTo(nine - 1), walls.upTo(nine), walls.upTo(nine + 5 * day)]).toEqual([
      undefined,
      nine,
      nine + 3 * day,
    ])
  })
})

describe('a cron line', () => {
  it('counts real time if it names no hours, with and without seconds', () => {
    const isReal = (expression: string) => isAnyHour({ kind: 'cron', text: '', tz: 'UTC', expression })
    expect(['*/15 * * * *', '0 0-23 * * *', '0 */1 * * *', '0 0 * * * *'].map(isReal)).not.toContain(false)
    expect(['0 */2 * * *', '* 1 * * *', '* * 1 * * *', '0 9 * * *'].map(isReal)).not.toContain(true)
  })

  it('is split at its spaces', () => {
    expect(fieldsOf('0  9 * * 1')).toEqual(['0', '9', '*', '*', '1'])
  })
})
