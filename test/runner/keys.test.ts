import { describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { Meter, silent } from './work.ts'

describe('concurrencyKey', () => {
  it('as a text lets one task of the key run at a time', async () => {
    const { runner, clock } = testRunner()
    const [a, b] = [new Meter(), new Meter()]
    for (let i = 0; i < 6; i += 1) {
      const meter = i % 2 === 0 ? a : b
      runner.submit(({ sleep }) => meter.during(() => sleep('1s')), { concurrencyKey: i % 2 === 0 ? 'a' : 'b' })
    }
    await clock.until(runner.onIdle())
    expect([a.most, b.most]).toEqual([1, 1])
  })

  it('with a limit lets as many run', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 10 })
    const meter = new Meter()
    const concurrencyKey = { key: 'account', limit: 3 }
    for (let i = 0; i < 9; i += 1) runner.submit(({ sleep }) => meter.during(() => sleep('1s')), { concurrencyKey })
    await clock.until(runner.onIdle())
    expect(meter.most).toBe(3)
  })

  it('holds over all runners of a store', async () => {
    const { runner, clock } = testRunner({ store: new MemoryStore() })
    const store = new MemoryStore()
    const meter = new Meter()
    const runners = [1, 2, 3].map((seed) => new BackgroundRunner({ store, clock, random: seededRandom(seed) }))
    for (let i = 0; i < 9; i += 1) {
      runners[i % 3]?.submit(({ sleep }) => meter.during(() => sleep('1s')), { concurrencyKey: 'one' })
    }
    await clock.until(Promise.all(runners.map((each) => each.onIdle())))
    expect([meter.most, runner.stats.completed, runners[0]?.stats.completed]).toEqual([1, 0, 9])
  })

  it('is free again after a failure, a timeout, a cancel and between retries', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const key = { concurrencyKey: 'k' }
    runner.submit(() => Promise.reject(new Error('no')), key)
    runner.submit(({ sleep }) => sleep('1h'), { ...key, timeout: '1s' })
    const cancelled = runner.submit(({ sleep }) => sleep('1h'), key)
    const retried = runner.submit(() => Promise.reject(new Error('no')), {
      ...key,
      retry: { attempts: 2, minDelay: '1d' },
    })
    const last = runner.submit(() => 'last', key)
    clock.setTimeout(() => void cancelled.cancel(), 5_000)
    expect(await clock.until(last.wait())).toBe('last')
    expect(retried.state).toBe('pending.delayed')
  })
})

describe('maxConcurrent of a recipe', () => {
  it('limits its tasks over the store, whatever the slots, and other recipes go on', async () => {
    const [meter, others] = [new Meter(), new Meter()]
    const few = defineRecipe({ name: 'few', maxConcurrent: 2, run: (_, { sleep }) => meter.during(() => sleep('1s')) })
    const many = defineRecipe({ name: 'many', run: (_, { sleep }) => others.during(() => sleep('1s')) })
    const { runner, clock } = testRunner({ recipes: [few, many], maxConcurrentTasks: 6 })
    for (let i = 0; i < 8; i += 1) await Promise.all([runner.submitRecipe(few), runner.submitRecipe(many)])
    await clock.until(runner.onIdle())
    expect(meter.most).toBe(2)
    expect(others.most).toBeGreaterThanOrEqual(4)
  })

  it('counts beside a key of its input', async () => {
    const byUser = new Map<string, Meter>([
      ['ada', new Meter()],
      ['bob', new Meter()],
    ])
    const all = new Meter()
    const work = defineRecipe({
      name: 'work',
      maxConcurrent: 2,
      concurrencyKey: (user: string) => `user ${user}`,
      run: (user: string, { sleep }) => all.during(() => (byUser.get(user) as Meter).during(() => sleep('1s'))),
    })
    const { runner, clock } = testRunner({ recipes: [work] })
    for (const user of ['ada', 'ada', 'ada', 'bob', 'bob', 'bob']) await runner.submitRecipe(work, user)
    await clock.until(runner.onIdle())
    expect([all.most, byUser.get('ada')?.most, byUser.get('bob')?.most]).toEqual([2, 1, 1])
  })
})

describe('rateLimit of a recipe', () => {
  /** Starts of nine tasks, in ms from the first. */
  async function startsOf(rateLimit: { max: number; per: '10s'; key?: (input: string) => string }, inputs: string[]) {
    const starts: [string, number][] = []
    const logger = { ...silent, warn: vi.fn() }
    const work = defineRecipe({
      name: 'work',
      rateLimit,
      run: (input: string) => void starts.push([input, clock.now()]),
    })
    const { runner, clock } = testRunner({ recipes: [work], logger })
    const begun = clock.now()
    await runner.submitMany(inputs.map((input) => ({ recipe: work, input })))
    await clock.until(runner.onIdle())
    return { starts: starts.map(([input, at]) => [input, at - begun]), warnings: logger.warn.mock.calls.length }
  }

  it('lets only so many begin in any window', async () => {
    const { starts } = await startsOf({ max: 2, per: '10s' }, ['a', 'b', 'c', 'd', 'e'])
    expect(starts).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 10_000],
      ['d', 10_000],
      ['e', 20_000],
    ])
  })

  it('with a key limits each key apart, and lets one pass another', async () => {
    const { starts } = await startsOf({ max: 1, per: '10s', key: (input) => input.slice(0, 1) }, [
      'a1',
      'a2',
      'a3',
      'b1',
    ])
    expect(starts).toEqual([
      ['a1', 0],
      ['b1', 0],
      ['a2', 10_000],
      ['a3', 20_000],
    ])
  })

  it('with a key that throws limits those inputs together, and tells of it', async () => {
    const key = (input: string): string => {
      if (input.startsWith('x')) throw new Error('no key')
      return input
    }
    const { starts, warnings } = await startsOf({ max: 1, per: '10s', key }, ['x1', 'x2', 'a'])
    expect(starts).toEqual([
      ['x1', 0],
      ['a', 0],
      ['x2', 10_000],
    ])
    expect(warnings).toBeGreaterThan(0)
  })

  it('does not hold up other recipes and functions, and explain tells of it', async () => {
    const slow = defineRecipe({ name: 'slow', rateLimit: { max: 1, per: '1h' }, run: () => 1 })
    const { runner, clock } = testRunner({ recipes: [slow] })
    await (await runner.submitRecipe(slow)).wait()
    const held = await runner.submitRecipe(slow)
    expect(await runner.submit(() => 'free').wait()).toBe('free')
    expect(await held.explain()).toMatchObject({ code: 'RATE_LIMITED', inMs: 3_600_000 })
    await clock.until(held.wait())
  })
})
