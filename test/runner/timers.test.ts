import { describe, expect, it } from 'vitest'
import type { TimerHandle } from '../../src/clock.ts'
import { seededRandom } from '../../src/random.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { deferred } from './work.ts'

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

  it('never ask for more than setTimeout can do: 25 days do not fire at once', async () => {
    const { clock, runner } = make()
    const ends: string[] = []
    const note = ({ name }: { name: string }): void => void ends.push(`${name} ${clock.now() / 86_400_000}`)
    runner.submit(() => 1, { name: 'delay', delay: '25d', onComplete: note })
    runner.submit(({ sleep }) => sleep('26d'), { name: 'sleep', timeout: false, onComplete: note })
    runner.submit(({ sleep }) => sleep('90d'), { name: 'timeout', timeout: '27d', onComplete: note })
    runner.submit(({ sleep }) => sleep('90d'), { name: 'deadline', timeout: false, deadline: '28d', onComplete: note })
    const wait = runner.submit(() => 1, { name: 'wait', delay: '80d' }).settled({ timeout: '29d' })
    await clock.advance('29d')
    expect(await wait).toBeUndefined()
    expect([ends, clock.now() / 86_400_000]).toEqual([['delay 25', 'sleep 26', 'timeout 27', 'deadline 28'], 29])
  })
})
