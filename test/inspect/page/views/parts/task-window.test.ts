import { describe, expect, it } from 'vitest'
import { grownBy, rowsAsked } from '../../../../../src/inspect/page/views/parts/task-window.ts'

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
