/** @module How many timers of the clock are live while thousands of tasks wait for times of their own. */
import { BackgroundRunner, type Clock, SystemClock, type TimerHandle } from 'offstage'
import { header, reached, table, whole } from './lib/report.ts'

const tasks = 10_000
const concurrency = 1_000
const bar = 1

/** The machine's clock, which counts the timers that are set and have not fired. */
class CountingClock implements Clock {
  readonly #clock = new SystemClock()
  readonly #live = new Set<TimerHandle>()
  set = 0
  most = 0

  now(): number {
    return this.#clock.now()
  }

  monotonic(): number {
    return this.#clock.monotonic()
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    const handle = this.#clock.setTimeout(() => {
      this.#live.delete(handle)
      fn()
    }, ms)
    this.#live.add(handle)
    this.set += 1
    this.most = Math.max(this.most, this.#live.size)
    return handle
  }

  clearTimeout(handle: TimerHandle): void {
    this.#live.delete(handle)
    this.#clock.clearTimeout(handle)
  }
}

header('Timers, with a delay and a timeout of its own for every task', ['xstate'])
const clock = new CountingClock()
const runner = new BackgroundRunner({ maxConcurrentTasks: concurrency, clock })
for (let i = 0; i < tasks; i += 1) {
  runner.submit(({ sleep }) => sleep(20 + (i % 50)), { delay: 1 + i / 10, timeout: 60_000 + i, deadline: 600_000 + i })
}
await runner.onIdle()
const { completed } = runner.stats
await runner.stop()
table(
  ['tasks', 'completed', 'timers set, in all', 'live at most'],
  [[tasks, completed, clock.set, clock.most].map(whole)],
)
reached([
  {
    what: `live timers with ${whole(tasks)} distinct delays and timeouts, at most`,
    bar: whole(bar),
    figure: whole(clock.most),
    met: clock.most <= bar && completed === tasks,
  },
])
