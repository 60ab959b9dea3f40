import { describe, expect, it } from 'vitest'
import { jsonWithin } from '../../src/inspect/json-within.ts'

const circle: Record<string, unknown> = {}
circle.self = circle
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])

describe('the JSON of a value', () => {
  it.each([
    ['a text', 'abc'],
    ['a number', 1.5],
    ['null', null],
    ['an object', { a: [1, { b: true }], c: null }],
    ['a date', new Date(0)],
    ['what has holes', [undefined, () => {}]],
    ['a deep one', nested(60)],
  ])('of %s is that of JSON.stringify', (_, value) => {
    expect(jsonWithin(value, 1_000)).toBe(JSON.stringify(value))
  })

  it.each([
    ['undefined', undefined],
    ['a function', () => {}],
    ['a big integer', 1n],
    ['a circle', circle],
    ['a text that is longer', 'x'.repeat(999)],
    ['names that are longer', { ['x'.repeat(999)]: 1 }],
    ['many values', Array.from({ length: 10_000 }, () => 0)],
    ['what is too deep', nested(70)],
    ['what makes a long one of itself', { toJSON: () => 'x'.repeat(999) }],
  ])('is not told of %s', (_, value) => {
    expect(jsonWithin(value, 1_000)).toBeUndefined()
  })

  it('does not read what is larger', () => {
    let read = 0
    const many = Array.from({ length: 4_000 }, () => ({
      get text() {
        read += 1
        return 'x'.repeat(100)
      },
    }))
    expect(jsonWithin(many, 1_000)).toBeUndefined()
    expect(read).toBeLessThan(20)
  })
})
