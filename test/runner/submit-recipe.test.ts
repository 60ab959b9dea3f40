import { describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { silent } from './work.ts'

const double = defineRecipe({ name: 'double', run: (n: number) => n * 2 })

describe('a recipe', () => {
  it('is submitted by itself, by its name, or by its type and name', async () => {
    const { runner } = testRunner({ recipes: [double] })
    const tasks = [
      await runner.submitRecipe(double, 1),
      await runner.submitRecipe('double', 2),
      await runner.submitRecipe<typeof double>('double', 3),
    ]
    expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual([2, 4, 6])
    expect(tasks.map(({ name }) => name)).toEqual(['double', 'double', 'double'])
  })

  it('that was submitted by itself is known by its name from then on', async () => {
    const { runner } = testRunner()
    await (await runner.submitRecipe(double, 1)).wait()
    expect(await (await runner.submitRecipe('double', 2)).wait()).toBe(4)
  })

  it('may be any object that could be defined, again and again', async () => {
    const { runner } = testRunner()
    const plain = { name: 'plain', run: () => 'done' }
    for (const given of [plain, plain, Object.freeze(plain)]) {
      expect(await (await runner.submitRecipe<typeof plain>(given, undefined)).wait()).toBe('done')
    }
    await expect(runner.submitRecipe(Object.freeze({ name: 'empty' }), 1)).rejects.toThrow(/^run must be a function/)
    await expect(runner.submitRecipe({ name: 'odd', runs: 1 } as { name: string }, 1)).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
    })
  })

  it('needs a name of its own', async () => {
    const other = defineRecipe({ name: 'double', run: () => 0 })
    const duplicate = { code: 'DUPLICATE_RECIPE', message: expect.stringContaining('"double"') }
    expect(() => testRunner({ recipes: [double, other] })).toThrow(expect.objectContaining(duplicate))
    expect(() => testRunner({ recipes: [double, double] })).toThrow(expect.objectContaining(duplicate))
    const { runner } = testRunner({ recipes: [double] })
    await expect(runner.submitRecipe(other)).rejects.toMatchObject(duplicate)
    expect(await (await runner.submitRecipe(double, 1)).wait()).toBe(2)
  })

  it.each([[undefined], [null], [7], ['double']])('is not %j, in the options of a runner', (recipe) => {
    expect(() => testRunner({ recipes: [double, recipe as never] })).toThrow(/^recipes\[1\] must be a recipe, got /)
  })

  it('that is not known by name is UNKNOWN_RECIPE where others are', async () => {
    const { runner } = testRunner({ recipes: [double] })
    await expect(runner.submitRecipe('dubble', 1)).rejects.toMatchObject({
      code: 'UNKNOWN_RECIPE',
      message: 'no recipe "dubble" is known here; known are: double',
    })
  })

  it.each([[''], ['a b'], [7], [null], [undefined]])('cannot be named %j', async (name) => {
    const { runner } = testRunner()
    await expect(runner.submitRecipe(name as string, 1)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(runner.tasks).toEqual([])
  })

  it('hands its config and its session to the handler', async () => {
    const { runner } = testRunner()
    const recipe = defineRecipe({
      name: 'work',
      run: (_: undefined, { config, sessionId }) => [config, sessionId] as never,
    })
    const config = { model: 'small' }
    const task = await runner.submitRecipe(recipe, undefined, { config, sessionId: 's1' })
    config.model = 'large'
    expect(await task.wait()).toEqual([{ model: 'small' }, 's1'])
    await expect(runner.submitRecipe(recipe, undefined, { config: () => 1 })).rejects.toThrow(
      /^config must be a JSON value/,
    )
  })

  it('has a timeout and retries of its own, which a submit may replace', async () => {
    const { runner, clock } = testRunner()
    const recipe = defineRecipe({
      name: 'slow',
      timeout: '1s',
      retry: { attempts: 2, minDelay: 0 },
      run: (_: undefined, { sleep }) => sleep('1m'),
    })
    const own = await runner.submitRecipe(recipe)
    const other = await runner.submitRecipe(recipe, undefined, { timeout: '2m', retry: { attempts: 1 } })
    await clock.until(Promise.all([own.settled(), other.settled()]))
    expect([own.status, own.attempt, own.durationMs]).toEqual(['failed', 2, 1_000])
    expect([other.status, other.attempt, other.durationMs]).toEqual(['completed', 1, 60_000])
  })

  it('is tried again at the times that its submit asked for, by a runner that never saw the submit', async () => {
    const store = new MemoryStore()
    const recipe = defineRecipe({
      name: 'flaky',
      retry: { attempts: 2, minDelay: '1m', jitter: 0 },
      run: async (_: undefined, { attempt }) => {
        if (attempt < 4) throw new Error('no')
        return attempt
      },
    })
    const { runner: front, clock } = testRunner({ store, work: false })
    const back = new BackgroundRunner({ store, clock, recipes: [recipe] })
    back.start()
    const task = await front.submitRecipe('flaky', undefined, {
      retry: { attempts: 4, backoff: 'fixed', minDelay: '10s', jitter: 0 },
    })
    expect(await clock.until(task.wait())).toBe(4)
    expect(Number(task.completedAt) - Number(task.createdAt)).toBe(30_000)
    await back.stop()
  })

  it('refuses a judge of failures in a submit, for a task cannot carry it', async () => {
    const { runner } = testRunner()
    await expect(runner.submitRecipe('any', undefined, { retry: { when: () => true } })).rejects.toThrow(
      /^retry\.when must be given to the recipe/,
    )
  })
})

