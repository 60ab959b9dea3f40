import { describe, expect, it } from 'vitest'
import {
  between,
  kept,
  moved,
  narrowest,
  placeOf,
  type Span,
  ticksOf,
  widest,
  zoomed,
} from '../../../src/inspect/page/zoom.ts'

const day = 86_400_000
const morning = Date.UTC(2026, 10, 23, 9)

describe('zooming', () => {
  it('leaves the moment around which it zooms where it is', () => {
    const span: Span = [1000, 2000]
    const closer = zoomed(span, 0.5, 1250)
    expect(closer).toEqual([1125, 1625])
    expect(placeOf(closer, 1250)).toBe(placeOf(span, 1250))
    expect(zoomed(closer, 2, 1250)).toEqual(span)
  })

  it('ends at the narrowest and the widest window', () => {
    const [since, until] = zoomed([0, 20], 0.001, 10)
    expect(until - since).toBe(narrowest)
    const [from, to] = zoomed([0, widest], 50, 10)
    expect(to - from).toBe(widest)
  })
})

describe('moving', () => {
  it('goes on by a share of the width', () => {
    expect(moved([1000, 2000], 0.25)).toEqual([1250, 2250])
    expect(moved([1000, 2000], -1)).toEqual([0, 1000])
  })

  it('keeps something in sight', () => {
    expect(kept([5000, 6000], [1000, 2000])).toEqual([1500, 2500])
    expect(kept([-5000, -4000], [1000, 2000])).toEqual([500, 1500])
    expect(kept([1400, 2400], [1000, 2000])).toEqual([1400, 2400])
    expect(kept([1400, 2400], undefined)).toEqual([1400, 2400])
  })
})

describe('the window between two moments', () => {
  it('does not mind their order, and is never too narrow', () => {
    expect(between(30, 10)).toEqual([10, 30])
    expect(between(10, 10)).toEqual([10, 10 + narrowest])
  })
})

describe('ticks', () => {
  const labels = (span: Span, most = 6, offset = 0): string[] => ticksOf(span, most, offset).map(({ label }) => label)

  it('stand at round times, as exact as they must be', () => {
    expect(labels([morning, morning + 50])).toEqual([
      '09:00:00.000',
      '09:00:00.010',
      '09:00:00.020',
      '09:00:00.030',
      '09:00:00.040',
      '09:00:00.050',
    ])
    expect(labels([morning + 1, morning + 60_000])).toEqual([
      '09:00:10',
      '09:00:20',
      '09:00:30',
      '09:00:40',
      '09:00:50',
      '09:01:00',
    ])
    expect(labels([morning, morning + 3_600_000], 5)).toEqual(['09:00', '09:15', '09:30', '09:45', '10:00'])
    expect(labels([morning, morning + 6 * day], 6)).toEqual([
      '24 Nov',
      '25 Nov',
      '26 Nov',
      '27 Nov',
      '28 Nov',
      '29 Nov',
    ])
  })

  it('name the day at midnight, in the zone of who looks', () => {
    expect(labels([morning, morning + day], 4)).toEqual(['12:00', '18:00', '24 Nov', '06:00'])
    const [first] = ticksOf([morning, morning + day], 2, -330)
    expect(first).toMatchObject({ label: '24 Nov', strong: true, at: Date.UTC(2026, 10, 23, 18, 30) })
  })

  it('are never more than there is room for, however wide or narrow the window', () => {
    for (let width = 3; width < 2 * widest; width *= 1.7) {
      for (const most of [1, 3, 8])
        expect(ticksOf([morning, morning + width], most, 60).length).toBeLessThanOrEqual(most + 1)
    }
    expect(ticksOf([10, 10], 5)).toEqual([])
    expect(ticksOf([10, 20], 0)).toEqual([])
  })
})
