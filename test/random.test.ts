import { describe, expect, it } from 'vitest'
import { type Random, SystemRandom, seededRandom } from '../src/random.ts'

const take = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.next())

describe.each([
  ['SystemRandom', (): Random => new SystemRandom()],
  ['seededRandom', (): Random => seededRandom(1)],
])('%s', (_name, make) => {
  it('gives numbers from 0 to below 1, evenly spread', () => {
    const numbers = take(make(), 20_000)
    expect(numbers.every((n) => n >= 0 && n < 1)).toBe(true)
    const mean = numbers.reduce((sum, n) => sum + n, 0) / numbers.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02)
  })

  it('gives ids of 22 letters and digits that differ', () => {
    const random = make()
    const ids = Array.from({ length: 2_000 }, () => random.id())
    expect(ids.every((id) => /^[0-9A-Za-z]{22}$/.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  it('draws each letter and digit as often as any other', () => {
    const random = make()
    const counts = new Map<string, number>()
    for (let i = 0; i < 4_000; i += 1) {
      for (const letter of random.id()) counts.set(letter, (counts.get(letter) ?? 0) + 1)
    }
    const share = (4_000 * 22) / 62
    expect(counts.size).toBe(62)
    expect([...counts.values()].filter((count) => Math.abs(count - share) > 0.2 * share)).toEqual([])
  })

  it('gives whole ids also as a callback that is called with arguments', () => {
    const { id } = make()
    expect([5, 3].map(id).map((each) => each.length)).toEqual([22, 22])
  })
})

describe('seededRandom', () => {
  it('repeats itself for the same seed', () => {
    const [a, b] = [seededRandom(7), seededRandom(7)]
    expect([...take(a, 5), a.id(), a.next()]).toEqual([...take(b, 5), b.id(), b.next()])
  })

  it('differs between seeds, neighbours and negatives included', () => {
    const firsts = [0, 1, 2, -1, -2].map((seed) => seededRandom(seed).next())
    expect(new Set(firsts).size).toBe(firsts.length)
  })

  it('gives for ever what it gave when it was written', () => {
    expect([take(seededRandom(1), 2), seededRandom(1).id()]).toMatchInlineSnapshot(`
      [
        [
          0.6270739405881613,
          0.002735721180215478,
        ],
        "zBsyn8FiqDIRlAmBAdH1d1",
      ]
    `)
  })
})
