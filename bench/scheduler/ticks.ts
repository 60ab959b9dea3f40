/** @module What one pass costs with ten schedules due among ever more, and how long a store with schedules takes to open. */
import { BackgroundRunner, type Clock, FileStore, type ScheduleOptions, SystemClock } from 'offstage'
import { remove, temporary } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import { type Figure, ms, table, times, whole } from '../lib/report.ts'

const sizes = [1_000, 10_000, 100_000]
const due = 10
const passes = 41
const opens = 9
const opened = 10_000
const tenMinutes = 600_000
const flatBar = 2
const openBar = 150

/** The machine's clock, set forward where a benchmark wants it. */
class SetClock extends SystemClock implements Clock {
  ahead = 0

  override now(): number {
    return super.now() + this.ahead
  }
}

export const scheduleOf = (i: number, when: string): ScheduleOptions => ({
  name: `schedule ${i}`,
  when,
  recipe: 'noop',
  input: i,
  overlap: 'queue',
})

/** Ten that are due every ten minutes, and many that are not. */
async function filled(dir: string, count: number, clock: Clock): Promise<void> {
  await using store = new FileStore({ dir, durability: 'os' })
  const runner = new BackgroundRunner({ store, clock, work: false })
  const all = Array.from({ length: count }, (_, i) =>
    scheduleOf(i, i < due ? 'every 10 minutes' : `every ${30 + (i % 300)} days`),
  )
  await runner.schedules.import(all)
  await runner.stop()
}

async function costOfPass(count: number): Promise<number> {
  const dir = temporary(`ticks-${count}`)
  const clock = new SetClock()
  await filled(dir, count, clock)
  const store = new FileStore({ dir, durability: 'os' })
  const runner = new BackgroundRunner({ store, clock, work: false, autoCleanup: false })
  await runner.schedules.tick()
  const taken: number[] = []
  for (let i = 0; i < passes; i += 1) {
    clock.ahead += tenMinutes
    const began = performance.now()
    const { fired } = await runner.schedules.tick()
    taken.push(performance.now() - began)
    if (fired !== due) throw new Error(`${fired} fired instead of ${due}`)
  }
  await runner.stop()
  await store.close()
  remove(dir)
  return median(taken)
}

async function costOfOpening(): Promise<number[]> {
  const dir = temporary('opening')
  const clock = new SystemClock()
  await filled(dir, opened, clock)
  const taken: number[] = []
  for (let i = 0; i < opens; i += 1) {
    const began = performance.now()
    const store = new FileStore({ dir })
    const runner = new BackgroundRunner({ store, work: false, autoCleanup: false })
    await runner.schedules.tick()
    taken.push(performance.now() - began)
    await runner.stop()
    await store.close()
  }
  remove(dir)
  return taken
}

export async function ticks(): Promise<Figure[]> {
  const costs: number[] = []
  for (const size of sizes) costs.push(await costOfPass(size))
  table(
    ['schedules', 'due', 'one pass (median)'],
    sizes.map((size, i) => [whole(size), whole(due), ms(costs[i] ?? Number.NaN)]),
  )
  const growth = Math.max(...costs) / (costs[0] ?? Number.NaN)
  const all = await costOfOpening()
  const first = all[0] ?? Number.NaN
  console.log(
    `Opening ${whole(opened)} schedules: first ${ms(first)}, best ${ms(Math.min(...all))}, median ${ms(median(all))}\n`,
  )
  return [
    {
      what: `one pass with ${due} due, from 1,000 schedules to 100,000`,
      bar: `≤ ${times(flatBar)}`,
      figure: times(growth),
      met: growth <= flatBar,
    },
    {
      what: `opening ${whole(opened)} schedules, and finding what is due (median of ${opens})`,
      bar: `< ${ms(openBar)}`,
      figure: ms(median(all)),
      met: median(all) < openBar,
    },
  ]
}
