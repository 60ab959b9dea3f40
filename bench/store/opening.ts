/** @module How long a store of 100,000 events takes to open, and how long the host's event loop stands still. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BackgroundRunner, type FileStoreOptions } from 'offstage'
import { printed } from '../lib/child.ts'
import { remove, temporary } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import { openStore } from '../lib/open-store.ts'
import { noop } from '../lib/recipes.ts'
import { type Figure, ms, table, whole } from '../lib/report.ts'

const events = 100_000
/** Submit, start, complete. */
const tasks = Math.ceil(events / 3)
const rounds = 9
const stallRounds = 3
const trips = 40_000
const openBar = 1_000
const stallBar = 50

/** A store with `count` finished tasks, all kept. */
export async function filled(count: number, options: Omit<FileStoreOptions, 'dir'> = {}): Promise<string> {
  const dir = temporary('filled')
  const store = openStore(dir, { durability: 'os', ...options })
  const runner = new BackgroundRunner({ store, recipes: [noop], maxConcurrentTasks: 50, keepFinished: 10_000_000 })
  for (let left = count; left > 0; left -= 5_000) {
    await runner.submitMany(Array.from({ length: Math.min(left, 5_000) }, (_, i) => ({ recipe: noop, input: i })))
    await runner.onIdle()
  }
  await runner.stop()
  await store.close()
  return dir
}

/** One segment, or as a store makes them by itself. */
const oneSegment = { segmentEvents: 10_000_000, segmentBytes: 1024 ** 3 }
const lines = (dir: string): number =>
  readdirSync(join(dir, 'journal')).reduce(
    (sum, file) => sum + (readFileSync(join(dir, 'journal', file), 'latin1').match(/\n./g)?.length ?? 0),
    0,
  )

export async function opening(): Promise<Figure[]> {
  const stores = new Map([
    ['one segment, no snapshot', await filled(tasks, oneSegment)],
    ['segments and snapshots', await filled(tasks)],
  ])
  console.log(`Opening a store of ${whole(tasks)} tasks, each round in a fresh process`)
  const taken = new Map<string, number[]>([...stores.keys()].map((name) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, dir] of stores) {
      const { took } = JSON.parse(await printed('open', [dir])) as { took: number }
      if (round >= 0) taken.get(name)?.push(took)
    }
  }
  table(
    ['', 'lines', 'best', 'median'],
    [...taken].map(([name, all]) => [
      name,
      whole(lines(stores.get(name) ?? '')),
      ms(Math.min(...all)),
      ms(median(all)),
    ]),
  )
  for (const dir of stores.values()) remove(dir)
  const slowest = Math.max(...[...taken.values()].map(median))
  return [
    {
      what: `opening ${whole(events)} events (median of ${rounds} processes, the slower kind)`,
      bar: `≤ ${whole(openBar)} ms`,
      figure: ms(slowest),
      met: slowest <= openBar,
    },
  ]
}

/** In ms. `computing`: what the process itself had to do meanwhile, at most; the rest are others, and the disk. */
interface Stall {
  readonly wall: number
  readonly computing: number
}

interface Stalls {
  readonly alone: Stall
  readonly opening: Stall
  readonly working: Stall
  readonly written: number
}

export async function stalls(): Promise<Figure[]> {
  const dir = await filled(tasks, oneSegment)
  const taken: Stalls[] = []
  for (let round = 0; round < stallRounds; round += 1)
    taken.push(JSON.parse(await printed('stall', [dir, String(trips)])) as Stalls)
  remove(dir)
  console.log(`The longest stall of the event loop: opening ${whole(events)} events, then ${whole(trips)} round trips`)
  table(
    ['process', 'alone', 'computing', 'opening', 'computing', 'working', 'computing', 'snapshots'],
    taken.map((each, i) => [
      String(i + 1),
      ...[each.alone, each.opening, each.working].flatMap(({ wall, computing }) => [ms(wall), ms(computing)]),
      whole(each.written),
    ]),
  )
  const longest = median(taken.map((each) => Math.max(each.opening.wall, each.working.wall)))
  return [
    {
      what: `longest stall of the event loop (median of ${stallRounds} processes)`,
      bar: `≤ ${stallBar} ms`,
      figure: ms(longest),
      met: longest <= stallBar,
    },
  ]
}
