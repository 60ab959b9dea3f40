/** @module Prints the bytes of heap that a million closures take: alone, or pending as tasks. Needs `--expose-gc`. */
import { BackgroundRunner } from 'offstage'

const tasks = 1_000_000
const [what = 'closures'] = process.argv.slice(2)

function used(): number {
  for (let i = 0; i < 3; i += 1) globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

const runner = new BackgroundRunner()
// everything that is loaded or made once is there before
await runner.submit(async () => {}).wait()
runner.pause()
const closures: (() => Promise<number>)[] = new Array(tasks)
const before = used()
for (let i = 0; i < tasks; i += 1) {
  const work = async (): Promise<number> => i
  if (what === 'closures') closures[i] = work
  else if (what === 'timeouts') runner.submit(work, { timeout: 60_000 })
  else runner.submit(work)
}
const bytes = (used() - before) / tasks
if (what !== 'closures' && runner.stats.pending !== tasks) throw new Error(`${runner.stats.pending} tasks pend`)
console.log(bytes)
// both are in use until here; a million pending tasks would keep the process alive
process.exit(closures.length + runner.stats.pending > 0 ? 0 : 1)
