import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { testRecipe, testRunner } from '../../src/testing/runner.ts'
import { brief } from '../runner/recorded.ts'

describe('testRunner', () => {
  it('begins in 2030 if nothing else is said', async () => {
    const { runner, clock } = testRunner()
    expect(new Date(clock.now()).toISOString()).toBe('2030-01-01T00:00:00.000Z')
    expect(runner.submit(() => 1).createdAt).toEqual(new Date('2030-01-01'))
    await runner.onIdle()
  })

  it.each([['2026-05-01T10:00:00Z'], [new Date('2026-05-01T10:00:00Z')], [Date.UTC(2026, 4, 1, 10)]])(
    'begins at %s',
    async (now) => {
      const { runner } = testRunner({ now })
      expect(runner.submit(() => 1).createdAt.toISOString()).toBe('2026-05-01T10:00:00.000Z')
      await runner.onIdle()
    },
  )

  it('lets hours pass at once', async () => {
    const { runner, clock } = testRunner()
    const began = performance.now()
    const task = runner.submit(
      async ({ sleep }) => {
        await sleep('20h')
        return 'rested'
      },
      { timeout: '1d', delay: '1h' },
    )
    expect(await clock.until(task.wait())).toBe('rested')
    expect(task.durationMs).toBe(72_000_000)
    expect(performance.now() - began).toBeLessThan(60_000)
  })

  it('draws the same ids and delays for the same seed, and others for another', async () => {
    const draw = async (seed?: number): Promise<unknown[]> => {
      const { runner, clock } = testRunner(seed === undefined ? {} : { seed })
      const tasks = [1, 2, 3].map(() =>
        runner.submit(() => Promise.reject(new Error('no')), { retry: { attempts: 2, jitter: 1 } }),
      )
      await clock.until(runner.waitAll())
      return tasks.map(({ id, completedAt }) => [id, completedAt])
    }
    expect(await draw()).toEqual(await draw(1))
    expect(await draw(2)).toEqual(await draw(2))
    expect(await draw(1)).not.toEqual(await draw(2))
  })

  it('names what runs when nothing will ever end it', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => new Promise(() => {}), { id: 'stuck', name: 'work', timeout: false })
    await expect(clock.until(task.wait())).rejects.toMatchObject({
      code: 'STALLED',
      message: expect.stringContaining('still running: work (stuck) is running.executing'),
    })
    runner.pause()
    await expect(clock.until(runner.submit(() => 1).wait(), { limit: '1m' })).rejects.toThrow(/running: work \(stuck\)/)
  })

  it('says so when no task runs', async () => {
    const { runner, clock } = testRunner({ work: false })
    await expect(clock.until(runner.submit(() => 1).wait())).rejects.toThrow(/still running: no task runs$/)
  })

  it('does not skip the timeout of a thread that computes', async () => {
    const { runner, clock } = testRunner()
    const compute = (): number => {
      const until = Date.now() + 150
      let n = 0
      while (Date.now() < until) n += 1
      return n
    }
    const task = runner.submit(compute, { thread: true, timeout: '1s' })
    expect(await clock.until(task.wait())).toBeGreaterThan(0)
    expect(task.durationMs).toBeLessThan(1_000)
    await runner.stop()
  })

  it('stops a thread that never ends, when its time is over', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      () => {
        for (;;);
      },
      { thread: true, timeout: '1m' },
    )
    expect(await clock.until(task.settled(), { realTimeout: 300 })).toMatchObject({ error: { code: 'TIMEOUT' } })
    await clock.until(runner.stop())
  })

  it.each([[{ seed: 1.5 }], [{ now: 'soon' }], [{ clock: {} }], [{ random: {} }], [{ maxConcurrentTasks: 0 }]])(
    'refuses %j',
    (options) => {
      expect(() => testRunner(options as never)).toThrow(expect.objectContaining({ name: 'ValidationError' }))
    },
  )
})

describe('testRecipe', () => {
  it('gives the outcome, and every event from the snapshot to the end', async () => {
    const recipe = defineRecipe({
      name: 'work',
      run: async (steps: number, { progress, log, write, sleep }) => {
        log('begin')
        for (let step = 1; step <= steps; step += 1) {
          await sleep('1h')
          progress(step / steps)
        }
        write('end')
        return { steps }
      },
      timeout: '1d',
    })
    const { outcome, events } = await testRecipe(recipe, 2)
    expect(outcome).toEqual({ ok: true, status: 'completed', result: { steps: 2 } })
    expect(events.map(brief)).toEqual([
      ['snapshot', 'pending.queued'],
      ['start', 'running.executing'],
      ['info', 'begin', undefined],
      ['progress', 0.5, undefined],
      ['progress', 1, undefined],
      ['output', 'end'],
      ['complete', 'completed'],
    ])
    expect(events.at(-1)?.at).toBe('2030-01-01T02:00:00.000Z')
  })

  it('runs retries and all', async () => {
    const recipe = defineRecipe({
      name: 'flaky',
      retry: { attempts: 3, minDelay: '1h' },
      run: (_: undefined, { attempt }) => (attempt < 3 ? Promise.reject(new Error('no')) : attempt),
    })
    const { outcome, events } = await testRecipe(recipe)
    expect(outcome).toEqual({ ok: true, status: 'completed', result: 3 })
    expect(events.map((event) => brief(event)[0])).toEqual([
      'snapshot',
      'start',
      'fail',
      'start',
      'fail',
      'start',
      'complete',
    ])
  })

  it('gives a failure as it is', async () => {
    const recipe = defineRecipe({ name: 'bad', run: () => Promise.reject(new TypeError('no')) })
    expect((await testRecipe(recipe)).outcome).toMatchObject({ ok: false, status: 'failed', error: { message: 'no' } })
  })

  it('refuses input as a submit does', async () => {
    const recipe = defineRecipe({ name: 'echo', run: (input: unknown) => input as string })
    await expect(testRecipe(recipe, () => 1)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
