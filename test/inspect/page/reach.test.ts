import { describe, expect, it } from 'vitest'
import { heightsOf, reachOf } from '../../../src/inspect/page/reach.ts'
import type { Reach } from '../../../src/inspect/protocol.ts'

const minute = 60_000
const reach: Reach = {
  source: 'journal',
  first: 0,
  last: 100,
  since: 0,
  complete: true,
  damaged: 0,
  missed: 0,
}

describe('how far back the page can look', () => {
  it('is all of a journal that is whole', () => {
    expect(reachOf(reach, 5 * minute).back).toBe('The whole journal, 5 m 00 s')
  })

  it('is what is kept of one that is not', () => {
    expect(reachOf({ ...reach, complete: false }, 5 * minute).back).toBe('5 m 00 s back, as far as it is kept')
  })

  it('is since somebody looked, where a store keeps no history, and says why', () => {
    const { back, why } = reachOf({ ...reach, source: 'attached', complete: false }, minute)
    expect(back).toBe('1 m 00 s back, since you looked')
    expect(why).toContain('recorded while somebody looks')
  })

  it('is nothing before anything has happened', () => {
    expect(reachOf({ ...reach, last: 0 }, minute).back).toBe('Recording')
    expect(reachOf({ ...reach, since: undefined }, minute).back).toBe('Recording')
  })

  it('is not told while the files are read', () => {
    expect(reachOf({ ...reach, loading: 0.424 }, minute).back).toBe('Reading the journal, 42 %')
    expect(reachOf({ ...reach, loading: 7 }, minute).back).toBe('Reading the journal, 100 %')
  })

  it('says what is missing in between', () => {
    expect(reachOf(reach, 0).faults).toBeUndefined()
    expect(reachOf({ ...reach, damaged: 1, missed: 2_500 }, 0).faults).toBe('1 damaged line, 2,500 not kept')
  })
})

describe('the heights of the strip', () => {
  const mark = (time: number, happened = 10) => ({ n: 0, time, happened, failed: 0 })

  it('are those of how fast it went', () => {
    const [, fast = 0, slow = 0] = heightsOf([mark(0), mark(10), mark(1_010), mark(2_010), mark(3_010)])
    expect(fast).toBeGreaterThan(slow)
  })

  it('lie between 0 and 1, also where time stands still', () => {
    for (const height of heightsOf([mark(5), mark(5), mark(5, 1_000_000), mark(9)])) {
      expect(height).toBeGreaterThanOrEqual(0)
      expect(height).toBeLessThanOrEqual(1)
    }
  })

  it('are not flattened by one burst among many', () => {
    const steady = Array.from({ length: 200 }, (_, i) => mark(i * 100))
    const heights = heightsOf([...steady, mark(200 * 100, 1_000_000)])
    expect(heights[50]).toBeGreaterThan(0.5)
  })

  it('are none where nothing happened', () => {
    expect(heightsOf([])).toEqual([])
    expect(heightsOf([mark(0, 0)])).toEqual([0])
  })
})
