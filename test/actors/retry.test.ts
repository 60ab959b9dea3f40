import { describe, expect, it } from 'vitest'
import { type Failing, type Retry, retryAt } from '../../src/actors/retry.ts'
import { NonRetryableError, OffstageError, RetryAfterError, ValidationError } from '../../src/errors.ts'
import { Journal } from '../machines/sim/journal.ts'

const now = 1_000_000
const policy: Retry = {
  attempts: 5,
  backoff: 'exponential',
  minDelay: 100,
  maxDelay: 1_000,
  jitter: 0,
  when: undefined,
}
const thrown = (error: unknown): Failing => ({ by: 'throw', thrown: error })
const broken = thrown(new Error('broken'))

interface Case {
  readonly retry?: Partial<Retry>
  readonly failing?: Failing
  /** How often it failed before. */
  readonly failures?: number
  readonly maxAttempts?: number
  readonly draw?: number
}

/** How long to wait for the next attempt; undefined = it is over. Warnings are kept. */
function delay(
  { retry, failing = broken, failures = 0, maxAttempts = 5, draw = 0 }: Case,
  warnings: string[] = [],
): number | undefined {
  const journal = new Journal()
  journal.submit('a', { limits: { maxAttempts } })
  for (let i = 0; i < failures; i += 1) {
    journal.start('a')
    journal.fail('a', journal.now)
  }
  journal.start('a')
  const warn = (message: string, cause: unknown): void => void warnings.push(`${message}: ${cause}`)
  const at = retryAt(journal.task('a'), failing, { ...policy, ...retry }, now, draw, warn)
  return at === undefined ? undefined : at - now
}

describe('retryAt', () => {
  it('follows the policy while attempts are left', () => {
    expect([0, 1, 2, 3, 4].map((failures) => delay({ failures }))).toEqual([100, 200, 400, 800, undefined])
    expect([0, 1].map((failures) => delay({ failures, retry: { backoff: 'fixed' } }))).toEqual([100, 100])
    expect(delay({ failures: 3, maxAttempts: 9, retry: { maxDelay: 300 } })).toBe(300)
    expect(delay({ draw: 0.5, retry: { jitter: 1 } })).toBe(50)
  })

  it("heeds the task's own limit, not the policy's", () => {
    expect(delay({ maxAttempts: 1, retry: { attempts: 99 } })).toBeUndefined()
  })

  it('tries again after a timeout, without asking anybody', () => {
    const when = (): never => {
      throw new Error('nobody asked')
    }
    expect(delay({ failing: { by: 'timeout' }, retry: { when } })).toBe(100)
    expect(delay({ failing: { by: 'timeout' }, maxAttempts: 1 })).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['NonRetryableError', new NonRetryableError('closed')],
    ['NonRetryableError with a code of its own', new NonRetryableError('closed', { code: 'CLOSED' })],
    ['an input that is invalid', new ValidationError('input.a', 'text', 5, 'INVALID_INPUT')],
  ])('never tries again after %s, even if `when` would', (_, error) => {
    expect(delay({ failing: thrown(error), retry: { when: () => true } })).toBeUndefined()
  })

  it('knows its errors by brand and name, for a bundler may double the classes', () => {
    class NonRetryable extends OffstageError {}
    const twin = Object.defineProperty(new NonRetryable('NON_RETRYABLE', 'closed'), 'name', {
      value: 'NonRetryableError',
    })
    expect(delay({ failing: thrown(twin) })).toBeUndefined()
    const stranger = Object.assign(new Error('closed'), { name: 'NonRetryableError' })
    expect(delay({ failing: thrown(stranger) })).toBe(100)
  })

  it('waits as long as RetryAfterError says, longer than the policy or shorter', () => {
    expect(delay({ failing: thrown(new RetryAfterError('1h')) })).toBe(3_600_000)
    expect(delay({ failing: thrown(new RetryAfterError(0)) })).toBe(0)
    expect(delay({ failing: thrown(new RetryAfterError('1h')), maxAttempts: 1 })).toBeUndefined()
  })

  it('asks `when` with what was thrown, and with the attempt that failed', () => {
    const asked: unknown[] = []
    const error = new Error('broken')
    const when = (...args: unknown[]): boolean => asked.push(args) > 0
    delay({ failing: thrown(error), failures: 2, retry: { when } })
    expect(asked).toEqual([[error, 3]])
  })

  it.each<[boolean | '2s' | 7, number | undefined]>([
    [true, 100],
    [false, undefined],
    ['2s', 2_000],
    [7, 7],
  ])('does as `when` says: %s', (answer, expected) => {
    expect(delay({ retry: { when: () => answer } })).toBe(expected)
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a promise', Promise.resolve(true)],
    ['a word', 'soon'],
    ['a negative time', -5],
    ['no number', Number.NaN],
  ])('falls back to the policy, and warns, when `when` answers with %s', (_, answer) => {
    const warnings: string[] = []
    expect(delay({ retry: { when: () => answer as boolean } }, warnings)).toBe(100)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('"a" asked for an impossible delay before its retry')
  })

  it('falls back to the policy, and warns, for an impossible RetryAfterError', () => {
    const warnings: string[] = []
    expect(delay({ failing: thrown(new RetryAfterError('later')) }, warnings)).toBe(100)
    expect(warnings).toHaveLength(1)
  })

  it('gives up, and warns, when `when` throws', () => {
    const warnings: string[] = []
    const when = (): never => {
      throw new Error('no idea')
    }
    expect(delay({ retry: { when } }, warnings)).toBeUndefined()
    expect(warnings).toEqual(['retry.when of "a" threw; the task is not tried again: Error: no idea'])
  })

  it.each([['text'], [undefined], [null], [5], [Object.freeze(new Error('frozen'))], [Object.create(null)]])(
    'bears %o being thrown',
    (value) => {
      expect(delay({ failing: thrown(value) })).toBe(100)
    },
  )

  it('bears what throws when it is looked at', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(delay({ failing: thrown(proxy) })).toBe(100)
  })
})
