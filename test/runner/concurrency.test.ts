import { describe, expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, Meter, never, silent } from './work.ts'

describe('maxConcurrentTasks', () => {
  it('is 5 unless it is given', async () => {
    const { runner, clock } = testRunner()
    const meter = new Meter()
    for (let i = 0; i < 20; i += 1) runner.submit(({ sleep }) => meter.during(() => sleep('1s')))
    await clock.until(runner.onIdle())
    expect(meter.most).toBe(5)
  })

  it('holds however the tasks end: with a result, an error, a timeout, a retry or a cancel', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 3, logger: silent })
    const meter = new Meter()
    const tasks = Array.from({ length: 60 }, (_, i) =>
      runner.submit(
        ({ sleep, attempt }) =>
          meter.during(async () => {
            await sleep(i % 5 === 2 ? '1h' : 100 + i)
            if (i % 5 === 1 || (i % 5 === 4 && attempt === 1)) throw new Error('broken')
          }),
        { timeout: '1s', retry: { attempts: i % 5 === 4 ? 2 : 1 } },
      ),
    )
    clock.setTimeout(() => {
      for (const task of tasks.filter((_, i) => i % 5 === 3)) void task.cancel()
    }, 50)
    await clock.until(runner.onIdle())
    const { completed, failed, cancelled, busySlots } = runner.stats
    expect(meter.most).toBe(3)
    expect({ completed, failed, cancelled, busySlots }).toEqual({
      completed: 24,
      failed: 24,
      cancelled: 12,
      busySlots: 0,
    })
  })

  it('fills a slot in the same instant in which it is free', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const tasks = Array.from({ length: 3 }, () => runner.submit(({ sleep }) => sleep('1s')))
    await clock.until(runner.onIdle())
    const began = tasks.map(({ startedAt, createdAt }) => Number(startedAt) - Number(createdAt))
    expect(began).toEqual([0, 1_000, 2_000])
  })

  it('counts a handler that ignores its cancel until it ends', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2, logger: silent })
    const meter = new Meter()
    const end = deferred()
    const deaf = runner.submit(() => meter.during(() => end.promise))
    await clock.advance(0)
    await deaf.cancel()
    for (let i = 0; i < 4; i += 1) runner.submit(({ sleep }) => meter.during(() => sleep('10s')))
    await clock.advance('15s')
    expect([deaf.status, runner.stats.busySlots, meter.most]).toEqual(['cancelled', 2, 2])
    end.resolve()
    await clock.advance(0)
    expect(meter.now).toBe(2)
    await clock.until(runner.onIdle())
    expect(meter.most).toBe(2)
  })

  it('runs 10,000 tasks, and none of them twice', async () => {
    const { runner } = testRunner({ maxConcurrentTasks: 50, keepFinished: 10 })
    let runs = 0
    const count = (): void => {
      runs += 1
    }
    for (let i = 0; i < 10_000; i += 1) runner.submit(count)
    await runner.onIdle()
    expect(runs).toBe(10_000)
  })

  it('lets nothing else wait for a task that never ends', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2, defaultTimeout: false })
    runner.submit(never)
    const others = Array.from({ length: 10 }, (_, i) => runner.submit(() => i))
    expect(await clock.until(Promise.all(others.map((task) => task.wait())))).toHaveLength(10)
  })
})
