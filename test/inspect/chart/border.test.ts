import { describe, expect, it } from 'vitest'
import { alongBorder, simplified, straightened } from '../../../src/inspect/chart/border.ts'

const box = { x: 100, y: 0, width: 200, height: 100 }

describe('a way along a border', () => {
  it('goes along one side', () => {
    expect(simplified(alongBorder(box, [300, 80], [300, 20], 10))).toEqual([
      [290, 80],
      [290, 20],
    ])
  })

  it.each([
    ['right', [200, 100], [300, 50], [200, 90], [290, 90], [290, 50]],
    ['left', [200, 100], [100, 50], [200, 90], [110, 90], [110, 50]],
    ['up', [300, 50], [200, 0], [290, 50], [290, 10], [200, 10]],
  ] as const)('goes around the corner %s', (_, inner, outer, ...way) => {
    expect(simplified(alongBorder(box, inner, outer, 10))).toEqual(way)
  })

  it('takes the shorter way around to the other side', () => {
    const left = simplified(alongBorder(box, [120, 0], [120, 100], 10))
    expect(left).toEqual([
      [120, 10],
      [110, 10],
      [110, 90],
      [120, 90],
    ])
    expect(simplified(alongBorder(box, [280, 100], [280, 0], 10))).toContainEqual([290, 10])
  })

  it('stays upright next to a corner, where the border is longer than the lane', () => {
    const way = alongBorder(box, [300, 98], [300, 2], 10)
    expect(way[0]).toEqual([290, 98])
    expect(way.at(-1)).toEqual([290, 2])
  })
})

describe('a straight way to a border', () => {
  const state = { x: 140, y: 20, width: 60, height: 40 }
  const down = [
    [170, 60],
    [170, 100],
  ] as const

  it('is moved to where the edge goes on outside', () => {
    expect(straightened(down, state, [175, 100])).toEqual([
      [175, 60],
      [175, 100],
    ])
  })

  it('stays where it is when that is far, beside the state, or at its corner', () => {
    expect(straightened(down, state, [185, 100])).toBe(down)
    const atCorner = [
      [190, 60],
      [190, 100],
    ] as const
    expect(straightened(atCorner, state, [196, 100])).toBe(atCorner)
  })

  it('stays when it has bends', () => {
    const bent = [...down, [300, 100]] as const
    expect(straightened(bent, state, [172, 100])).toBe(bent)
  })
})

it('leaves out points on a straight line, and points that stand twice', () => {
  const points = [
    [0, 0],
    [5, 0],
    [10, 0],
    [10, 0],
    [10, 7],
  ] as const
  expect(simplified(points)).toEqual([
    [0, 0],
    [10, 0],
    [10, 7],
  ])
})
