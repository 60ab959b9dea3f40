/** @module From submit to start, in an idle worker of another process. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BackgroundRunner } from 'offstage'
import { Companion } from '../lib/companion.ts'
import { remove, temporary } from '../lib/folder.ts'
import { quantile } from '../lib/measure.ts'
import { openStore } from '../lib/open-store.ts'
import { sharedNow, stamp } from '../lib/recipes.ts'
import { type Figure, ms, table, whole } from '../lib/report.ts'

const samples = 500
const samplesOfPolling = 100
const bar = 10

/** Submits now and then, each time to a worker that has nothing to do. */
async function measure(watch: boolean): Promise<number[]> {
  const dir = temporary('latency')
  const worker = await Companion.start('worker', [dir], { OFFSTAGE_NO_WATCH: watch ? '' : '1' })
  const store = openStore(dir)
  const runner = new BackgroundRunner({ store, recipes: [stamp], work: false })
  const taken: number[] = []
  for (let i = -20; i < (watch ? samples : samplesOfPolling); i += 1) {
    await sleep(5 + ((i + 20) % 26))
    const began = sharedNow()
    const task = await runner.submitRecipe(stamp, i)
    const started = await task.wait({ timeout: '20s' })
    if (i >= 0) taken.push(started - began)
  }
  await runner.stop()
  await store.close()
  await worker.end()
  remove(dir)
  return taken
}

export async function latency(): Promise<Figure[]> {
  const kinds = new Map([
    ['woken by the system', await measure(true)],
    ['OFFSTAGE_NO_WATCH=1', await measure(false)],
  ])
  console.log('From submit to start, in an idle worker of another process')
  table(
    ['', 'samples', 'p50', 'p99', 'longest'],
    [...kinds].map(([name, taken]) => [
      name,
      whole(taken.length),
      ...[quantile(taken, 0.5), quantile(taken, 0.99), Math.max(...taken)].map(ms),
    ]),
  )
  return [...kinds].map(([name, taken]) => {
    const reached = quantile(taken, 0.99)
    return {
      what: `submit to start in another process, p99, ${name}`,
      bar: `≤ ${ms(bar)}`,
      figure: ms(reached),
      met: reached <= bar,
    }
  })
}
