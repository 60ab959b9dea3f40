import { describe, expect, it } from 'vitest'
import { createActor, createMachine } from 'xstate'
import { Plain } from '../../../src/inspect/bridges/plain.ts'

const secret = 'abc"def\nghi'
const plain = new Plain({ MY_TOKEN: secret, PIN_SECRET: '12345678', HOME: '/home/ada' })
const out = (value: unknown): string => JSON.stringify(plain.value(value)) ?? 'undefined'

describe('what goes out', () => {
  it('is what JSON would be, where JSON can say it', () => {
    const value = { a: [1, 'x', null, true], b: { c: new Date(0), d: undefined }, key: 'k', concurrencyKey: 'user' }
    expect(plain.value(value)).toEqual(JSON.parse(JSON.stringify(value)))
  })

  it('holds no value of a variable that is named a secret: in texts, keys, numbers, errors', () => {
    const all = out([
      secret,
      { [secret]: 1 },
      12_345_678,
      new Error(`no ${secret}`),
      `in ${secret} text`,
      { a: [[secret]] },
    ])
    expect(all).not.toContain('ghi')
    expect(all).not.toContain('12345678')
    expect(out('/home/ada')).toBe('"/home/ada"')
  })

  it.each([
    'token',
    'apiKey',
    'api_key',
    'password',
    'clientSecret',
    'authorization',
    'cookie',
    'credentials',
    'privateKey',
  ])('hides the member %s whatever it holds', (name) => {
    expect(out({ [name]: 'sesame' })).toBe(`{"${name}":"***"}`)
    expect(out({ [name]: { a: ['sesame'] } })).not.toContain('sesame')
    expect(out({ [name]: 4711 })).not.toContain('4711')
  })

  it('holds no piece of a secret where a text is cut', () => {
    for (let at = 4_070; at < 4_110; at++) {
      expect(plain.text(`${'x '.repeat(at / 2)}${secret}${'y '.repeat(2_000)}`)).not.toMatch(/abc|def|ghi/)
    }
  })
})

describe('a bound', () => {
  it.each([
    ['a long text', 'x'.repeat(10_000_000)],
    ['a long array', Array.from({ length: 1_000_000 }, (_, i) => i)],
    ['many members', Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]))],
    ['many long texts', Array.from({ length: 190 }, () => Array.from({ length: 190 }, () => 'x'.repeat(4_000)))],
    ['many small objects', Array.from({ length: 190 }, () => Array.from({ length: 190 }, () => ({ a: {} })))],
  ])('holds for %s', (_what, value) => {
    expect(out(value).length).toBeLessThan(600_000)
  })

  it('holds for what is deep, and for what holds itself', () => {
    let deep: object = {}
    for (let i = 0; i < 100_000; i++) deep = { deep }
    expect(out(deep).length).toBeLessThan(500)
    const round: { self?: unknown } = {}
    round.self = round
    expect(out(round)).toBe('{"self":"[circular]"}')
  })
})

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  return proxy
}

describe('a value that is not plain', () => {
  it.each([
    ['a getter that throws', Object.defineProperty({}, 'a', { enumerable: true, get: () => JSON.parse('{') })],
    ['a revoked proxy', revoked()],
    ['a toJSON that throws', { toJSON: () => JSON.parse('{') }],
    ['a bigint, a symbol, a function', [1n, Symbol('s'), () => 1, Number.NaN, undefined]],
    ['bytes, maps and sets', [new Uint8Array(9), new Map([[1, 2]]), new Set([1])]],
    ['a lone surrogate', '\ud800'],
    ['__proto__ as a key', JSON.parse('{"__proto__":{"a":1}}')],
  ])('is said, never thrown: %s', (_what, value) => {
    expect(typeof out(value)).toBe('string')
    expect(({} as { a?: unknown }).a).toBeUndefined()
  })

  it('shows of actors and machines who they are, and nothing of what they hold', () => {
    const machine = createMachine({ id: 'vault', context: { pin: 'swordfish' } })
    const actor = createActor(machine, { id: 'v' })
    expect(out({ actor, machine })).toBe('{"actor":{"xstate$$type":1,"id":"v"},"machine":{"type":"vault"}}')
  })
})
