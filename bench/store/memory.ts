/** @module Whether a worker's memory stays what it is, over very many tasks. */
import { printed } from '../lib/child.ts'
import { remove, temporary } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import { kept } from '../lib/queueing.ts'
import { type Figure, table, whole } from '../lib/report.ts'

const tasks = process.env.BENCH_FULL === '1' ? 1_000_000 : 200_000
const samples = 100
/** The share of tasks after which it must be flat. */
const warmUp = 0.25
const bar = 0.1

export async function memory(): Promise<Figure[]> {
  const dir = temporary('rss')
  const taken = JSON.parse(await printed('rss', [dir, String(tasks), String(samples)])) as number[]
  remove(dir)
  const mib = taken.map((bytes) => bytes / 2 ** 20)
  const tenths = Array.from({ length: 10 }, (_, i) => median(mib.slice(i * 10, i * 10 + 10)))
  console.log(
    `Memory of a worker over ${whole(tasks)} tasks, ${whole(kept)} finished ones kept (MiB, median of each tenth)`,
  )
  table(
    tenths.map((_, i) => `${(i + 1) * 10} %`),
    [tenths.map((each) => each.toFixed(0))],
  )
  const warm = tenths.slice(Math.ceil(warmUp * 10))
  const middle = median(warm)
  const off = Math.max(...warm.map((each) => Math.abs(each / middle - 1)))
  return [
    {
      what: `memory of a worker over ${whole(tasks)} tasks after warm-up, most off its median`,
      bar: `≤ ± ${bar * 100} %`,
      figure: `± ${(off * 100).toFixed(1)} %`,
      met: off <= bar,
    },
  ]
}
