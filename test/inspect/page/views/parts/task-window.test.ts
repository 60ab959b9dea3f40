import { describe, expect, it } from 'vitest'
import { grownBy, rowsAsked, windowOf } from '../../../../../src/inspect/page/views/parts/task-window.ts'

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

describe('the rows that are asked for', () => {
  it('hold those that are drawn, and others around them', () => {
    for (let first = 0; first < 1_000; first += 7) {
      const asked = rowsAsked(first, first + 80, 5_000, 80)
      const from = asked?.from ?? 0
      expect(from).toBeLessThanOrEqual(first)
      expect(from + (asked?.size ?? 0)).toBeGreaterThanOrEqual(first + 80)
      expect(asked?.size).toBeLessThanOrEqual(200)
    }
  })

  it('are asked for once: a small scroll asks for nothing', () => {
    const asked = rowsAsked(100, 130, 0, undefined)
    expect(asked).toBeDefined()
    for (const by of [-20, -5, 0, 5, 20])
      expect(rowsAsked(100 + by, 130 + by, asked?.from ?? 0, asked?.size)).toBeUndefined()
  })
})

describe('rows that stay where they are', () => {
  const rows = (from: number, ...ids: string[]) => ({ from, rows: ids.map((id) => ({ id })) })

  it('move down by as many as came in above', () => {
    expect(grownBy(rows(0, 'c', 'b', 'a'), rows(0, 'e', 'd', 'c', 'b', 'a'), 1)).toBe(2)
    expect(grownBy(rows(0, 'd', 'c', 'b', 'a'), rows(0, 'd', 'b', 'a'), 2)).toBe(-1)
  })

  it('stay when another window of the same list is shown', () => {
    expect(grownBy(rows(0, 'd', 'c', 'b', 'a'), rows(2, 'b', 'a'), 2)).toBe(0)
  })

  it('stay when nobody knows where the row went', () => {
    expect(grownBy(rows(0, 'a'), rows(0, 'x', 'y'), 0)).toBe(0)
    expect(grownBy(rows(0, 'a'), rows(0, 'a'), 7)).toBe(0)
  })
})
