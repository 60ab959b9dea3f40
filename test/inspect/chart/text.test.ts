import { describe, expect, it } from 'vitest'
import { cut, linesOf, nameWidth, shownAtEdge, shownInBox, sizeOf } from '../../../src/inspect/chart/text.ts'

const label = (events: readonly string[], guard?: string) => ({ events, guard })

describe('text that is cut', () => {
  it('ends with dots, and never in the middle of a character', () => {
    expect(cut('abc', 3)).toBe('abc')
    expect(cut('abcd', 3)).toBe('ab…')
    expect(cut('a😀bc', 3)).toBe('a…')
    expect(cut('x'.repeat(1_000))).toHaveLength(200)
  })

  it('is cut shorter where it is drawn', () => {
    expect([shownInBox('x'.repeat(1_000)).length, shownAtEdge('x'.repeat(1_000)).length]).toEqual([40, 60])
  })
})

describe('the lines of an edge', () => {
  it('hold as many events as fit', () => {
    expect(linesOf([label(['complete', 'fail', 'ended']), label(['a'], 'late')], false)).toEqual([
      { event: 'complete, fail' },
      { event: 'ended, a' },
    ])
  })

  it('name an event once where guards are not told', () => {
    expect(linesOf([label(['go'], 'x'), label(['go'], 'y')], false)).toEqual([{ event: 'go' }])
  })

  it('end with the guard that their events share', () => {
    expect(linesOf([label(['complete', 'abandon', 'go'], 'current'), label(['go'])], true)).toEqual([
      { event: 'complete' },
      { event: 'abandon, go', guard: 'current' },
      { event: 'go' },
    ])
  })
})

describe('the room that text takes', () => {
  it('grows with it, and with the width of its characters', () => {
    expect(nameWidth('running')).toBeGreaterThan(nameWidth('run'))
    expect(nameWidth('mmmm')).toBeGreaterThan(nameWidth('iiii'))
    expect(nameWidth('日本')).toBeGreaterThan(nameWidth('ab'))
    expect(nameWidth('x'.repeat(1_000))).toBeLessThan(500)
  })

  it('is that of the longest line, and of all of them', () => {
    const one = sizeOf([{ event: 'go', guard: 'ready' }])
    const two = sizeOf([{ event: 'go' }, { event: 'go', guard: 'ready' }])
    expect(two).toEqual({ width: one.width, height: one.height + 15 })
    expect(sizeOf([{ event: 'go' }]).width).toBeLessThan(one.width)
  })
})