describe('onSettled', () => {
  const settling = (run: (...args: never[]) => unknown, options = {}) => {
    const told: unknown[][] = []
    const recipe = defineRecipe({
      name: 'work',
      run: run as () => unknown,
      ...options,
      onSettled: (outcome, { input, task }) => told.push([outcome, input, task.id, task.status]),
    })
    return { recipe, told }
  }

  it('hears the outcome, the input and the task, once, when the task has ended', async () => {
    const { recipe, told } = settling((n: number) => ({ n }))
    const { runner } = testRunner()
    const task = await runner.submitRecipe(recipe, 7 as never)
    await task.wait()
    await runner.onIdle()
    expect(told).toEqual([[{ ok: true, status: 'completed', result: { n: 7 } }, 7, task.id, 'completed']])
  })

  it('hears of a failure only when no attempt is left', async () => {
    const { recipe, told } = settling(() => Promise.reject(new Error('no')), { retry: { attempts: 3, minDelay: 0 } })
    const { runner, clock } = testRunner()
    await clock.until((await runner.submitRecipe(recipe)).settled())
    await clock.advance(0)
    expect(told.map(([outcome]) => outcome)).toMatchObject([{ ok: false, status: 'failed', error: { message: 'no' } }])
  })

  it('hears of tasks that were cancelled before they ran, and between two attempts', async () => {
    const { recipe, told } = settling(() => Promise.reject(new Error('no')), { retry: { attempts: 3, minDelay: '1m' } })
    const { runner, clock } = testRunner()
    const never = await runner.submitRecipe(recipe, undefined, { delay: '1m' })
    const between = await runner.submitRecipe(recipe)
    await clock.advance(0)
    expect([between.state, between.attempt]).toEqual(['pending.delayed', 2])
    await never.cancel('first')
    await between.cancel('second')
    await clock.advance(0)
    expect(told.map(([outcome]) => (outcome as { reason: string }).reason)).toEqual(['first', 'second'])
  })

  it('is told by the worker that ran the task, where several share a store', async () => {
    const { recipe, told } = settling(() => 1)
    const store = new MemoryStore()
    const { runner } = testRunner({ store, recipes: [recipe] })
    const { runner: other } = testRunner({ store, recipes: [recipe], seed: 2 })
    other.start()
    const task = await runner.submitRecipe(recipe)
    await task.wait()
    await Promise.all([runner.onIdle(), other.onIdle()])
    expect(told.length).toBe(1)
  })

  it('may throw, at once or later, and harms nothing', async () => {
    const warn = vi.fn()
    const { runner } = testRunner({ logger: { ...silent, warn } })
    const broken = new Error('broken')
    for (const onSettled of [
      () => Promise.reject(broken),
      (): never => {
        throw broken
      },
    ]) {
      const name = `work-${warn.mock.calls.length}`
      const task = await runner.submitRecipe(defineRecipe({ name, run: () => 1, onSettled }))
      expect(await task.wait()).toBe(1)
      await runner.onIdle()
      await null
      expect(warn).toHaveBeenLastCalledWith({ err: broken }, expect.stringMatching(/^onSettled of "work-/))
    }
    expect(warn).toHaveBeenCalledTimes(2)
  })
})
