import { describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const echo = defineRecipe({ name: 'echo', run: (input: string) => input })
const join = defineRecipe({
  name: 'join',
  run: (_: undefined, { needs }) => Object.values(needs as Record<string, string>).join('+'),
})
/** What a submit of many may name before it is submitted. */
const idOf = (id: string): BackgroundTask<string> => ({ id }) as BackgroundTask<string>

describe('needs', () => {
  it('given as an array are results in the same order', async () => {
    const { runner, clock } = testRunner()
    const one = runner.submit(({ sleep }) => sleep('2s').then(() => 1))
    const two = runner.submit(({ sleep }) => sleep('1s').then(() => 'two'))
    const sum = runner.submit(({ needs: [a, b] }) => `${a}${b}`, { needs: [one, two] as const })
    expect(sum.state).toBe('pending.blocked')
    expect(await clock.until(sum.wait())).toBe('1two')
  })

  it('given as a record are results by name, whatever the names', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 'x')
    const needs = Object.fromEntries(['left', '__proto__', 'constructor'].map((name) => [name, task]))
    const names = await runner.submit((ctx) => Object.entries(ctx.needs), { needs }).wait()
    expect(names).toEqual([
      ['left', 'x'],
      ['__proto__', 'x'],
      ['constructor', 'x'],
    ])
  })

  it('may have ended already, may be named twice, and may be none', async () => {
    const { runner } = testRunner()
    const done = runner.submit(() => 7)
    await done.wait()
    expect(await runner.submit(({ needs: [a, b] }) => a + b, { needs: [done, done] as const }).wait()).toBe(14)
    expect(await runner.submit(({ needs }) => needs, { needs: [] }).wait()).toEqual([])
  })

  it('keep the task out of the queue: it takes no slot meanwhile, and its delay begins afterwards', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const first = runner.submit(({ sleep }) => sleep('1m'))
    const task = runner.submit(() => 'done', { needs: [first], delay: '10s' })
    await clock.until(task.wait())
    expect(Number(task.startedAt) - Number(task.createdAt)).toBe(70_000)
  })

  it('are kept by clean-up as long as an unfinished task needs them', async () => {
    const { runner, clock } = testRunner({ cleanupDelay: '1m', defaultTimeout: false })
    const early = runner.submit(() => 'kept')
    const late = runner.submit(({ sleep }) => sleep('1d'))
    const task = runner.submit(({ needs: [a] }) => a, { needs: [early, late] as const })
    await clock.advance('12h')
    expect(await runner.clearCompleted()).toBe(0)
    expect(await clock.until(task.wait())).toBe('kept')
  })
})

describe('a need that does not complete', () => {
  it.each([
    [
      'failed',
      (runner: ReturnType<typeof testRunner>['runner']) => runner.submit(() => Promise.reject(new Error('no'))),
    ],
    [
      'was cancelled',
      (runner: ReturnType<typeof testRunner>['runner']) => {
        const task = runner.submit(never)
        void task.cancel()
        return task
      },
    ],
  ])('fails the task as DEPENDENCY when it %s, and all that need it in turn', async (how, make) => {
    const { runner } = testRunner({ logger: silent })
    const work = vi.fn()
    const need = make(runner)
    const task = runner.submit(work, { needs: [need] })
    const last = runner.submit(work, { needs: { task } })
    await last.settled()
    const error = { code: 'DEPENDENCY', message: `the task it needs (${need.id}) ${how}` }
    expect([task.error, last.error?.code, work.mock.calls]).toEqual([error, 'DEPENDENCY', []])
  })

  it('fails the task at once when it has ended already', async () => {
    const { runner } = testRunner({ logger: silent })
    const need = runner.submit(() => Promise.reject(new Error('no')))
    await need.settled()
    expect(runner.submit(() => 1, { needs: [need] }).error?.code).toBe('DEPENDENCY')
  })

  it('does not retry the task', async () => {
    const { runner } = testRunner({ logger: silent })
    const need = runner.submit(() => Promise.reject(new Error('no')))
    const task = runner.submit(() => 1, { needs: [need], retry: { attempts: 5 } })
    await task.settled()
    expect([task.status, task.attempt]).toEqual(['failed', 1])
  })
})

describe('needs that cannot be', () => {
  it('are refused when nobody knows the task, and nothing is submitted', () => {
    const { runner } = testRunner()
    expect(() => runner.submit(() => 1, { needs: [idOf('nobody')] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_DEPENDENCY', message: expect.stringContaining('"nobody"') }),
    )
    expect(runner.tasks).toEqual([])
  })

  it('are refused when the task needs itself', () => {
    const { runner } = testRunner()
    expect(() => runner.submit(() => 1, { id: 'me', needs: [idOf('me')] })).toThrow(
      expect.objectContaining({ code: 'CYCLIC_DEPENDENCY' }),
    )
    expect(runner.tasks).toEqual([])
  })

  it.each([[1], ['a'], [null], [[1]], [{ a: 'b' }], [[null]], [{ a: null }]])('are refused as %j', (needs) => {
    const { runner } = testRunner()
    expect(() => runner.submit(() => 1, { needs: needs as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'needs' }),
    )
    expect(runner.tasks).toEqual([])
  })
})

describe('submitMany', () => {
  it('takes tasks that need each other in any order', async () => {
    const { runner } = testRunner({ recipes: [echo, join] })
    const [joined] = await runner.submitMany([
      { recipe: join, options: { id: 'join', needs: { a: idOf('a'), b: idOf('b') } } },
      { recipe: echo, input: 'A', options: { id: 'a' } },
      { recipe: echo, input: 'B', options: { id: 'b' } },
    ])
    expect(await joined?.wait()).toBe('A+B')
  })

  it('refuses a cycle, and submits none of them', async () => {
    const { runner } = testRunner({ recipes: [echo] })
    const item = (id: string, need?: string) => ({
      recipe: echo,
      input: id,
      options: need === undefined ? { id } : { id, needs: [idOf(need)] },
    })
    const items = [item('free'), item('a', 'b'), item('b', 'c'), item('c', 'a')]
    await expect(runner.submitMany(items)).rejects.toMatchObject({ code: 'CYCLIC_DEPENDENCY' })
    expect(runner.tasks).toEqual([])
  })

  it('takes a chain of 20,000 tasks, the last one first', async () => {
    const { runner } = testRunner({ recipes: [echo], keepFinished: 100_000 })
    const items = Array.from({ length: 20_000 }, (_, i) => ({
      recipe: echo,
      input: `${i}`,
      options: i === 19_999 ? { id: `t${i}` } : { id: `t${i}`, needs: [idOf(`t${i + 1}`)] },
    }))
    const tasks = await runner.submitMany(items)
    await runner.onIdle()
    expect([tasks.length, runner.stats.completed]).toEqual([20_000, 20_000])
  }, 20_000)

  it('lets none of them begin when one is refused', async () => {
    const run = vi.fn()
    const work = defineRecipe({ name: 'work', run })
    const { runner } = testRunner({ recipes: [work] })
    const items = [
      { recipe: work, options: { id: 'a' } },
      { recipe: work, options: { id: 'b', needs: [idOf('a')] } },
      { recipe: work, options: { needs: [idOf('nobody')] } },
    ]
    await expect(runner.submitMany(items)).rejects.toMatchObject({ code: 'UNKNOWN_DEPENDENCY' })
    await runner.onIdle()
    expect(run).not.toHaveBeenCalled()
  })
})
