import { describe, expect, it } from 'vitest'
import { shown, shownValue } from '../../../src/inspect/views/plain.ts'
import { redactor } from '../../../src/redact.ts'

const redact = redactor({ API_TOKEN: 'abcdef123456' })

describe('what users wrote', () => {
  it('is bounded, and what is cut is hidden before', () => {
    expect(shown('x'.repeat(300), redact)).toHaveLength(200)
    expect(shown(`${'x'.repeat(195)}abcdef123456`, redact)).not.toContain('abcde')
    expect(shown('short', redact)).toBe('short')
  })

  it('shows no secret, by its look or by the name of its member, at any depth', () => {
    const value = {
      url: 'redis://ada:hunter22@host/0',
      deep: [{ password: 'hunter22', apiKey: 4242424242, ok: true }],
      text: 'the token is abcdef123456',
      abcdef123456: 1,
    }
    const json = JSON.stringify(shownValue(value, redact))
    for (const secret of ['hunter22', '4242424242', 'abcdef123456']) expect(json).not.toContain(secret)
    expect(json).toContain('"ok":true')
  })

  it('is JSON or said to be none, and not too large', () => {
    expect(shownValue(undefined, redact)).toBeUndefined()
    expect(shownValue(1n, redact)).toBe('not shown: it is no JSON')
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(shownValue(circular, redact)).toBe('not shown: it is no JSON')
    expect(shownValue('x'.repeat(70_000), redact)).toMatch(/^not shown: its JSON has 70,002/)
    expect(JSON.stringify(shownValue(JSON.parse('{"__proto__":{"a":1}}'), redact))).toBe('{"__proto__":{"a":1}}')
    let deep: unknown = 'bottom'
    for (let i = 0; i < 100; i += 1) deep = [deep]
    expect(JSON.stringify(shownValue(deep, redact))).not.toContain('bottom')
  })
})
