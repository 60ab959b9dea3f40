import { describe, expect, it } from 'vitest'
import { type Duration, longestDuration, parseDuration } from '../src/duration.ts'

describe('parseDuration', () => {
  it.each([
    [250, 250],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['25d', 2_160_000_000],
  ] satisfies [Duration, number][])('reads %s as %d ms', (value, ms) => {
    expect(parseDuration(value, 'delay')).toBe(ms)
  })

  it.each([
    -1,
    0,
    0.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    longestDuration + 1,
    '5min',
    '5 m',
    '-5m',
    '1e3s',
    '.5s',
    '5',
    '',
    '101y',
    '9999999999999999s',
    '٥s',
    null,
    undefined,
    {},
    [5],
    5n,
    true,
  ])('refuses %s', (value) => {
    expect(() => parseDuration(value, 'delay')).toThrow(/^delay must be a duration from 1 ms to 100 years/)
  })

  it('names option, rule and value', () => {
    expect(() => parseDuration('5min', 'timeout')).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'timeout', value: '5min' }),
    )
  })

  it('takes zero where "at once" makes sense, and never less', () => {
    expect(parseDuration('0s', 'delay', { min: 0 })).toBe(0)
    expect(() => parseDuration(-1, 'delay', { min: 0 })).toThrow('delay must be a duration from 0 to 100 years')
  })

  it('accepts the longest duration itself', () => {
    expect(parseDuration('36500d', 'retention')).toBe(longestDuration)
  })

  it('reads hostile text in linear time', () => {
    const text = `${'9'.repeat(1_000_000)}x`
    const before = performance.now()
    expect(() => parseDuration(text, 'delay')).toThrow(/got "9+/)
    expect(performance.now() - before).toBeLessThan(1_000)
  })

  it('is checked when compiled', () => {
    // @ts-expect-error a unit that does not exist
    const typo: Duration = '5min'
    expect(typo).toBe('5min')
  })
})
