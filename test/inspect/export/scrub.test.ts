import { describe, expect, it } from 'vitest'
import { longestValue, Scrubber } from '../../../src/inspect/export/scrub.ts'
import { redactor } from '../../../src/redact.ts'

const scrubber = () => new Scrubber(redactor({ API_KEY: 'open sesame' }))

describe('a scrubbed record', () => {
  it('hides secrets by their look, by their names, and those of the environment', () => {
    const { known, counts } = ((s) => ({ known: s.known(record), counts: s }))(scrubber())
    expect(known).toEqual({
      type: 'submit',
      input: { password: '***', nested: [{ apiKey: '***', text: 'say ***' }], url: 'redis://***@host' },
      metadata: { list: ['Bearer ***'] },
    })
    expect(counts.counts.hidden).toBe(5)
  })
  const record = {
    type: 'submit',
    input: { password: 7, nested: [{ apiKey: 'k', text: 'say open sesame' }], url: 'redis://me:pw@host' },
    metadata: { list: ['Bearer abcdefgh'] },
  }

  it('keeps names the same where they were the same, and apart where they were apart', () => {
    const s = scrubber()
    const [one, two] = [s.name('token=one'), s.name('token=two')]
    expect([one, two, s.name('token=one')]).toEqual(['token=***', 'token=***~2', 'token=***'])
    expect(s.name('token=***')).toBe('token=***~3')
    expect(s.known({ type: 'submit', task: 'token=two', parent: { task: 'token=one', claim: 'c' } })).toEqual({
      type: 'submit',
      task: two,
      parent: { task: one, claim: 'c' },
    })
  })

  it('leaves the words and keys of ours as they are', () => {
    const s = new Scrubber(redactor({ MY_PASSWORD: 'submit', OTHER_TOKEN: 'pending' }))
    expect(s.known({ type: 'submit', keys: [{ key: 'key:user', limit: 1 }] })).toEqual({
      type: 'submit',
      keys: [{ key: 'key:user', limit: 1 }],
    })
    expect(s.known({ leaf: 'pending.queued' })).toEqual({ leaf: 'pending.queued' })
  })

  it('has numbers for fingerprints, which hold what was handed in', () => {
    const s = scrubber()
    const shown = ['a', 'b', 'a'].map((fingerprint) => s.known({ fingerprint }).fingerprint)
    expect(shown).toEqual(['fingerprint-1', 'fingerprint-2', 'fingerprint-1'])
  })

  it('cuts long texts once their secrets are hidden, and drops long values', () => {
    const s = scrubber()
    const text = `${'x'.repeat(longestValue - 5)}open sesame${'y'.repeat(50)}`
    const { error, result } = s.known({ error: { code: 'E', message: text }, result: Array(longestValue).fill(1) })
    expect(error).toEqual({ code: 'E', message: expect.stringMatching(/xx\*\*\*yy… \(cut: 16,432 characters\)$/) })
    expect(result).toEqual({ cut: '32,769 characters of JSON' })
    expect(s.counts.cut).toBe(2)
  })

  it('keeps what a member called __proto__ says, and is changed by none', () => {
    const { input } = scrubber().known({ input: JSON.parse('{"__proto__":{"password":"x"}}') })
    expect(JSON.stringify(input)).toBe('{"__proto__":{"password":"***"}}')
    expect(Object.getPrototypeOf(input)).toBe(Object.prototype)
  })
})
