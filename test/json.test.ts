import { describe, expect, it } from 'vitest'
import { OffstageError, ValidationError } from '../src/errors.ts'
import { canonicalJson, deepestJson, jsonCopy } from '../src/json.ts'

const copyOf = (value: unknown) => jsonCopy(value, 'input')

/** What a refusal says: its path, rule and shown value, after it was seen to be typed. */
function refusal(value: unknown, code = 'INVALID_INPUT'): string {
  try {
    jsonCopy(value, 'input', code)
  } catch (error) {
    expect(error).toBeInstanceOf(ValidationError)
    expect(OffstageError.is(error, code as 'INVALID_INPUT')).toBe(true)
    return (error as Error).message
  }
  throw new Error('the value was accepted')
}

const nested = (depth: number): unknown => (depth === 0 ? 1 : { a: nested(depth - 1) })

describe('jsonCopy', () => {
  it.each<[string, unknown]>([
    ['text', 'é 漢 😀 \u0000 \u2028'],
    ['a number', -1.5e300],
    ['true', true],
    ['null', null],
    ['nothing at all', {}],
    ['lists in lists', [[], [[1, 'a']], { b: [null] }]],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
    ['a date', { at: new Date(0) }],
    ['whatever shows itself by toJSON', { toJSON: (key: string) => ({ key, list: [new Date(5)] }) }],
    [
      'toJSON that answers with itself',
      new (class {
        readonly a = 1
        toJSON() {
          return this
        }
      })(),
    ],
    [
      'an instance of a class that has members',
      new (class {
        readonly a = 1
        #b = 2
        get b() {
          return this.#b
        }
      })(),
    ],
    ['members that are undefined', { a: undefined, b: [undefined] }],
    ['negative zero', [-0]],
    ['a value that stands in two places', [[1], [1]].map((_, __, all) => all[0])],
  ])('makes of %s what JSON makes of it', (_, value) => {
    const copy = copyOf(value)
    const trip: unknown = JSON.parse(JSON.stringify(value))
    expect(copy).toEqual(trip)
    expect(JSON.stringify(copy)).toBe(JSON.stringify(trip))
  })

  it('turns negative zero into zero, as a file would', () => {
    expect(Object.is(copyOf(-0), 0)).toBe(true)
  })

  it('leaves undefined alone, for a handler that returns nothing', () => {
    expect(copyOf(undefined)).toBeUndefined()
  })

  it('shares nothing with the original, frozen or not', () => {
    const inner = { list: [1] }
    const copy = copyOf(Object.freeze({ inner })) as { inner: typeof inner }
    inner.list.push(2)
    expect(copy).toEqual({ inner: { list: [1] } })
    copy.inner.list.push(3)
    expect(inner.list).toEqual([1, 2])
  })

  it('keeps a __proto__ key as data and changes no prototype', () => {
    const copy = copyOf(JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":1}}')) as { admin?: boolean }
    expect(copy.admin).toBeUndefined()
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype)
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true},"constructor":{"prototype":1}}')
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })

  it.each<[string, unknown, string]>([
    ['NaN', { a: [1, Number.NaN] }, 'input.a[1] must be a finite number, got NaN'],
    [
      '1e400, which JSON.parse reads as Infinity',
      JSON.parse('{"n":1e400}'),
      'input.n must be a finite number, got Infinity',
    ],
    ['a BigInt', { n: 1n }, 'input.n must be a JSON value (text, number, boolean, null, array, object), got 1n'],
    [
      'a function',
      { f: Math.max },
      'input.f must be a JSON value (text, number, boolean, null, array, object), got function max',
    ],
    [
      'a symbol',
      [Symbol('s')],
      'input[0] must be a JSON value (text, number, boolean, null, array, object), got Symbol(s)',
    ],
    ['a lone surrogate', { t: '\ud83d' }, 'input.t must be text without lone surrogates'],
    ['a lone surrogate in a key', { a: { '\udc00': 1 } }, 'input.a must be with keys without lone surrogates'],
    ['a hole in an array', Object.assign([1], { 2: 3 }), 'input[1] must be there: the array has a hole, got undefined'],
    ['an array with four billion holes', new Array(2 ** 32 - 1), 'input[0] must be there: the array has a hole'],
    ['a Map', { m: new Map([[1, 2]]) }, 'input.m must be a plain object or array'],
    ['a Map that also has members', Object.assign(new Map(), { a: 1 }), 'input must be a plain object or array'],
    ['a Set', new Set([1]), 'input must be a plain object or array'],
    [
      'an Error',
      { e: Object.assign(new Error('no'), { code: 'E' }) },
      'input.e must be a plain object or array, got Error: no',
    ],
    ['a RegExp', /a/, 'input must be a plain object or array'],
    ['a promise', { p: Promise.resolve(1) }, 'input.p must be a plain object or array'],
    ['bytes', { b: new Uint8Array([1]) }, 'input.b must be a plain object or array'],
    ['a buffer of bytes', new ArrayBuffer(8), 'input must be a plain object or array'],
    ['a boxed number', [Object(5)], 'input[0] must be a plain object or array'],
    ['a boxed text', [Object('ab')], 'input[0] must be a plain object or array'],
    ['a boxed BigInt', [Object(5n)], 'input[0] must be a plain object or array'],
    [
      'an instance whose data is private',
      new (class {
        readonly #a = 1
        get a() {
          return this.#a
        }
      })(),
      'input must be a plain object or array',
    ],
    ['a date that is none', { at: new Date(Number.NaN) }, 'input.at must be a valid date, got '],
    ['toJSON that answers undefined', { a: { toJSON: () => undefined } }, 'input.a must be a JSON value'],
  ])('refuses %s', (_, value, message) => {
    expect(refusal(value)).toContain(message)
  })

  it('refuses cycles, through lists and through toJSON too', () => {
    const cycle: { list: unknown[] } = { list: [] }
    cycle.list.push({ up: cycle })
    expect(refusal(cycle)).toContain('input.list[0].up must be without cycles')
    const told = { toJSON: () => ({ told }) }
    expect(refusal(told)).toContain('input.told must be without cycles')
  })

  it(`accepts ${deepestJson} levels and refuses one more, and a million more`, () => {
    expect(copyOf(nested(deepestJson))).toEqual(nested(deepestJson))
    expect(refusal(nested(deepestJson + 1))).toContain(`must be nested at most ${deepestJson} deep`)
    let deep: unknown = 1
    for (let i = 0; i < 1_000_000; i += 1) deep = [deep]
    expect(refusal(deep)).toContain(`must be nested at most ${deepestJson} deep`)
    const endless = { toJSON: (): object => ({ ...endless }) }
    expect(refusal(endless)).toContain('must be nested at most')
  })

  it.each<[string, unknown, string]>([
    [
      'a getter',
      {
        a: [
          {
            get b() {
              throw new TypeError('no b')
            },
          },
        ],
      },
      'input.a[0].b must be readable without an error, got TypeError: no b',
    ],
    [
      'a getter that throws no error',
      {
        get b() {
          throw undefined
        },
      },
      'input.b must be readable without an error, got undefined',
    ],
    [
      'toJSON',
      {
        a: {
          toJSON() {
            throw new Error('no JSON')
          },
        },
      },
      'input.a must be readable without an error, got Error: no JSON',
    ],
    [
      'a getter for toJSON',
      {
        a: {
          get toJSON() {
            throw new Error('no')
          },
        },
      },
      'input.a must be readable without an error',
    ],
    ['a revoked proxy', { p: revoked() }, 'input.p must be readable without an error'],
  ])('tells of %s that throws as a typed error, with what was thrown as its cause', (_, value, message) => {
    expect(refusal(value)).toContain(message)
    expect(() => copyOf(value)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }))
  })

  it('keeps the path short, and prints no key raw', () => {
    expect(refusal({ 'a\u001b[2J b': Number.NaN })).toContain('input["a\\u001b[2J b"] must be')
    expect(refusal({ ['k'.repeat(100_000)]: Number.NaN }).length).toBeLessThan(400)
  })

  it('takes the code of the one who asks', () => {
    expect(refusal(Number.NaN, 'INVALID_RESULT')).toBe('input must be a finite number, got NaN')
  })

  it('asks toJSON with the key that holds the value, as JSON does', () => {
    expect(copyOf({ a: [{ toJSON: (key: string) => key }] })).toEqual({ a: ['0'] })
  })
})

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('canonicalJson', () => {
  it('gives equal text for equal values, however their keys came', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }], a: 'x' })).toBe('{"a":"x","b":[{"c":2,"d":1}]}')
    expect(canonicalJson({ a: 'x', b: [{ c: 2, d: 1 }] })).toBe(canonicalJson({ b: [{ d: 1, c: 2 }], a: 'x' }))
  })

  it('tells apart what differs, lists in another order too', () => {
    const values = [1, '1', [1, 2], [2, 1], { a: 1 }, { a: '1' }, null, {}, [], undefined]
    expect(new Set(values.map(canonicalJson)).size).toBe(values.length)
  })

  it('keeps a __proto__ key as data', () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":{"z":1,"y":2}}'))).toBe('{"__proto__":{"y":2,"z":1},"b":1}')
  })

  it('shows dates as JSON does', () => {
    expect(canonicalJson({ at: new Date(0) })).toBe('{"at":"1970-01-01T00:00:00.000Z"}')
  })
})
