import { describe, expect, it } from 'vitest'
import { NonRetryableError } from '../../src/errors.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { testRunner } from '../../src/testing/runner.ts'

const at = (seconds: number): string => new Date(Date.UTC(2030, 0, 1) + seconds * 1_000).toISOString()
const keys = (task: BackgroundTask): string[] => Object.keys(task.toJSON())

describe('a task as plain data', () => {
  it('of a pending task has what was asked for, and nothing that is not known yet', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1, {
      id: 'mine',
      name: 'work',
      owner: 'ada',
      tags: ['a', 'b'],
      metadata: { deep: { n: 0 } },
      delay: '10s',
      deadline: '1m',
      retry: { attempts: 3 },
    })
    expect(task.toJSON()).toEqual({
      id: 'mine',
      name: 'work',
      status: 'pending',
      state: 'pending.delayed',
      attempt: 1,
      maxAttempts: 3,
      createdAt: at(0),
      dueAt: at(10),
      deadline: at(60),
      owner: 'ada',
      tags: ['a', 'b'],
      metadata: { deep: { n: 0 } },
    })
    await runner.stop()
  })

  it('follows the task through its life, with times in ISO 8601', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ progress, sleep }) => {
        progress(0.25, 'reading')
        await sleep('3s')
        return { n: 0 }
      },
      { name: 'work' },
    )
    await clock.advance('1s')
    const base = { id: task.id, name: 'work', attempt: 1, maxAttempts: 1, createdAt: at(0), startedAt: at(0) }
    const half = { progress: 0.25, message: 'reading' }
    expect(task.toJSON()).toEqual({ ...base, ...half, status: 'running', state: 'running.executing' })
    await clock.until(task.wait())
    const end = { status: 'completed', state: 'completed', completedAt: at(3), durationMs: 3_000, result: { n: 0 } }
    expect(task.toJSON()).toEqual({ ...base, ...half, ...end })
  })

  it.each([[0], [''], [false], [null]])('keeps the result %j', async (result) => {
    const { runner } = testRunner()
    const task = runner.submit(() => result)
    await task.wait()
    expect(task.toJSON()).toMatchObject({ result })
  })

  it('keeps a progress of 0 and an empty message', async () => {
    const { runner } = testRunner()
    const task = runner.submit(({ progress }) => progress(0, ''))
    await task.wait()
    expect(task.toJSON()).toMatchObject({ progress: 0, message: '', durationMs: 0 })
    expect(keys(task)).not.toContain('result')
  })

  it('survives JSON unchanged', async () => {
    const { runner } = testRunner()
    const task = runner.submit(
      () => {
        throw new NonRetryableError('closed', { code: 'CLOSED', cause: new Error('below') })
      },
      { metadata: { a: [1] } },
    )
    await task.settled()
    expect(JSON.parse(JSON.stringify(task))).toEqual(task.toJSON())
    expect(task.toJSON()).toMatchObject({ error: { code: 'CLOSED', message: 'closed', cause: { message: 'below' } } })
  })

  it('tells who cancelled it and why', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1, { signal: AbortSignal.abort(new Error('left the page')) })
    await task.settled()
    expect(task.toJSON()).toMatchObject({ status: 'cancelled', reason: 'left the page', by: 'signal' })
    expect(keys(task)).not.toContain('startedAt')
  })

  it('names the recipe, and the parent of a child', async () => {
    const child = defineRecipe({ name: 'child', run: () => 1 })
    const parent = defineRecipe({ name: 'parent', run: async (_, ctx) => (await ctx.submitRecipe(child)).id })
    const { runner } = testRunner({ recipes: [child, parent] })
    const task = await runner.submitRecipe(parent)
    const under = await runner.get(await task.wait())
    expect(under?.toJSON()).toMatchObject({ recipe: 'child', parentId: task.id })
    expect(under?.parentId).toBe(task.id)
    expect(keys(task)).not.toContain('parentId')
  })
})

describe('the error', () => {
  it('is that of the attempt before while the task goes on, and gone once it has completed', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      ({ attempt }) => {
        if (attempt === 1) throw new Error('not yet')
        return 'done'
      },
      { retry: { attempts: 2, minDelay: '1s', jitter: 0 } },
    )
    await clock.advance(0)
    expect(task.toJSON()).toMatchObject({ state: 'pending.delayed', error: { message: 'not yet' }, dueAt: at(1) })
    await clock.until(task.wait())
    expect(keys(task)).not.toContain('error')
    expect(task.error).toBeUndefined()
  })
})

describe('the attempt', () => {
  const failing = { retry: { attempts: 3, minDelay: '1s', backoff: 'fixed', jitter: 0 } } as const

  it('counts from 1, and is the one that comes next while the task is delayed', async () => {
    const { runner, clock } = testRunner()
    const seen: number[] = []
    const task = runner.submit(({ attempt }) => {
      seen.push(attempt)
      throw new Error('no')
    }, failing)
    expect(task.attempt).toBe(1)
    await clock.advance(0)
    expect([task.state, task.attempt]).toEqual(['pending.delayed', 2])
    await clock.until(task.settled())
    expect([task.attempt, task.toJSON().attempt, ...seen]).toEqual([3, 3, 1, 2, 3])
  })

  it('of a task that completed is the one that did it', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ attempt }) => {
      if (attempt < 3) throw new Error('no')
      return attempt
    }, failing)
    expect(await clock.until(task.wait())).toBe(3)
    expect([task.attempt, task.toJSON().attempt]).toEqual([3, 3])
  })

  it('of a task that was cancelled is the one that ran last', async () => {
    const { runner, clock } = testRunner()
    const never = runner.submit(() => 1, { delay: '1m' })
    await never.cancel()
    const between = runner.submit(() => Promise.reject(new Error('no')), failing)
    await clock.advance(0)
    await between.cancel()
    const second = runner.submit(async ({ attempt, sleep }) => {
      if (attempt === 1) throw new Error('no')
      await sleep('1h')
    }, failing)
    await clock.advance('2s')
    await second.cancel()
    await second.settled()
    expect([never.attempt, between.attempt, second.attempt]).toEqual([1, 1, 2])
  })

  it('of a task that timed out is the one that did', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1h'), { ...failing, timeout: '1s' })
    const stopped = runner.submit(({ sleep }) => sleep('1h'), { deadline: '1s', timeout: false })
    await clock.until(Promise.all([task.settled(), stopped.settled()]))
    expect([task.error?.code, task.attempt]).toEqual(['TIMEOUT', 3])
    expect([stopped.error?.code, stopped.attempt]).toEqual(['TIMEOUT', 1])
  })
})
