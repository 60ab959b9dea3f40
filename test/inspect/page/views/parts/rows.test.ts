import { describe, expect, it } from 'vitest'
import {
  arrows,
  bringIntoSight,
  letters,
  pages,
  placeAfter,
  windowOf,
} from '../../../../../src/inspect/page/views/parts/rows.ts'

describe('the rows that are drawn', () => {
  it('are those in sight and a few around them', () => {
    const [first, last] = windowOf(3_600, 720, 36, 100_000)
    expect(first).toBeLessThan(100)
    expect(last).toBeGreaterThan(120)
    expect(last - first).toBeLessThan(40)
  })

  it('are never more than 80, however high the window is', () => {
    for (const scroll of [0, 1_000, 3_599_000]) {
      const [first, last] = windowOf(scroll, 20_000, 36, 100_000)
      expect(last - first).toBeLessThanOrEqual(80)
    }
  })

  it('end with the list, and begin with it', () => {
    expect(windowOf(3_600_000, 720, 36, 100_000)[1]).toBe(100_000)
    expect(windowOf(0, 720, 36, 3)).toEqual([0, 3])
    expect(windowOf(0, 720, 36, 0)).toEqual([0, 0])
    // the list became shorter than where somebody had scrolled to
    expect(windowOf(36_000, 720, 36, 5)[1]).toBe(5)
  })
})

describe('a list that brings a row into sight', () => {
  // 36 px a row under a head of 32, 400 px high
  it.each([
    ['down to one above', 4_000, 56, 2_016],
    ['not at all to one that is there', 2_000, 58, 2_000],
    ['up to one below', 2_000, 112, 3_700],
  ])('is scrolled %s', (_, from, place, to) => {
    const list = { scrollTop: from, clientHeight: 400 }
    bringIntoSight(list, place, 36, 32)
    expect(list.scrollTop).toBe(to)
  })
})

describe('a key', () => {
  const all = { ...arrows, ...letters, ...pages(10) }

  it.each([
    ['ArrowDown', 6],
    ['ArrowUp', 4],
    ['j', 6],
    ['k', 4],
    ['PageDown', 15],
    ['PageUp', 0],
    ['Home', 0],
    ['End', 19],
    ['Enter', undefined],
  ])('%s leads from the row 5 of 20 to %s', (key, to) => {
    expect(placeAfter(key, 5, 20, all)).toBe(to)
  })

  it('never leads beyond the ends', () => {
    expect([placeAfter('ArrowDown', 19, 20), placeAfter('ArrowUp', 0, 20), placeAfter('ArrowUp', -1, 20)]).toEqual([
      19, 0, 0,
    ])
  })

  it('leads nowhere where a list does not hear it', () => {
    expect([placeAfter('j', 5, 20), placeAfter('PageDown', 5, 20)]).toEqual([undefined, undefined])
  })
})
