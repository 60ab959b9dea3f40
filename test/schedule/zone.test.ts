import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { firstAt, isZone, offsetAt, place, reachedBy, turnOf } from '../../src/schedule/zone.ts'

type Offsets = Record<string, [from: string, minutes: number[]][]>
const offsets: Offsets = JSON.parse(readFileSync(new URL('data/offsets.json', import.meta.url), 'utf8'))
const minute = 60_000
const back = Date.parse('2024-10-27T01:00Z')
const ahead = Date.parse('2024-03-31T01:00Z')

describe('offsets', () => {
  it.each(Object.entries(offsets))('of %s are those of zoneinfo, each half hour around its changes', (tz, spans) => {
    for (const [from, minutes] of spans) {
      const found = minutes.map((_, index) => offsetAt(tz, Date.parse(from) + index * 30 * minute) / minute)
      expect(found, from).toEqual(minutes)
    }
  })
})

describe('a zone', () => {
  it('is known by its name in any case', () => {
    for (const tz of ['UTC', 'Europe/Berlin', 'europe/berlin', 'Asia/Kathmandu', 'Etc/GMT+5'])
      expect(isZone(tz)).toBe(true)
  })

  it('is none if nobody knows it', () => {
    for (const tz of ['', 'Mars/Base', '../etc', '+01:00', 'a'.repeat(65), '__proto__']) expect(isZone(tz)).toBe(false)
  })
})

describe('a wall time', () => {
  it('that clocks show twice has two instants, and the first counts', () => {
    const wall = Date.UTC(2024, 9, 27, 2, 30)
    expect(place('Europe/Berlin', wall).instants).toEqual([back - 30 * minute, back + 30 * minute])
    expect(firstAt('Europe/Berlin', wall)).toBe(back - 30 * minute)
  })

  it('that clocks skip has none, and the end of the gap counts', () => {
    const wall = Date.UTC(2024, 2, 31, 2, 30)
    expect(place('Europe/Berlin', wall)).toEqual({
      instants: [],
      gap: { at: ahead, from: Date.UTC(2024, 2, 31, 2), to: Date.UTC(2024, 2, 31, 3) },
    })
    expect(firstAt('Europe/Berlin', wall)).toBe(ahead)
  })
})

describe('the wall time reached', () => {
  it('stands still while an hour is repeated', () => {
    const end = Date.UTC(2024, 9, 27, 3)
    expect(reachedBy('Europe/Berlin', back - 1)).toBe(end - 1)
    expect(reachedBy('Europe/Berlin', back + 30 * minute)).toBe(end - 1)
    expect(reachedBy('Europe/Berlin', back + 60 * minute)).toBe(end)
  })
})

describe('a change of the clock', () => {
  it('is found to the second', () => {
    expect(turnOf('Europe/Berlin', back - 86_400_000, back + 7_200_000)).toBe(back)
  })
})
