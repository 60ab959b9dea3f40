import { describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, never, silent } from './work.ts'

const stopped = expect.objectContaining({ code: 'RUNNER_STOPPED' })

describe('stop', () => {
  it('of a runner that did nothing is done at once, and again', async () => {
    const { runner } = testRunner()
    const report = { cancelled: 0, zombies: [] }
    expect(await Promise.all([runner.stop(), runner.stop()])).toEqual([report, report])
    expect([await runner.stop(), runner.stats.state]).toEqual([report, 'stopped'])
  })

  it('cancels what is pending, so that nobody waits for ever', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const ends: string[] = []
    const onComplete = ({ name }: { name: string }): void => void ends.push(name)
    const running = runner.submit(({ sleep }) => sleep('1h'), { name: 'running', onComplete })
    const tasks = [
      runner.submit(() => 1, { name: 'queued', onComplete }),
      runner.submit(() => 1, { name: 'delayed', delay: '1d', onComplete }),
      runner.submit(() => 1, { name: 'blocked', needs: [running], onComplete }),
    ]
    const waits = Promise.allSettled([running, ...tasks].map((task) => task.wait()))
    await clock.advance('1s')
    expect(await clock.until(runner.stop())).toEqual({ cancelled: 4, zombies: [] })
    const reasons = (await waits).map((wait) => (wait as PromiseRejectedResult).reason.code)
    expect([reasons, ends.length]).toEqual([Array(4).fill('CANCELLED'), 4])
    expect(tasks[0]?.outcome).toMatchObject({ status: 'cancelled', reason: 'the runner was stopped', by: 'runner' })
  })

  it('asks what runs to stop, and keeps the result of a handler that ends well', async () => {
    const { runner, clock } = testRunner()
    let reason: unknown
    const task = runner.submit(async ({ signal, sleep }) => {
      await sleep('1h').catch(() => {})
      reason = signal.reason
      return 'saved'
    })
    await clock.advance('1s')
    expect(await clock.until(runner.stop())).toEqual({ cancelled: 0, zombies: [] })
    expect([task.result, reason]).toEqual(['saved', stopped])
  })

  it('with a drain lets what runs end by itself, and starts nothing', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const task = runner.submit(({ sleep }) => sleep('20s').then(() => 'done'))
    const work = vi.fn()
    runner.submit(work)
    await clock.advance('1s')
    expect(await clock.until(runner.stop({ drain: '30s' }))).toEqual({ cancelled: 1, zombies: [] })
    expect([task.result, work.mock.calls, clock.monotonic()]).toEqual(['done', [], 20_000])
  })

  it('with a shorter drain shortens the one that is under way, and a longer one does not lengthen it', async () => {
    const { runner, clock } = testRunner()
    const ended: number[] = []
    const task = runner.submit(({ sleep }) => sleep('1h'), { timeout: false })
    await clock.advance(0)
    const began = clock.now()
    const stops = ['10m', '1m', '30m'].map((drain) => runner.stop({ drain: drain as '1m' }))
    for (const stop of stops) void stop.then(() => ended.push(clock.now() - began))
    await clock.until(Promise.all(stops))
    expect([ended, task.status]).toEqual([[60_000, 60_000, 60_000], 'cancelled'])
  })

  it('with a drain that is too short asks when it is over', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1h'))
    await clock.advance(0)
    await clock.until(runner.stop({ drain: '30s' }))
    expect([task.status, clock.monotonic()]).toEqual(['cancelled', 30_000])
  })

  it('ends after the grace period although a handler still runs, and reports it', async () => {
    const warn = vi.fn()
    const { runner, clock } = testRunner({ logger: { ...silent, warn }, gracePeriod: '3s' })
    const deaf = runner.submit(never, { name: 'deaf' })
    const waiting = deaf.wait().catch((error) => error.code)
    await clock.advance(0)
    const { zombies } = await clock.until(runner.stop())
    expect(zombies).toEqual([expect.objectContaining({ id: deaf.id, name: 'deaf', status: 'cancelled' })])
    expect([clock.monotonic(), await waiting]).toEqual([3_000, 'CANCELLED'])
    expect(warn.mock.calls.map(([, message]) => message)).toContain(
      `deaf (${deaf.id}) was told to stop and still runs; the runner does not wait for it`,
    )
  })

  it('does not wait a second time for a handler that was given up before', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const deaf = runner.submit(never)
    await clock.advance(0)
    await deaf.cancel()
    await clock.advance('1m')
    const { zombies } = await clock.until(runner.stop({ drain: '1h' }))
    expect([zombies.length, clock.monotonic()]).toEqual([1, 60_000])
  })

  it('hears nothing more of a handler that ends afterwards', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const end = deferred<string>()
    const task = runner.submit(({ progress, sleep }) => end.promise.finally(() => progress(1)).then(() => sleep(1)))
    await clock.advance(0)
    await clock.until(runner.stop())
    const before = task.toJSON()
    end.resolve('late')
    await clock.advance('1h')
    expect([task.toJSON(), runner.stats.busySlots, clock.pending]).toEqual([before, 0, 0])
  })

  it('stops parents that wait and children that run', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const parent = runner.submit(({ submit }) => submit((ctx) => ctx.sleep('1h')).wait())
    await clock.advance(0)
    const { cancelled, zombies } = await clock.until(runner.stop())
    expect([cancelled, zombies, parent.status, clock.monotonic()]).toEqual([2, [], 'cancelled', 0])
  })
})

