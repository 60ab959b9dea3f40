import { describe, expect, it } from 'vitest'
import { type Rate, RateLimiter } from '../../src/actors/rate.ts'
import { seededRandom } from '../../src/random.ts'

const rate = (max: number, per: number): Rate => ({ max, per, key: undefined })

/** Starts as often as allowed until `end`; returns the times. */
function startsUntil(end: number, limit: Rate, step: number): number[] {
  const limiter = new RateLimiter()
  const starts: number[] = []
  for (let now = 0; now <= end; now += step) {
    if (limiter.allowedAt('r', limit, now) > now) continue
    limiter.note('r', limit, now)
    starts.push(now)
  }
  return starts
}

describe('RateLimiter', () => {
  it('allows the first starts at once, and the next when the first of them is out of the window', () => {
    const limiter = new RateLimiter()
    for (const now of [0, 10]) {
      expect(limiter.allowedAt('r', rate(2, 100), now)).toBe(now)
      limiter.note('r', rate(2, 100), now)
    }
    expect(limiter.allowedAt('r', rate(2, 100), 20)).toBe(100)
    expect(limiter.allowedAt('r', rate(2, 100), 99)).toBe(100)
    expect(limiter.allowedAt('r', rate(2, 100), 100)).toBe(100)
    limiter.note('r', rate(2, 100), 100)
    expect(limiter.allowedAt('r', rate(2, 100), 100)).toBe(110)
  })

  it('asks without counting', () => {
    const limiter = new RateLimiter()
    for (let i = 0; i < 100; i += 1) expect(limiter.allowedAt('r', rate(1, 100), 5)).toBe(5)
  })

  it('limits names apart', () => {
    const limiter = new RateLimiter()
    limiter.note('a', rate(1, 100), 0)
    expect([limiter.allowedAt('a', rate(1, 100), 1), limiter.allowedAt('b', rate(1, 100), 1)]).toEqual([100, 1])
  })

  it('never has more than the limit in any window, and always reaches it', () => {
    for (const [max, per, step] of [
      [1, 7, 1],
      [3, 10, 1],
      [5, 100, 3],
      [50, 10, 0.1],
    ] as const) {
      const starts = startsUntil(1_000, rate(max, per), step)
      for (const [i, start] of starts.entries()) {
        const inWindow = starts.slice(i).filter((other) => other < start + per - 1e-6).length
        expect(inWindow).toBeLessThanOrEqual(max)
      }
      expect(starts.length).toBeGreaterThanOrEqual(Math.floor((0.9 * 1_000 * max) / Math.max(per, step * max)))
    }
  })

  it('is not confused by a limit that is lower than the starts that were', () => {
    const limiter = new RateLimiter()
    for (let now = 0; now < 5; now += 1) limiter.note('r', rate(5, 100), now)
    expect(limiter.allowedAt('r', rate(2, 100), 50)).toBe(103)
  })

  it('keeps no name whose window is over, beyond a thousand', () => {
    const limiter = new RateLimiter()
    for (let i = 0; i < 100_000; i += 1) limiter.note(`user ${i}`, rate(1, 10), i)
    expect(limiter.size).toBeLessThanOrEqual(1_001)
  })

  it('keeps every name whose window is open', () => {
    const limiter = new RateLimiter()
    for (let i = 0; i < 5_000; i += 1) limiter.note(`user ${i}`, rate(1, 1_000_000), i)
    for (let i = 0; i < 5_000; i += 1)
      expect(limiter.allowedAt(`user ${i}`, rate(1, 1_000_000), 5_000)).toBe(1_000_000 + i)
  })

  it('looks through all names seldom, however many are live', () => {
    const limiter = new RateLimiter()
    let walks = 0
    const values = Map.prototype[Symbol.iterator]
    // only the sweep walks through the names
    Map.prototype[Symbol.iterator] = function (this: Map<unknown, unknown>) {
      walks += 1
      return values.call(this)
    } as typeof values
    try {
      for (let i = 0; i < 20_000; i += 1) limiter.note(`user ${i}`, rate(1, 1_000_000), i)
    } finally {
      Map.prototype[Symbol.iterator] = values
    }
    expect(walks).toBeLessThan(10)
  })

  it('agrees with a list that forgets nothing, over random times and limits', () => {
    const random = seededRandom(3)
    const limit = rate(7, 50)
    const limiter = new RateLimiter()
    const starts: number[] = []
    let now = 0
    for (let step = 0; step < 5_000; step += 1) {
      now += Math.floor(random.next() * 8)
      const open = starts.filter((start) => start > now - limit.per)
      const expected = open.length < limit.max ? now : (open.at(-limit.max) as number) + limit.per
      expect(limiter.allowedAt('r', limit, now)).toBe(expected)
      if (expected > now) continue
      limiter.note('r', limit, now)
      starts.push(now)
    }
  })
})
