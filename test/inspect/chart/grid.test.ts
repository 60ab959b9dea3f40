import { describe, expect, it } from 'vitest'
import { layoutGrid } from '../../../src/inspect/chart/grid.ts'
import { type Level, startEdgeId, startId, stateId } from '../../../src/inspect/chart/level.ts'

const size = { width: 80, height: 42 }
const level = (given: Partial<Level>): Level => ({
  around: undefined,
  lanes: 0,
  states: new Map(['a', 'b', 'c', 'd', 'e'].map((state) => [state, size])),
  initial: 'a',
  pieces: [],
  labels: new Map(),
  forth: new Set(),
  direction: 'RIGHT',
  ahead: 'EAST',
  back: 'WEST',
  ...given,
})

describe('a level in rows', () => {
  it('is about as wide as it is long', () => {
    const { boxes, width, height } = layoutGrid(level({}))
    const placeOf = (state: string) => boxes.get(stateId(state))
    expect([placeOf('a')?.y, placeOf('c')?.y]).toEqual([placeOf('b')?.y, placeOf('b')?.y])
    expect(placeOf('d')?.x).toBe(placeOf('a')?.x)
    for (const box of boxes.values()) expect(box.x + box.width < width && box.y + box.height < height).toBe(true)
  })

  it('has straight edges between borders, loops, and an arrow from its dot', () => {
    const edge = (id: string, from: string, to: string) => ({ id, edge: 0, level: undefined, from, to })
    const { ways, boxes } = layoutGrid(level({ pieces: [edge('across', 'a', 'b'), edge('loop', 'c', 'c')] }))
    const [a, b] = [boxes.get(stateId('a')), boxes.get(stateId('b'))]
    expect(ways.get('across')).toEqual([
      [(a?.x ?? 0) + 80, (a?.y ?? 0) + 21],
      [b?.x, (b?.y ?? 0) + 21],
    ])
    expect(ways.get('loop')).toHaveLength(4)
    expect(boxes.has(startId(undefined))).toBe(true)
    expect(ways.get(startEdgeId(undefined))).toHaveLength(2)
  })

  it('leads out ahead and in from there, or back', () => {
    const out = { id: 'out', edge: 0, level: 's', from: 'a', to: undefined }
    const into = { id: 'into', edge: 1, level: 's', from: undefined, to: 'a' }
    const around = { id: 's', titleWidth: 40 }
    const { ways, width } = layoutGrid(level({ around, pieces: [out, into], forth: new Set([0, 1]) }))
    expect(ways.get('out')?.at(-1)?.[0]).toBe(width)
    expect(ways.get('into')?.[0]?.[0]).toBe(0)
    expect(
      layoutGrid(level({ around, pieces: [out] }))
        .ways.get('out')
        ?.at(-1)?.[0],
    ).toBe(0)
  })

  it('is there without states', () => {
    expect(layoutGrid(level({ states: new Map(), initial: undefined })).boxes.size).toBe(0)
  })
})
