import { describe, expect, it } from 'vitest'
import {
  type Failure,
  NonRetryableError,
  OffstageError,
  RetryAfterError,
  revive,
  StoreError,
  show,
  TaskCancelledError,
  TaskFailedError,
  toFailure,
  ValidationError,
  WaitTimeoutError,
} from '../src/errors.ts'

describe('OffstageError', () => {
  it('is recognised, by code if one is asked for', () => {
    const error = new OffstageError('QUEUE_FULL', 'full')
    expect(OffstageError.is(error)).toBe(true)
    expect(OffstageError.is(error, 'QUEUE_FULL')).toBe(true)
    expect(OffstageError.is(error, 'STORE')).toBe(false)
  })

  it('is recognised across copies of the class by its brand', () => {
    const copy = Object.assign(new Error('from another bundle'), {
      [Symbol.for('offstage.error')]: true,
      code: 'STORE',
    })
    expect(OffstageError.is(copy, 'STORE')).toBe(true)
  })

  it.each([null, undefined, 'STORE', 5, new Error('no'), { code: 'STORE' }])('does not take %s for one', (value) => {
    expect(OffstageError.is(value)).toBe(false)
  })

  it.each([
    [
      new ValidationError('delay', 'positive', -1),
      'ValidationError',
      'INVALID_OPTION',
      'delay must be positive, got -1',
    ],
    [
      new WaitTimeoutError('task a', 50, 'a'),
      'WaitTimeoutError',
      'WAIT_TIMEOUT',
      'task a did not end within 50 ms; it goes on',
    ],
    [new StoreError('STORE', 'the disk is full'), 'StoreError', 'STORE', 'the disk is full'],
    [new NonRetryableError('closed'), 'NonRetryableError', 'NON_RETRYABLE', 'closed'],
    [new NonRetryableError('closed', { code: 'ACCOUNT' }), 'NonRetryableError', 'ACCOUNT', 'closed'],
    [new RetryAfterError('30s'), 'RetryAfterError', 'RETRY_AFTER', 'try again after 30s'],
    [new TaskCancelledError('t1', 'digest'), 'TaskCancelledError', 'CANCELLED', 'task digest (t1) was cancelled'],
    [
      new TaskCancelledError('t1', 'digest', 'not needed', 'ann'),
      'TaskCancelledError',
      'CANCELLED',
      'task digest (t1) was cancelled: not needed',
    ],
  ])('%s carries name, code and message', (error, name, code, message) => {
    expect(error).toBeInstanceOf(OffstageError)
    expect([error.name, error.code, error.message]).toEqual([name, code, message])
  })
})

describe('TaskFailedError', () => {
  const failure: Failure = { code: 'ENOENT', message: 'no file', cause: { code: 'ERROR', message: 'deeper' } }

  it("has the failure's code and what the handler threw as its cause", () => {
    const thrown = new Error('no file')
    const error = new TaskFailedError('t1', 'digest', failure, thrown)
    expect([error.code, error.message]).toEqual(['ENOENT', 'task digest (t1) failed: no file'])
    expect(error.cause).toBe(thrown)
  })

  it('revives the cause when the failure came from another process', () => {
    const { cause } = new TaskFailedError('t1', 'digest', failure)
    expect(cause).toMatchObject({ message: 'no file', code: 'ENOENT', cause: { message: 'deeper', code: 'ERROR' } })
    expect(cause).toBeInstanceOf(Error)
  })
})

describe('toFailure', () => {
  it('keeps code, message, stack and cause of an error', () => {
    const cause = new TypeError('deeper')
    const error = Object.assign(new Error('no file', { cause }), { code: 'ENOENT' })
    expect(toFailure(error)).toEqual({
      code: 'ENOENT',
      message: 'no file',
      stack: error.stack,
      cause: { code: 'ERROR', message: 'deeper', stack: cause.stack },
    })
  })

  it('prefers the code it is given', () => {
    expect(toFailure(Object.assign(new Error('x'), { code: 'ENOENT' }), 'TIMEOUT').code).toBe('TIMEOUT')
  })

  it.each([20, '', 'x'.repeat(65), null])('calls an error with the code %s ERROR', (code) => {
    expect(toFailure(Object.assign(new Error('x'), { code })).code).toBe('ERROR')
  })

  it('names an error that has no message', () => {
    expect(toFailure(new RangeError()).message).toBe('RangeError')
  })

  it.each([
    ['a string', '"a string"'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ status: 429 }, '{"status":429}'],
  ])('tells that %s was thrown', (thrown, text) => {
    expect(toFailure(thrown)).toEqual({ code: 'ERROR', message: `the handler threw ${text}` })
  })

  it('reads frozen errors, and survives those that cannot be read', () => {
    expect(toFailure(Object.freeze(new Error('cold'))).message).toBe('cold')
    const hostile = new Error('x')
    Object.defineProperty(hostile, 'message', {
      get: () => {
        throw new Error('no')
      },
    })
    expect(toFailure(hostile)).toEqual({ code: 'ERROR', message: 'the handler threw something that cannot be read' })
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(toFailure(proxy).code).toBe('ERROR')
  })

  it('is bounded in length and in depth, cycles included', () => {
    const error = new Error('x'.repeat(100_000))
    error.stack = 'y'.repeat(100_000)
    error.cause = error
    const failure = toFailure(error)
    expect([failure.message.length, failure.stack?.length]).toEqual([8_192, 16_384])
    let depth = 0
    for (let at: Failure | undefined = failure.cause; at !== undefined; at = at.cause) depth++
    expect(depth).toBe(5)
  })

  it('makes plain data that survives a JSON round trip and comes back as an error', () => {
    const failure = toFailure(new Error('outer', { cause: new Error('inner') }))
    const revived = revive(JSON.parse(JSON.stringify(failure)) as Failure)
    expect(toFailure(revived)).toEqual(failure)
  })
})

describe('show', () => {
  it.each([
    ['text', '"text"'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [10n, '10n'],
    [Symbol('s'), 'Symbol(s)'],
    [function digest() {}, 'function digest'],
    [() => {}, 'function (anonymous)'],
    [new TypeError('bad'), 'TypeError: bad'],
    [{ a: 1 }, '{"a":1}'],
    [{ constructor: class Own {} }, '{}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [[1], '[1]'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new Map([[1, 2]]), 'Map {}'],
    [
      new (class Lamp {
        isLit = true
      })(),
      'Lamp {"isLit":true}',
    ],
    [{ toJSON: () => undefined }, '[object Object]'],
  ])('renders %s', (value, text) => {
    expect(show(value)).toBe(text)
  })

  it('says when text was cut', () => {
    expect(show('x'.repeat(121))).toBe(`"${'x'.repeat(120)}"...`)
    expect(show({ a: 'x'.repeat(1_000) })).toMatch(/^.{157}\.\.\.$/)
  })

  it('lets no control or direction character through', () => {
    expect(show('a\u001b[31m\u202eb\u2028')).toBe('"a\\u001b[31m\\u202eb\\u2028"')
    expect(show({ toJSON: () => '\u202e' })).toBe('"\\u202e"')
  })

  it('does not throw on what cannot be rendered', () => {
    const cycle: Record<string, unknown> = {}
    cycle.self = cycle
    expect(show(cycle)).toBe('something unreadable')
  })
})
