import { describe, expect, it } from 'vitest'
import { safe, safeJson, safeLines } from '../../src/cli/safe.ts'

const hostile: readonly (readonly [name: string, text: string, shown: string])[] = [
  ['clear screen', '\x1b[2J', '\\u001b[2J'],
  ['title by OSC 0', '\x1b]0;x\x07', '\\u001b]0;x\\u0007'],
  ['link by OSC 8', '\x1b]8;;http://x\x1b\\', '\\u001b]8;;http://x\\u001b\\'],
  ['clipboard by OSC 52', '\x1b]52;c;eA==\x07', '\\u001b]52;c;eA==\\u0007'],
  ['CSI of C1', '\x9b2J', '\\u009b2J'],
  ['carriage return', 'done\rfailed', 'done\\u000dfailed'],
  ['tab, backspace, bell, null', '\t\b\x07\0', '\\u0009\\u0008\\u0007\\u0000'],
  ['DEL', '\x7f', '\\u007f'],
  ['bidi override', 'a\u202ecod.exe', 'a\\u202ecod.exe'],
  ['bidi isolates and marks', '\u2066\u2069\u200e\u200f\u061c', '\\u2066\\u2069\\u200e\\u200f\\u061c'],
  ['zero width', 'a\u200b\u200c\u200d\u2060\ufeffb', 'a\\u200b\\u200c\\u200d\\u2060\\ufeffb'],
  ['line separators', '\u2028\u2029\u0085', '\\u2028\\u2029\\u0085'],
  ['soft hyphen and fillers', '\u00ad\u115f\u3164\uffa0', '\\u00ad\\u115f\\u3164\\uffa0'],
  ['tags', '\u{e0041}', '\\u{e0041}'],
  ['half a pair', '\ud83d', '\\ud83d'],
]
const harmless = 'Grüße, 世界 👍 ❤️ e\u0301 \\u001b "quoted"'

describe('text from outside', () => {
  it.each(hostile)('shows %s as an escape', (_name, text, shown) => {
    expect(safe(text)).toBe(shown)
    expect(safeLines(text)).toBe(shown)
  })

  it('is left as it is otherwise', () => {
    expect(safe(harmless)).toBe(harmless)
  })

  it('keeps newlines only where they are meant', () => {
    expect(safe('a\nb')).toBe('a\\u000ab')
    expect(safeLines('a\nb\r\n')).toBe('a\nb\\u000d\n')
  })
})

describe('JSON', () => {
  it.each(hostile)('is exact with %s, and harmless', (_name, text) => {
    const json = safeJson({ [text]: [text] })
    expect(JSON.parse(json)).toEqual({ [text]: [text] })
    expect(safe(json)).toBe(json)
  })

  it('is exact for every character', () => {
    for (let code = 0; code <= 0x10ffff; code += code < 0x3100 ? 1 : 97) {
      const text = String.fromCodePoint(code)
      const json = safeJson(text)
      if (JSON.parse(json) !== text || safe(json) !== json) expect.fail(`U+${code.toString(16)}: ${json}`)
    }
  })

  it('has newlines of its own when it is indented', () => {
    expect(safeJson({ a: '\n' }, 2)).toBe('{\n  "a": "\\n"\n}')
  })

  it('says null for what JSON has no word for', () => {
    expect(safeJson(undefined)).toBe('null')
  })
})
