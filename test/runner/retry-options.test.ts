import { describe, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { noRetry, readRetry } from '../../src/runner/retry-options.ts'

describe('the retry option', () => {
  it('is one attempt unless it says otherwise', () => {
    expect(readRetry(undefined)).toBe(noRetry)
    expect(readRetry({})).toEqual(noRetry)
  })

  it('takes what it leaves out from the runner', () => {
    const runner = readRetry({ attempts: 5, backoff: 'fixed', minDelay: '2s' })
    expect(readRetry({ attempts: 2 }, runner)).toEqual({ ...runner, attempts: 2 })
  })

  it('lets a long first delay be as long as was asked for', () => {
    expect(readRetry({ minDelay: '1h' })).toMatchObject({ minDelay: 3_600_000, maxDelay: 3_600_000 })
  })

  it('lets a short longest delay shorten the first', () => {
    expect(readRetry({ maxDelay: '100ms' })).toMatchObject({ minDelay: 100, maxDelay: 100 })
  })

  it('refuses a longest delay below the first', () => {
    const read = () => readRetry({ minDelay: '2s', maxDelay: '1s' })
    expect(read).toThrow(ValidationError)
    expect(read).toThrow(`retry.maxDelay must be at least retry.minDelay (2000 ms), got "1s"`)
  })

  it.each([
    [{ attempts: 0 }, 'retry.attempts'],
    [{ minDelay: -1 }, 'retry.minDelay'],
    [{ maxDelay: Number.NaN }, 'retry.maxDelay'],
    [{ jitter: 2 }, 'retry.jitter'],
    [{ backoff: 'linear' }, 'retry.backoff'],
    [{ when: true }, 'retry.when'],
    [{ times: 3 }, 'times'],
  ])('refuses %j and names the option', (options, option) => {
    expect(() => readRetry(options as never)).toThrow(option)
  })
})
