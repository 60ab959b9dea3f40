import { describe, expect, it, vi } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, silent } from './work.ts'

/** A task that hears nothing, cancelled and given up; `end` lets its handler end at last. */
async function zombie(options: { concurrencyKey?: string } = {}) {
  const logger = { ...silent, warn: vi.fn() }
  const { runner, clock } = testRunner({ maxConcurrentTasks: 1, logger, gracePeriod: '5s' })
  const end = deferred<string>()
  const task = runner.submit(() => end.promise, { name: 'deaf', ...options } as object)
  await clock.advance(0)
  await task.cancel('stop it')
  return { runner, clock, task, end, logger }
}

describe('a handler that does not stop', () => {
  it('leaves its task stopping for the grace period, then the task is cancelled without it', async () => {
    const { clock, task } = await zombie()
    await clock.advance(4_999)
    expect(task.state).toBe('running.stopping.cancel')
    await clock.advance(1)
    expect(task.outcome).toEqual({ ok: false, status: 'cancelled', reason: 'stop it', by: undefined })
  })

  it('is told of, once', async () => {
    const { clock, task, logger } = await zombie()
    await clock.advance('1h')
    expect(logger.warn.mock.calls).toEqual([
      [{}, `"deaf" (${task.id}) was told to stop and still runs; it keeps its slot until it ends`],
    ])
  })

  it('keeps its slot until it ends, then the next task runs', async () => {
    const { runner, clock, end } = await zombie()
    const next = runner.submit(() => 'next')
    await clock.advance('1h')
    expect([next.status, runner.stats.busySlots, runner.stats.running]).toEqual(['pending', 1, 0])
    end.resolve('at last')
    expect(await clock.until(next.wait())).toBe('next')
    expect(runner.stats.busySlots).toBe(0)
  })

  it('keeps its concurrency key until it ends', async () => {
    const logger = silent
    const { runner, clock } = testRunner({ maxConcurrentTasks: 5, logger })
    const end = deferred()
    const deaf = runner.submit(() => end.promise, { concurrencyKey: 'account' })
    await clock.advance(0)
    await deaf.cancel()
    const next = runner.submit(() => 'next', { concurrencyKey: 'account' })
    await clock.advance('1m')
    expect([deaf.status, next.status, (await next.explain()).code]).toEqual(['cancelled', 'pending', 'KEY_FULL'])
    end.resolve()
    expect(await clock.until(next.wait())).toBe('next')
  })

  it.each([
    ['a result', (end: ReturnType<typeof deferred<string>>) => end.resolve('late')],
    ['an error', (end: ReturnType<typeof deferred<string>>) => end.reject(new Error('late'))],
  ])('changes nothing when it ends with %s', async (_, act) => {
    const { runner, clock, task, end } = await zombie()
    await clock.advance('1m')
    const before = task.toJSON()
    act(end)
    await clock.advance('1m')
    expect(task.toJSON()).toEqual(before)
    expect(runner.stats).toMatchObject({ busySlots: 0, cancelled: 1, failed: 0, completed: 0 })
  })

  it('answers a second cancel by how its task has ended', async () => {
    const { clock, task } = await zombie()
    await clock.advance('1m')
    expect(await task.cancel()).toBe(true)
    const late = testRunner({ logger: silent })
    const slow = late.runner.submit(() => new Promise(() => {}), { timeout: '1s' })
    await late.clock.until(slow.settled())
    expect([slow.status, await slow.cancel()]).toEqual(['failed', false])
  })

  it('does not hold up who waits until nothing is pending or running', async () => {
    const { runner, clock, task } = await zombie()
    await clock.until(runner.onIdle())
    expect(task.status).toBe('cancelled')
  })

  it('is kept by clean-up until it has ended', async () => {
    const { runner, clock, task, end } = await zombie()
    await clock.advance('2h')
    expect(await runner.get(task.id)).toBeDefined()
    end.resolve('at last')
    await clock.advance('1h')
    expect(await runner.get(task.id)).toBeUndefined()
  })

  it('cannot report any more', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    let report = (): void => {}
    const task = runner.submit(({ progress, log, write }) => {
      report = () => {
        progress(0.9, 'late')
        log('late')
        write('late')
      }
      return new Promise(() => {})
    })
    await clock.advance(0)
    await task.cancel()
    await clock.advance('1m')
    report()
    expect([task.progress, task.message, task.status]).toEqual([0, undefined, 'cancelled'])
  })
})
