import { expect, it } from 'vitest'
import { iso } from '../../src/machines/iso.ts'
import { seededRandom } from '../../src/random.ts'

it.each([
  0, -1, 951_782_399_999, 951_782_400_000, 951_868_800_000, 4_107_542_399_999, 253_402_300_800_000, -62_167_219_200_001,
  8_640_000_000_000_000, -8_640_000_000_000_000, 1_795_340_400_000.75,
])('%d is written as Date writes it', (at) => {
  expect(iso(at)).toBe(new Date(at).toISOString())
})

it('random points in time are written as Date writes them', () => {
  const random = seededRandom(1)
  for (let i = 0; i < 20_000; i += 1) {
    const at = Math.floor((random.next() - 0.5) * (i % 2 === 0 ? 1.728e16 : 1e13))
    expect(iso(at)).toBe(new Date(at).toISOString())
  }
})

it.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300])('%d, which is no point in time, is shown as it is', (at) => {
  expect(iso(at)).toBe(String(at))
})
