import { describe, expect, it } from 'vitest'
import {
  begun,
  fitted,
  inSight,
  largest,
  magnified,
  readable,
  shown,
  smallest,
} from '../../../../../src/inspect/page/views/parts/chart-place.ts'

const tall = { width: 800, height: 1_400 }
const small = { width: 200, height: 100 }
const room = [1_000, 600] as const

describe('where a chart stands', () => {
  it('is in the middle, all of it in the window', () => {
    const { x, y, scale } = fitted(tall, room)
    expect(y).toBeGreaterThan(0)
    expect(y + tall.height * scale).toBeLessThan(600)
    expect(x + (tall.width * scale) / 2).toBeCloseTo(500)
  })

  it('is not magnified until it looks coarse', () => {
    expect(fitted(small, room).scale).toBeLessThanOrEqual(1.25)
  })

  it('begins as large as it can be read, from where it begins', () => {
    const { x, y, scale } = begun(tall, room)
    expect(scale).toBe(readable)
    expect(y).toBe(8)
    expect(x + (tall.width * scale) / 2).toBeCloseTo(500)
    expect(begun({ width: 4_000, height: 300 }, room).x).toBe(8)
    expect(begun(small, room)).toEqual(fitted(small, room))
  })

  it('keeps the point under the pointer, and its bounds', () => {
    const before = fitted(tall, room)
    const point = [300, 200] as const
    const after = magnified(before, 1.7, point)
    expect((point[0] - after.x) / after.scale).toBeCloseTo((point[0] - before.x) / before.scale)
    expect((point[1] - after.y) / after.scale).toBeCloseTo((point[1] - before.y) / before.scale)
    expect(magnified(before, 1e9, point).scale).toBe(largest)
    expect(magnified(before, 1e-9, point).scale).toBe(smallest)
  })

  it('cannot be lost out of sight', () => {
    for (const far of [-1e6, 1e6]) {
      const { x, y, scale } = inSight({ x: far, y: far, scale: 1 }, tall, room)
      expect(x).toBeLessThan(room[0])
      expect(y).toBeLessThan(room[1])
      expect(x + tall.width * scale).toBeGreaterThan(0)
      expect(y + tall.height * scale).toBeGreaterThan(0)
    }
  })

  it('moves just so far that a state is in the window', () => {
    const place = { x: 100, y: 0, scale: 1 }
    const within = { x: 100, y: 100, width: 90, height: 40 }
    expect(shown(place, within, room)).toEqual(place)
    const below = { x: 100, y: 1_300, width: 90, height: 40 }
    const { y } = shown(place, below, room)
    expect(y + 1_340).toBeLessThanOrEqual(600)
    expect(y + 1_340).toBeGreaterThan(560)
  })
})
