/** @module What a task costs when many more are submitted at once. */
import { BackgroundRunner } from 'offstage'
import { median, type Round } from './lib/measure.ts'
import { header, micros, reached, table, times, whole } from './lib/report.ts'

/** How many are submitted at once, and in how many rounds. */
const sizes = new Map([
  [1_000, 60],
  [10_000, 12],
  [100_000, 5],
  [1_000_000, 2],
])
const bar = 2
const work = async (): Promise<void> => {}

async function once(size: number): Promise<Round> {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 5 })
  globalThis.gc?.()
  const cpu = process.cpuUsage()
  const began = performance.now()
  for (let i = 0; i < size; i += 1) runner.submit(work, { timeout: 60_000 })
  await runner.onIdle()
  const wall = performance.now() - began
  const { user, system } = process.cpuUsage(cpu)
  await runner.stop()
  return { wall: wall / size, cpu: (user + system) / 1_000 / size }
}

header('Cost per task, from submit to end', ['xstate'])
await once(50_000)
const rows = [...sizes.keys()].map((size) => ({ size, taken: [] as Round[] }))
const most = Math.max(...sizes.values())
for (let round = 0; round < most; round += 1) {
  for (const { size, taken } of rows) {
    // as many rounds as it has, spread over the whole run
    const wanted = sizes.get(size) ?? 0
    if (Math.floor(((round + 1) * wanted) / most) > taken.length) taken.push(await once(size))
  }
}
const costs = rows.map(({ size, taken }) => {
  const wall = taken.map((each) => each.wall)
  const cpu = taken.map((each) => each.cpu)
  return { size, best: Math.min(...wall), median: median(wall), cpuBest: Math.min(...cpu), cpu: median(cpu) }
})
table(
  ['submitted at once', 'wall, best', 'median', 'CPU, best', 'median'],
  costs.map((cost) => [whole(cost.size), ...[cost.best, cost.median, cost.cpuBest, cost.cpu].map(micros)]),
)
const medians = costs.map((cost) => cost.median)
const flat = Math.max(...medians) / Math.min(...medians)
reached([
  {
    what: 'dearest against cheapest task, from 1,000 to 1,000,000 at once (median, wall)',
    bar: `≤ ${times(bar)}`,
    figure: times(flat),
    met: flat <= bar,
  },
])
