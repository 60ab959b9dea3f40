import { describe, expect, it } from 'vitest'
import { isoTime, looksLikeDate } from '../../src/schedule/dates.ts'
import { Misread } from '../../src/schedule/tokens.ts'

const read = (text: string, tz = 'UTC') => new Date(isoTime(text, 0, tz)).toISOString()

describe('an ISO date', () => {
  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 09:30', '2026-03-01T09:30:00.000Z'],
    ['2026-03-01T09:30:05.25z', '2026-03-01T09:30:05.250Z'],
    ['2026-03-01T09:30-01', '2026-03-01T10:30:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, time) => {
    expect(read(text)).toBe(time)
  })

  it('is on the clocks of the zone unless it has an offset', () => {
    expect(read('2026-07-01T09:00', 'Asia/Kathmandu')).toBe('2026-07-01T03:15:00.000Z')
    expect(read('2026-07-01T09:00Z', 'Asia/Kathmandu')).toBe('2026-07-01T09:00:00.000Z')
  })

  it.each([
    '2026-02-29',
    '2026-13-01',
    '2026-3-01',
    '26-03-01',
    '2026-03-01T24:00',
    '2026-03-01T09:60',
    '2026-03-01T09:00:60',
    '2026-03-01T9:00',
    '2026-03-01T09:00+24:00',
    '2026-03-01T09:00 z z',
    '2026-03-01T',
    '',
  ])('is not %j', (text) => {
    expect(() => isoTime(text, 0, 'UTC')).toThrow(Misread)
  })

  it('says where it is wrong, in what the user wrote', () => {
    expect(() => isoTime('2026-02-30', 3, 'UTC')).toThrow(expect.objectContaining({ start: 11, end: 13 }))
  })

  it('begins with four digits and a hyphen', () => {
    expect(['2026-', '2026-03-01', '2026', '26-03', '12345-'].map(looksLikeDate)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
  })
})
