import { describe, expect, it } from 'vitest'
import { Misread, tokenize, Words } from '../../src/schedule/tokens.ts'

const texts = (text: string) => tokenize(text).map((token) => token.text)

describe('the words of a text', () => {
  it('are runs of letters, numbers with at most one point, and single signs', () => {
    expect(texts('Every 1.5h, */30m 9am')).toEqual(['every', '1.5', 'h', ',', '*', '/', '30', 'm', '9', 'am', ''])
    expect(texts('1.2.3 4.')).toEqual(['1.2', '.', '3', '4', '.', ''])
  })

  it('know their places', () => {
    expect(tokenize('in  20')).toMatchObject([
      { start: 0, end: 2 },
      { start: 4, end: 6 },
      { kind: 'end', start: 6 },
    ])
  })

  it('are at most as many as the characters, and an end', () => {
    for (const text of ['1'.repeat(256), '*'.repeat(256), 'a1'.repeat(128), '\u202e'.repeat(256), '1.'.repeat(128)])
      expect(tokenize(text).length).toBeLessThanOrEqual(257)
  })
})

describe('going through words', () => {
  it('stops at the end, however often one is taken', () => {
    const words = new Words('a')
    words.take()
    words.take()
    expect(words.peek()).toMatchObject({ kind: 'end' })
    expect(words.skip('')).toBe(false)
  })

  it('fails at the place of a word', () => {
    const words = new Words('on friday')
    words.take()
    expect(() => words.fail('the')).toThrow(expect.objectContaining({ start: 3, end: 9 }))
    expect(() => words.finish()).toThrow(Misread)
  })
})
