import { describe, expect, it } from 'vitest'
import { headOf, pathOf } from '../../../../../src/inspect/page/views/parts/lines.ts'

describe('the lines of a drawing', () => {
  it('are straight where they do not turn', () => {
    expect(
      pathOf([
        [0, 0],
        [0, 100],
      ]),
    ).toBe('M0 0L0 100')
  })

  it('have round corners, smaller ones where there is no room', () => {
    expect(
      pathOf([
        [0, 0],
        [0, 100],
        [50, 100],
      ]),
    ).toBe('M0 0L0 92Q0 100 8 100L50 100')
    expect(
      pathOf([
        [0, 0],
        [0, 4],
        [50, 4],
      ]),
    ).toBe('M0 0L0 2Q0 4 8 4L50 4')
  })

  it('are nothing without points', () => {
    expect(pathOf([])).toBe('')
    expect(headOf([])).toBe('')
    expect(
      headOf([
        [1, 1],
        [1, 1],
      ]),
    ).toBe('')
  })

  it('end in a head whose tip is the last point, also where the last points are one', () => {
    const down = 'M0 100L-3 93L3 93z'
    expect(
      headOf([
        [0, 0],
        [0, 100],
      ]).replaceAll('-0 ', '0 '),
    ).toBe(down)
    expect(
      headOf([
        [0, 0],
        [0, 100],
        [0, 100],
      ]).replaceAll('-0 ', '0 '),
    ).toBe(down)
  })
})
