import { describe, expect, it, vi } from 'vitest'
import { NonRetryableError, RetryAfterError } from '../../src/errors.ts'
import type { RetryOptions } from '../../src/runner/retry-options.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const broken = new Error('broken')

/** Fails in every attempt, and tells how it ended and how many ms passed between the attempts. */
async function run(retry: RetryOptions, { seed = 1, ...rest }: { thrown?: unknown; seed?: number } = {}) {
  const thrown = 'thrown' in rest ? rest.thrown : broken
  const logger = { ...silent, warn: vi.fn() }
  const { runner, clock } = testRunner({ seed, logger })
  const begins: number[] = []
  const task = runner.submit(
    () => {
      begins.push(clock.now())
      throw thrown
    },
    { retry },
  )
  const outcome = await clock.until(task.settled())
  return {
    gaps: begins.slice(1).map((at, i) => at - (begins[i] as number)),
    code: outcome?.ok === false && outcome.status === 'failed' ? outcome.error.code : undefined,
    warnings: logger.warn.mock.calls.map(([, message]) => message as string),
  }
}

describe('retry', () => {
  it('is off unless it is asked for', async () => {
    expect((await run({})).gaps).toEqual([])
  })

  it('waits longer after each failure, up to maxDelay', async () => {
    const { gaps } = await run({ attempts: 6, minDelay: '1s', maxDelay: '5s', jitter: 0 })
    expect(gaps).toEqual([1_000, 2_000, 4_000, 5_000, 5_000])
  })

  it('waits the same after each failure with a fixed backoff', async () => {
    expect((await run({ attempts: 4, backoff: 'fixed', minDelay: '3s', jitter: 0 })).gaps).toEqual([
      3_000, 3_000, 3_000,
    ])
  })

  it('takes a random part off the delay, the same for the same seed', async () => {
    const retry = { attempts: 5, backoff: 'fixed', minDelay: '10s', jitter: 0.5 } as const
    const { gaps } = await run(retry, { seed: 7 })
    expect(Math.min(...gaps)).toBeGreaterThan(5_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10_000)
    expect(new Set(gaps).size).toBe(4)
    expect((await run(retry, { seed: 7 })).gaps).toEqual(gaps)
    expect((await run(retry, { seed: 8 })).gaps).not.toEqual(gaps)
  })

  it('tells the handler which attempt it is, and the task the last one', async () => {
    const { runner, clock } = testRunner()
    const seen: number[][] = []
    const task = runner.submit(
      ({ attempt, maxAttempts }) => {
        seen.push([attempt, maxAttempts])
        if (attempt < 3) throw broken
        return 'third time lucky'
      },
      { retry: { attempts: 5 } },
    )
    expect(await clock.until(task.wait())).toBe('third time lucky')
    expect(seen).toEqual([
      [1, 5],
      [2, 5],
      [3, 5],
    ])
    expect(task.attempt).toBe(3)
  })

  it('gives the slot to others between two attempts', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1, logger: silent })
    const retried = runner.submit(() => Promise.reject(broken), { retry: { attempts: 2, minDelay: '1h' } })
    await clock.until(runner.submit(() => 'other').wait())
    expect(retried.state).toBe('pending.delayed')
    await clock.until(retried.settled())
    expect(retried.status).toBe('failed')
  })
})

describe('retry.when', () => {
  it('hears what was thrown and which attempt it was', async () => {
    const when = vi.fn(() => true)
    await run({ attempts: 3, when })
    expect(when.mock.calls).toEqual([
      [broken, 1],
      [broken, 2],
    ])
  })

  it('ends the task with false', async () => {
    expect(await run({ attempts: 9, when: () => false })).toMatchObject({ gaps: [], code: 'ERROR' })
  })

  it('sets the delay with a duration, whatever the backoff says', async () => {
    expect((await run({ attempts: 3, when: (_, attempt) => attempt * 500 })).gaps).toEqual([500, 1_000])
    expect((await run({ attempts: 2, when: () => '2h' })).gaps).toEqual([7_200_000])
    expect((await run({ attempts: 2, when: () => 0 })).gaps).toEqual([0])
  })

  it('that throws ends the task with the failure of its handler, and is told of', async () => {
    const when = (): boolean => {
      throw new RangeError('no judgement')
    }
    const { gaps, code, warnings } = await run({ attempts: 3, when })
    expect({ gaps, code }).toEqual({ gaps: [], code: 'ERROR' })
    expect(warnings[0]).toMatch(/retry.when of "task" threw/)
  })

  it.each([-1, Number.NaN, 'soon', null])('that answers %s means the usual delay, and is told of', async (answer) => {
    const { gaps, warnings } = await run({ attempts: 2, minDelay: 10, jitter: 0, when: () => answer as never })
    expect(gaps).toEqual([10])
    expect(warnings[0]).toMatch(/asked for an impossible delay/)
  })
})

describe('what is thrown', () => {
  it('decides by itself when it is a NonRetryableError', async () => {
    const when = vi.fn(() => true)
    const ended = await run({ attempts: 5, when }, { thrown: new NonRetryableError('closed', { code: 'CLOSED' }) })
    expect(ended).toMatchObject({ gaps: [], code: 'CLOSED' })
    expect(when).not.toHaveBeenCalled()
  })

  it('sets the delay when it is a RetryAfterError, within the attempts', async () => {
    const ended = await run({ attempts: 3 }, { thrown: new RetryAfterError('30s') })
    expect(ended).toMatchObject({ gaps: [30_000, 30_000], code: 'RETRY_AFTER' })
  })

  it('is never tried again when the input is invalid', async () => {
    const invalid = new NonRetryableError('no', { code: 'INVALID_INPUT' })
    expect(await run({ attempts: 5 }, { thrown: invalid })).toMatchObject({ gaps: [], code: 'INVALID_INPUT' })
  })

  it.each([
    ['a string', 'out of order'],
    ['undefined', undefined],
    ['a frozen error', Object.freeze(new Error('frozen'))],
    ['an error that cannot be read', new Proxy(new Error('x'), { get: () => assertNever(), has: () => assertNever() })],
  ])('is retried like any other when it is %s', async (_, thrown) => {
    const { gaps, code } = await run({ attempts: 2, minDelay: 10, jitter: 0 }, { thrown })
    expect({ gaps, code }).toEqual({ gaps: [10], code: 'ERROR' })
  })
})

describe('a timeout', () => {
  it('is retried like a failure', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(({ attempt, sleep }) => (attempt === 1 ? sleep('1h') : 'in time'), {
      timeout: '1s',
      retry: { attempts: 2, minDelay: '1s', jitter: 0 },
    })
    expect(await clock.until(task.wait())).toBe('in time')
    expect(Number(task.startedAt) - Number(task.createdAt)).toBe(2_000)
  })

  it('of a handler that does not stop is not retried: it still runs', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(never, { timeout: '1s', retry: { attempts: 3 } })
    await clock.until(task.settled())
    expect([task.error?.code, task.attempt]).toEqual(['TIMEOUT', 1])
  })
})

function assertNever(): never {
  throw new Error('not to be read')
}
