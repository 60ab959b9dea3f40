import { describe, expect, it } from 'vitest'
import type { TimerHandle } from '../../src/clock.ts'
import { seededRandom } from '../../src/random.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { SubmitOptions } from '../../src/runner/types.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { deferred } from './work.ts'

const day = 86_400_000

/** Counts its timers; one that is too long fires at once, as Node's do. */
class CountingClock extends VirtualClock {
  live = new Set<TimerHandle>()
  most = 0
  made = 0

  override setTimeout(fn: () => void, ms: number): TimerHandle {
    const timer = super.setTimeout(
      () => {
        this.live.delete(timer)
        fn()
      },
      ms > 2 ** 31 - 1 ? 1 : ms,
    )
    this.live.add(timer)
    this.made += 1
    this.most = Math.max(this.most, this.live.size)
    return timer
  }

  override clearTimeout(timer: TimerHandle): void {
    this.live.delete(timer)
    super.clearTimeout(timer)
  }
}

const make = (options = {}): { clock: CountingClock; runner: BackgroundRunner } => {
  const clock = new CountingClock()
  return { clock, runner: new BackgroundRunner({ clock, random: seededRandom(1), ...options }) }
}

describe('the timers of a runner', () => {
  it('are none when it is made, and none when it has stopped', async () => {
    const { clock, runner } = make()
    expect(clock.made).toBe(0)
    runner.submit(({ sleep }) => sleep('1h'))
    await clock.advance('1s')
    expect(clock.live.size).toBe(1)
    await clock.until(runner.stop())
    expect(clock.live.size).toBe(0)
  })

  it('are one at any moment, for 10,000 tasks with timeouts, delays, deadlines, sleeps and waits of their own', async () => {
    const { clock, runner } = make({ maxConcurrentTasks: 5_000 })
    const end = deferred()
    const tasks = Array.from({ length: 10_000 }, (_, i) =>
      runner.submit(({ sleep }) => Promise.race([end.promise, sleep(10_000_000 - i)]), {
        timeout: 100_000 + i,
        ...(i % 2 === 0 && { delay: 200_000 - i, deadline: 900_000 + i }),
      }),
    )
    const waits = tasks.map((task, i) => task.settled({ timeout: 500_000 + i }))
    await clock.advance('99s')
    expect(runner.stats).toMatchObject({ pending: 5_000, running: 5_000 })
    end.resolve()
    await clock.until(runner.cancelAll())
    await Promise.all(waits)
    expect([runner.stats.completed + runner.stats.cancelled, clock.most]).toEqual([10_000, 1])
    expect(clock.made).toBeLessThan(10_000)
  }, 30_000)

  it.each<[string, SubmitOptions]>([
    ['delay', { delay: '25d' }],
    ['sleep', { timeout: false }],
    ['timeout', { timeout: '25d' }],
    ['deadline', { timeout: false, deadline: '25d' }],
  ])('never ask for more than setTimeout can do: a %s of 25 days does not end at once', async (name, options) => {
    const { clock, runner } = make()
    const sleeps = { delay: 0, sleep: 25, timeout: 99, deadline: 99 }[name] as number
    const task = runner.submit(({ sleep }) => sleep(sleeps * day), options as object)
    const waiting = task.settled({ timeout: '26d' })
    await clock.advance(25 * day - 1)
    expect(task.isSettled).toBe(false)
    await clock.advance(1)
    expect([task.isSettled, (await waiting)?.status]).toEqual([true, sleeps === 99 ? 'failed' : 'completed'])
  })
})
