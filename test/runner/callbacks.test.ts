import { describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { BackgroundRunner } from '../../src/runner/runner.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { SubmitOptions } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const broken = new Error('broken')

/** Every way in which a task can end. */
const endings: [how: string, submit: (runner: BackgroundRunner, options: SubmitOptions) => BackgroundTask<unknown>][] =
  [
    ['completed', (runner, options) => runner.submit(() => 1, options as object)],
    ['failed', (runner, options) => runner.submit(() => Promise.reject(broken), options as object)],
    ['failed', (runner, options) => runner.submit(never, { ...options, timeout: '1s' } as object)],
    ['failed', (runner, options) => runner.submit(() => 1, { ...options, delay: '1h', deadline: '1s' } as object)],
    [
      'failed',
      (runner, options) => {
        const need = runner.submit(() => Promise.reject(broken))
        return runner.submit(() => 1, { ...options, needs: [need] } as object)
      },
    ],
    [
      'cancelled',
      (runner, options) => {
        const task = runner.submit(() => 1, options as object)
        void task.cancel()
        void task.cancel()
        return task
      },
    ],
    ['cancelled', (runner, options) => runner.submit(never, { ...options, signal: AbortSignal.abort('no') } as object)],
    [
      'cancelled',
      (runner, options) => {
        const task = runner.submit(({ task: { id } }) => runner.cancel(id), options as object)
        return task as BackgroundTask<unknown>
      },
    ],
    [
      'completed',
      (runner, options) =>
        runner.submit(({ attempt }) => (attempt < 3 ? Promise.reject(broken) : 'ok'), {
          ...options,
          retry: { attempts: 3 },
        } as object),
    ],
  ]

describe('onComplete', () => {
  it.each(endings)('is called exactly once with the task when it is %s (%#)', async (how, submit) => {
    const { runner, clock } = testRunner({ logger: silent })
    const calls: string[] = []
    const onComplete = (task: BackgroundTask<unknown>): void => void calls.push(`${task.id} ${task.status}`)
    const task = submit(runner, { onComplete })
    await clock.until(runner.onIdle())
    await clock.until(runner.stop())
    expect(calls).toEqual([`${task.id} ${how}`])
  })

  it('is called once for each handle of a task that was submitted twice', async () => {
    const { runner } = testRunner()
    const calls: boolean[] = []
    const onComplete = ({ deduplicated }: { deduplicated: boolean }): void => void calls.push(deduplicated)
    const options = { name: 'work', idempotencyKey: 'k', onComplete }
    const first = runner.submit(() => 1, options)
    runner.submit(() => 1, options)
    await first.wait()
    runner.submit(() => 1, options)
    await runner.onIdle()
    expect(calls).toEqual([false, true, true])
  })

  it('may submit, wait and cancel', async () => {
    const { runner } = testRunner()
    const other = runner.submit(() => 1, { delay: '1h' })
    let child: BackgroundTask<string> | undefined
    const task = runner.submit(() => 1, {
      onComplete: async () => {
        child = runner.submit(() => 'from a callback')
        await other.cancel()
      },
    })
    await task.wait()
    await runner.onIdle()
    expect([child?.result, other.status]).toEqual(['from a callback', 'cancelled'])
  })

  it('that throws harms neither its task nor others', async () => {
    const warn = vi.fn()
    const { runner } = testRunner({ logger: { ...silent, warn }, maxConcurrentTasks: 1 })
    const thrower = (): never => {
      throw broken
    }
    const tasks = [thrower, async () => thrower(), thrower].map((onComplete) =>
      runner.submit(() => 'ok', { onComplete }),
    )
    expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual(['ok', 'ok', 'ok'])
    expect(warn).toHaveBeenCalledTimes(3)
  })
})

describe('onProgress', () => {
  it('hears each progress in order, and what it throws harms nothing', async () => {
    const { runner } = testRunner({ logger: silent })
    const heard: unknown[] = []
    const task = runner.submit(
      ({ progress }) => {
        progress(0.25, 'a quarter')
        progress(1)
        return 'done'
      },
      {
        onProgress: (progress) => {
          heard.push(progress)
          throw broken
        },
      },
    )
    expect(await task.wait()).toBe('done')
    expect(heard).toEqual([
      { fraction: 0.25, message: 'a quarter' },
      { fraction: 1, message: undefined },
    ])
  })

  it('may cancel the task', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ progress, sleep }) => {
        progress(0.5)
        await sleep('1h')
      },
      { onProgress: (_, self) => void self.cancel('half is enough') },
    )
    await clock.until(task.settled())
    expect(task.outcome).toMatchObject({ status: 'cancelled', reason: 'half is enough' })
  })
})

describe('onSettled of a recipe', () => {
  it('is called once in the worker, with outcome, input and task, and may throw', async () => {
    const onSettled = vi.fn(() => {
      throw broken
    })
    const work = defineRecipe({ name: 'work', run: (input: string) => input, onSettled })
    const { runner } = testRunner({ recipes: [work], logger: silent })
    const task = await runner.submitRecipe(work, 'x')
    await runner.onIdle()
    const about = { input: 'x', task: expect.objectContaining({ id: task.id }) }
    expect(onSettled.mock.calls).toEqual([[{ ok: true, status: 'completed', result: 'x' }, about]])
  })
})
