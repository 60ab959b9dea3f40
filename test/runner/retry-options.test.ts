import { describe, expect, it } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { addSpacing, noRetry, type RetryOptions, readRetry, spacedBy } from '../../src/runner/retry-options.ts'

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

describe('the spacing that a task carries', () => {
  const spacingOf = (options: RetryOptions) => {
    const record: Parameters<typeof addSpacing>[0] = {}
    addSpacing(record, options)
    return record
  }

  it('is what was asked for, in ms, and nothing else', () => {
    expect(spacingOf({ attempts: 3 })).toEqual({})
    expect(spacingOf({ backoff: 'fixed', minDelay: '2s' })).toEqual({ retry: { backoff: 'fixed', minDelay: 2_000 } })
    expect(spacingOf({ maxDelay: '1m', jitter: 0 })).toEqual({ retry: { maxDelay: 60_000, jitter: 0 } })
  })

  it('replaces what the recipe says, and the rest gives way', () => {
    const base = readRetry({ attempts: 3, minDelay: '1s', maxDelay: '1m' })
    expect(spacedBy(undefined, base)).toBe(base)
    expect(spacedBy({ minDelay: 120_000 }, base)).toEqual({ ...base, minDelay: 120_000, maxDelay: 120_000 })
    expect(spacedBy({ maxDelay: 10 }, base)).toEqual({ ...base, minDelay: 10, maxDelay: 10 })
  })
})
