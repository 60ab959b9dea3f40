import { describe, expect, it } from 'vitest'
import { briefOf, deepest, longestText, rowsOf } from '../../../../../src/inspect/page/views/parts/json-rows.ts'

const all = (): boolean => true
const texts = (value: unknown, open = all, most = 100): string[] =>
  rowsOf(value, open, most).rows.map(({ depth, name, text }) => `${' '.repeat(depth)}${name ?? ''}=${text}`)

describe('the rows of a value', () => {
  it('are its members in order, each below what it is in', () => {
    const value = { query: 'cells', options: { deep: true, none: null }, sources: [1, 'two'] }
    expect(texts(value)).toEqual([
      '={3}',
      ' query=cells',
      ' options={2}',
      '  deep=true',
      '  none=null',
      ' sources=[2]',
      '  0=1',
      '  1=two',
    ])
  })

  it('leave out what is closed, and say whether there is something to open', () => {
    const { rows } = rowsOf({ a: { b: 1 }, c: {}, d: [] }, (_, depth) => depth < 1, 100)
    expect(rows.map(({ name, open }) => [name, open])).toEqual([
      [undefined, true],
      ['a', false],
      ['c', undefined],
      ['d', undefined],
    ])
  })

  it('have paths that no name can forge', () => {
    const { rows } = rowsOf({ 'a/b': { c: 1 }, a: { 'b/c': 1, '~1': 2 } }, all, 100)
    expect(new Set(rows.map(({ path }) => path)).size).toBe(rows.length)
  })

  it('leave markup as the text that it is', () => {
    expect(texts({ html: '<img src=x onerror=alert(1)>' })).toEqual(['={1}', ' html=<img src=x onerror=alert(1)>'])
  })

  it('leave out members that are undefined, as JSON does', () => {
    expect(texts({ a: undefined, b: 1 })).toEqual(['={1}', ' b=1'])
  })
})

describe('the bounds', () => {
  it('hold for a million members', () => {
    const { rows, more } = rowsOf(
      Array.from({ length: 1_000_000 }, (_, i) => i),
      all,
      40,
    )
    expect([rows.length, more, rows.at(-1)?.text]).toEqual([40, true, '38'])
  })

  it('say that there is more only where there is', () => {
    expect(rowsOf([1, 2, 3], all, 4).more).toBe(false)
    expect(rowsOf([1, 2, 3], all, 3).more).toBe(true)
  })

  it('hold for depth and for texts', () => {
    let value: unknown = 'end'
    for (let i = 0; i < 1000; i += 1) value = [value]
    expect(Math.max(...rowsOf(value, all, 2000).rows.map(({ depth }) => depth))).toBe(deepest)
    expect(rowsOf('x'.repeat(1_000_000), all, 10).rows[0]?.text).toHaveLength(longestText)
  })
})

describe('a value in one line', () => {
  it('is short, and says what kind each member is', () => {
    expect(briefOf({ query: 'cells', depth: 3, more: { a: 1 } }, 80)).toBe('{ query: "cells", depth: 3, more: {1} }')
    expect(briefOf([{ ask: 1 }, 'x'], 80)).toBe('[{1}, "x"]')
    expect([briefOf({}, 9), briefOf([], 9), briefOf(null, 9), briefOf(undefined, 9), briefOf(0.5, 9)]).toEqual([
      '{}',
      '[]',
      'null',
      '',
      '0.5',
    ])
  })

  it('is never longer than it may be', () => {
    for (const value of ['x'.repeat(10_000), { a: 'x'.repeat(10_000) }, Array.from({ length: 99 }, () => 'word')])
      expect(briefOf(value, 40).length).toBeLessThanOrEqual(40)
  })
})
