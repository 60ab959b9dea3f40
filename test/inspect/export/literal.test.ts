import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { commented, literal, quoted } from '../../../src/inspect/export/literal.ts'
import { seededRandom } from '../../../src/testing/index.ts'

const parsed = (code: string): unknown => JSON.parse(JSON.stringify(runInNewContext(`(${code})`)))

describe('a literal', () => {
  it.each([
    [1.5e300],
    [null],
    ['plain'],
    [[]],
    [{}],
    [[[], {}, null, false, -1, '']],
    [JSON.parse('{"__proto__":{"a":1},"constructor":null,"a-b":1,"\'":2,"\\u2028":3,"1":4}')],
    ['\\ \' " ` $x */ <!-- <script> </script> \u0000 \n\r\t \u2028 \u2029 \u202e \ufeff \ud800 \u{e0041} ❤️ 😀'],
    [{ long: 'x'.repeat(300), list: Array.from({ length: 100 }, (_, i) => ({ i })) }],
  ])('is an expression that gives the value back: %j', (value) => {
    expect(JSON.stringify(parsed(literal(value)))).toBe(JSON.stringify(value))
  })

  it('is the same for whatever stands in a text', () => {
    const random = seededRandom(5)
    const text = (): string =>
      String.fromCharCode(
        ...Array.from({ length: 200 }, () => Math.floor(random.next() * (random.next() < 0.5 ? 128 : 65_536))),
      )
    for (let i = 0; i < 200; i += 1) {
      const value = { [text()]: text() }
      const code = literal(value)
      expect(parsed(code)).toEqual(value)
      expect(code).not.toMatch(/[\u2028\u2029\u202a-\u202e\u2066-\u2069\0\r]/)
    }
  })

  it('stands on one line if it fits, and on several if it does not', () => {
    expect(literal({ a: [1, { b: 'c' }], d: undefined })).toBe("{ a: [1, { b: 'c' }] }")
    expect(literal({ a: 'x'.repeat(120), b: [1] }, '  ')).toBe(`{\n    a: '${'x'.repeat(120)}',\n    b: [1],\n  }`)
    expect(literal(['x'.repeat(116)])).not.toContain('\n')
    expect(literal(['x'.repeat(117)])).toContain('\n')
  })
})

describe('rows', () => {
  it.each(['[\n  [1, 2],\n  [3, 4],\n]', "[\n  { a: 1, b: 2 },\n  { a: 3, b: 'c' },\n]"])(
    'stand one under the other, as formatters put them: %j',
    (code) => expect(literal(parsed(code))).toBe(code),
  )

  it.each(['[[1], [2]]', '[[1, 2], 3]', '[{ a: 1 }, { a: 2 }]', '[{ a: 1, b: 2 }]'])('are not %s', (code) => {
    expect(literal(parsed(code))).toBe(code)
  })
})

describe('texts in a test', () => {
  it('end no script', () => {
    expect(quoted('</script><!--<SCRIPT>')).toBe("'\\x3c/script>\\x3c!--\\x3cSCRIPT>'")
  })

  it('stay on the line of their comment, and in it', () => {
    expect(commented('a\nb\u2028c*/d')).toBe('a\\nb\\u2028c*\\/d')
  })
})