describe('after stop', () => {
  it('every way to give it work is refused', async () => {
    const { runner } = testRunner()
    await runner.stop()
    expect(() => runner.submit(() => 1)).toThrow(stopped)
    await expect(runner.submitRecipe('any')).rejects.toEqual(stopped)
    await expect(runner.submitMany([])).rejects.toEqual(stopped)
    for (const act of ['start', 'pause', 'resume'] as const) expect(() => runner[act]()).toThrow(stopped)
    await expect(runner.work({ until: 'idle' })).rejects.toEqual(stopped)
  })

  it('a submit is refused while it drains, too', async () => {
    const { runner, clock } = testRunner()
    runner.submit(({ sleep }) => sleep('10s'))
    await clock.advance(0)
    const ending = runner.stop({ drain: '1m' })
    expect(() => runner.submit(() => 1)).toThrow(stopped)
    await clock.until(ending)
  })

  it('tasks can still be read', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 'kept')
    await task.wait()
    await runner.stop()
    expect([(await runner.get(task.id))?.result, runner.tasks.length, await task.wait()]).toEqual(['kept', 1, 'kept'])
    expect([await task.cancel(), (await task.explain()).code]).toEqual([false, 'SETTLED'])
    await runner.onIdle()
  })

  it('no timer is left', async () => {
    const { runner, clock } = testRunner()
    await runner.submit(() => 1, { timeout: '1h' }).wait()
    runner.submit(() => 1, { delay: '1h' })
    await clock.until(runner.stop())
    expect(clock.pending).toBe(0)
  })
})

describe('stop with a store that outlives the runner', () => {
  function pair() {
    const { clock } = testRunner()
    const store = new MemoryStore()
    const make = (seed: number) => new BackgroundRunner({ store, clock, random: seededRandom(seed), logger: silent })
    return { clock, first: make(1), second: make(2) }
  }

  it('leaves what is pending to other runners, and hands back what ran', async () => {
    const { clock, first, second } = pair()
    second.pause()
    const task = first.submit(({ sleep }) => sleep('1h').then(() => 'done'), { timeout: '2h' })
    await clock.advance(0)
    expect(await clock.until(first.stop())).toEqual({ cancelled: 0, zombies: [] })
    expect(task.state).toBe('pending.queued')
    second.resume()
    second.start()
    expect(await clock.until(task.wait())).toBe('done')
  })

  it('ends a wait with a timeout, which nobody here could keep', async () => {
    const { clock, first, second } = pair()
    second.pause()
    const task = first.submit(() => 1, { delay: '1d' })
    const waiting = task.wait({ timeout: '2d' }).catch((error) => error.code)
    await clock.until(first.stop())
    expect([await waiting, task.status]).toEqual(['RUNNER_STOPPED', 'pending'])
  })
})

describe('await using', () => {
  it('stops the runner at the end of its block', async () => {
    let kept: BackgroundRunner
    {
      await using runner = testRunner().runner
      kept = runner
      expect(await runner.submit(() => 1).wait()).toBe(1)
    }
    expect(kept.stats.state).toBe('stopped')
  })
})
