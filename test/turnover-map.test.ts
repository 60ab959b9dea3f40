import { describe, expect, it } from 'vitest'
import { seededRandom } from '../src/random.ts'
import { TurnoverMap } from '../src/turnover-map.ts'

describe('TurnoverMap', () => {
  it('gives back what was put in, until it is taken out', () => {
    const map = new TurnoverMap<string, object>()
    const value = {}
    map.set('a', value)
    expect([map.get('a'), map.has('a'), map.size]).toEqual([value, true, 1])
    expect(map.delete('a')).toBe(true)
    expect([map.get('a'), map.has('a'), map.size]).toEqual([undefined, false, 0])
  })

  it('tells whether there was anything to take out', () => {
    const map = new TurnoverMap<string, object>()
    map.set('a', {})
    expect([map.delete('b'), map.delete('a'), map.delete('a')]).toEqual([false, true, false])
  })

  it('replaces in place, and puts what comes back at the end', () => {
    const map = new TurnoverMap<string, { n: number }>()
    for (const [key, n] of [
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ] as const)
      map.set(key, { n })
    map.set('a', { n: 4 })
    expect([...map.keys()]).toEqual(['a', 'b', 'c'])
    map.delete('a')
    map.set('a', { n: 5 })
    expect([...map.keys()]).toEqual(['b', 'c', 'a'])
    expect([...map.values()]).toEqual([{ n: 2 }, { n: 3 }, { n: 5 }])
  })

  it('is empty after clear', () => {
    const map = new TurnoverMap<string, object>()
    for (const key of ['a', 'b']) map.set(key, {})
    map.delete('a')
    map.clear()
    expect([map.size, ...map.keys()]).toEqual([0])
    map.set('a', {})
    expect(map.size).toBe(1)
  })

  it('goes on with what is left when entries are taken out while it is read', () => {
    const map = new TurnoverMap<number, { n: number }>()
    for (let n = 0; n < 2_000; n += 1) map.set(n, { n })
    const read: number[] = []
    for (const { n } of map.values()) {
      read.push(n)
      for (let other = 1; other < 1_999; other += 1) map.delete(other)
    }
    expect(read).toEqual([0, 1_999])
  })

  it('agrees with a Map over any sequence of changes', () => {
    const { next } = seededRandom(1)
    const map = new TurnoverMap<number, { n: number }>()
    const model = new Map<number, { n: number }>()
    for (let n = 0; n < 20_000; n += 1) {
      const key = Math.floor(next() * 2_000)
      if (next() < 0.5) {
        map.set(key, { n })
        model.set(key, { n })
      } else {
        expect(map.delete(key)).toBe(model.delete(key))
      }
      expect(map.size).toBe(model.size)
    }
    expect([...map.keys()]).toEqual([...model.keys()])
    expect([...map.values()]).toEqual([...model.values()])
  })
})
