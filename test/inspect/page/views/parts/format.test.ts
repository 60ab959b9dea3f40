import { describe, expect, it } from 'vitest'
import {
  afterOf,
  awayOf,
  clockOf,
  countOf,
  cutText,
  momentOf,
  secondsOf,
  spanOf,
  stateWords,
} from '../../../../../src/inspect/page/views/parts/format.ts'

const noon = new Date(2026, 10, 23, 12, 3, 9, 7).getTime()

describe('a time', () => {
  it('is that of who looks', () => {
    expect([clockOf(noon), secondsOf(noon)]).toEqual(['12:03:09.007', '12:03:09'])
  })

  it('has its day where that is another one, and its year likewise', () => {
    expect(momentOf(noon, noon + 1000)).toBe('12:03:09')
    expect(momentOf(noon, noon + 86_400_000)).toBe('23 Nov 12:03:09')
    expect(momentOf(noon, noon + 400 * 86_400_000)).toBe('23 Nov 2026 12:03:09')
  })
})

describe('a span', () => {
  it('is as exact as it can be read', () => {
    const spans = [0, 999, 1000, 59_949, 59_950, 184_000, 7_500_000, 273_600_000, -5]
    expect(spans.map(spanOf)).toEqual([
      '0 ms',
      '999 ms',
      '1.0 s',
      '59.9 s',
      '0 m 59 s',
      '3 m 04 s',
      '2 h 05 m',
      '3 d 4 h',
      '0 ms',
    ])
  })

  it('is told from a first moment, also where a clock stepped back', () => {
    expect([afterOf(3400, 1000), afterOf(500, 1000)]).toEqual(['+2.4 s', '−500 ms'])
  })

  it('ticks in whole seconds', () => {
    const away = [12_900, 184_000, 500, -12_900].map((ms) => awayOf(noon + ms, noon))
    expect(away).toEqual(['in 12 s', 'in 3 m 04 s', 'now', '12 s ago'])
  })
})

describe('words', () => {
  it('are cut where they are too long', () => {
    expect([cutText('abcdef', 6), cutText('abcdefg', 6)]).toEqual(['abcdef', 'abcde…'])
  })

  it('count', () => {
    expect([countOf(1, 'step'), countOf(2000, 'step'), countOf(2, 'entry', 'entries')]).toEqual([
      '1 step',
      '2,000 steps',
      '2 entries',
    ])
  })

  it('name a state by its parts', () => {
    expect(stateWords('running.stopping.cancel')).toBe('running · stopping · cancel')
  })
})
