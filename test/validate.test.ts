import { describe, expect, it } from 'vitest'
import { OffstageError, ValidationError } from '../src/errors.ts'
import {
  checkBoolean,
  checkFunction,
  checkId,
  checkInteger,
  checkNumber,
  checkOneOf,
  checkOptions,
  checkText,
  longestText,
} from '../src/validate.ts'

/** The typed error that a check throws. */
function refusal(check: () => unknown): ValidationError {
  try {
    check()
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    return error as ValidationError
  }
  throw new Error('the value was accepted')
}

const known = new Set(['name', 'timeout'])

describe('checkOptions', () => {
  it('accepts known options, none, and nothing', () => {
    for (const options of [{ name: 'a', timeout: 1 }, {}, undefined, Object.create(null)]) {
      expect(() => checkOptions(options, known, 'the options')).not.toThrow()
    }
  })

  it('names the option that nobody knows, and those that there are', () => {
    expect(() => checkOptions({ name: 'a', tiemout: 1 }, known, 'the options')).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_OPTION',
        message: 'the options has no option "tiemout"; the options are: name, timeout',
      }),
    )
  })

  it.each(['__proto__', 'constructor', 'toString', 'a\u001b[2Jb'])('refuses the option %j', (key) => {
    const options = JSON.parse(`{${JSON.stringify(key)}:1}`) as object
    const error = (() => {
      try {
        checkOptions(options, known, 'the options')
      } catch (thrown) {
        return thrown
      }
    })()
    expect(OffstageError.is(error, 'UNKNOWN_OPTION')).toBe(true)
    expect((error as Error).message).not.toContain('\u001b')
  })

  it.each([[null], ['name'], [5], [[]]])('refuses %j as options', (options) => {
    expect(refusal(() => checkOptions(options, known, 'the options'))).toMatchObject({
      option: 'the options',
      rule: 'an object',
      value: options,
    })
  })
})

describe('an id', () => {
  it.each(['a', '7', 'a.b@c_d-e', 'x'.repeat(80), 'constructor', 'CON'])('may be %s', (id) => {
    expect(checkId(id, 'id')).toBe(id)
  })

  it.each([
    ['a way out', '../x'],
    ['an absolute path', '/etc/passwd'],
    ['a drive', 'C:\\x'],
    ['a null byte', 'a\0b'],
    ['nothing', ''],
    ['a blank', 'a b'],
    ['64 KB', 'x'.repeat(65_536)],
    ['81 characters', 'x'.repeat(81)],
    ['here', '.'],
    ['above', '..'],
    ['a composed letter', 'caf\u00e9'],
    ['a letter and its accent', 'cafe\u0301'],
    ['a right-to-left override', 'a\u202eb'],
    ['the prototype', '__proto__'],
    ['a leading dash', '-rf'],
    ['a line end behind a good id', 'a\n'],
    ['another script', 'а'],
    ['an escape sequence', '\u001b[2J'],
  ])('may not be %s', (_, id) => {
    const error = refusal(() => checkId(id, 'id'))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'id', value: id })
    expect(error.message).not.toMatch(/\p{Cc}/u)
    expect(error.message.length).toBeLessThan(300)
  })

  it.each([[undefined], [null], [5], [['a']], [{ toString: () => 'a' }], [Object('a')]])('may not be %j', (id) => {
    expect(refusal(() => checkId(id, 'id')).option).toBe('id')
  })
})

describe('a name', () => {
  it.each(['a b', '漢字', 'naïve \u{1f600}', '<img onerror=alert(1)>', '__proto__', '../x', 'x'.repeat(longestText)])(
    'may be %s, for it is never a path and never a key of an object',
    (name) => {
      expect(checkText(name, 'name')).toBe(name)
    },
  )

  it('is taken as it is: composed and decomposed letters are two names', () => {
    expect(checkText('caf\u00e9', 'name')).not.toBe(checkText('cafe\u0301', 'name'))
  })

  it.each([
    ['empty', ''],
    ['too long', 'x'.repeat(longestText + 1)],
    ['64 KB', 'x'.repeat(65_536)],
    ['a null byte', 'a\0b'],
    ['a line end', 'a\nb'],
    ['a carriage return', 'a\rb'],
    ['an escape sequence', '\u001b]52;c;x\u0007'],
    ['a C1 control', 'a\u009b2J'],
    ['a right-to-left override', 'invoice\u202egpj.exe'],
    ['an embedding', 'a\u202ab'],
    ['an isolate', 'a\u2066b'],
    ['a lone surrogate', 'a\ud800'],
    ['no text', 5],
    ['nothing', undefined],
  ])('may not be %s', (_, name) => {
    const error = refusal(() => checkText(name, 'name'))
    expect(error).toMatchObject({ code: 'INVALID_OPTION', option: 'name', value: name })
    expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}\ud800-\udfff]/u)
  })
})

describe('a number', () => {
  it('may be either bound and anything between', () => {
    expect([checkInteger(1, 'n', 1, 3), checkInteger(3, 'n', 1, 3)]).toEqual([1, 3])
    expect([checkNumber(0, 'n', 0, 1), checkNumber(0.5, 'n', 0, 1), checkNumber(1, 'n', 0, 1)]).toEqual([0, 0.5, 1])
  })

  it.each([[0], [4], [1.5], [Number.NaN], [Number.POSITIVE_INFINITY], ['2'], [2n], [null], [undefined]])(
    'that must be whole may not be %s',
    (value) => {
      const error = refusal(() => checkInteger(value, 'n', 1, 3))
      expect(error).toMatchObject({ option: 'n', rule: 'a whole number from 1 to 3', value })
    },
  )

  it.each([[-0.1], [1.1], [Number.NaN], [Number.NEGATIVE_INFINITY], ['0.5'], [1n], [null]])(
    'may not be %s',
    (value) => {
      expect(refusal(() => checkNumber(value, 'n', 0, 1))).toMatchObject({
        option: 'n',
        rule: 'a number from 0 to 1',
        value,
      })
    },
  )
})

describe('the rest', () => {
  it('lets functions, booleans and listed words pass', () => {
    const fn = () => 1
    expect(checkFunction(fn, 'fn')).toBe(fn)
    expect([checkBoolean(true, 'b'), checkBoolean(false, 'b')]).toEqual([true, false])
    expect(checkOneOf('a', 'o', ['a', 'b'])).toBe('a')
  })

  it.each([
    [() => checkFunction({}, 'fn'), 'fn must be a function, got {}'],
    [() => checkFunction(undefined, 'fn'), 'fn must be a function, got undefined'],
    [() => checkBoolean(1, 'b'), 'b must be true or false, got 1'],
    [() => checkBoolean('true', 'b'), 'b must be true or false, got "true"'],
    [() => checkOneOf('c', 'o', ['a', 'b']), "o must be 'a' or 'b', got \"c\""],
    [() => checkOneOf(undefined, 'o', ['a']), "o must be 'a', got undefined"],
  ])('says what it wants (%#)', (check, message) => {
    expect(refusal(check).message).toBe(message)
  })
})
