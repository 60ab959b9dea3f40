/** @module How evenly four workers share what there is to do. */
import { BackgroundRunner } from 'offstage'
import { Companion } from '../lib/companion.ts'
import { remove, temporary } from '../lib/folder.ts'
import { openStore } from '../lib/open-store.ts'
import { nap } from '../lib/recipes.ts'
import { type Figure, table, times, whole } from '../lib/report.ts'

const workers = 4
const tasks = 20_000
const bar = 1.5

export async function shares(): Promise<Figure[]> {
  const dir = temporary('shares')
  const store = openStore(dir)
  const runner = new BackgroundRunner({ store, recipes: [nap], work: false })
  const companions = await Promise.all(Array.from({ length: workers }, () => Companion.start('worker', [dir, '5'])))
  const began = performance.now()
  for (let left = tasks; left > 0; left -= 1_000)
    await runner.submitMany(Array.from({ length: 1_000 }, (_, i) => ({ recipe: nap, input: i })))
  await runner.onIdle()
  const seconds = (performance.now() - began) / 1_000
  await runner.stop()
  await store.close()
  const taken = await Promise.all(companions.map((each) => each.end<{ taken: number }>()))
  remove(dir)
  const counts = taken.map((each) => each.taken)
  const sum = counts.reduce((a, b) => a + b, 0)
  console.log(
    `${whole(tasks)} tasks of 2 ms among ${workers} worker processes, ${(tasks / seconds).toFixed(0)} tasks/s`,
  )
  table([...counts.map((_, i) => `worker ${i + 1}`), 'together'], [[...counts, sum].map(whole)])
  const spread = Math.max(...counts) / Math.min(...counts)
  return [
    {
      what: `most against fewest of ${whole(tasks)} tasks among ${workers} worker processes`,
      bar: `≤ ${times(bar)}`,
      figure: sum === tasks ? times(spread) : `${whole(sum)} ran`,
      met: spread <= bar && sum === tasks,
    },
  ]
}
