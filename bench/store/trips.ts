/** @module Round trips: fifty callers that each submit a task, wait for its result, and begin again; against BullMQ. */
import { openBull } from '../lib/bull.ts'
import { remove, temporary } from '../lib/folder.ts'
import { type Contestant, interleave, median, type Round, spread } from '../lib/measure.ts'
import { openStore } from '../lib/open-store.ts'
import { callers, concurrency, openOffstage, type Queueing } from '../lib/queueing.ts'
import type { Redis } from '../lib/redis.ts'
import { type Figure, table, times, whole } from '../lib/report.ts'

const trips = 5_000
const rounds = 7
const ours = 'offstage, fsync'
const bare = 'BullMQ, Redis without AOF'
const always = 'BullMQ, appendfsync always'
const bars = new Map([
  [bare, 3],
  [always, 4],
])

/** No backlog: never more tasks than callers. */
const contestant = (name: string, queueing: Queueing): Contestant => ({
  name,
  prepare: () => () => callers(queueing, trips),
})

/** @param servers Redis without and with an append-only file; nothing, and ours runs alone. */
export async function roundTrips(
  servers: { readonly bare: Redis; readonly always: Redis } | undefined,
): Promise<Figure[]> {
  const dir = temporary('trips')
  const osDir = temporary('trips-os')
  const sides: [string, Queueing][] = [
    [ours, openOffstage(openStore(dir))],
    ['offstage, os', openOffstage(openStore(osDir, { durability: 'os' }))],
  ]
  if (servers !== undefined) {
    sides.push([bare, await openBull(servers.bare.port)])
    sides.push([always, await openBull(servers.always.port)])
  }
  for (const [, queueing] of sides) queueing.start()
  const taken = await interleave(
    sides.map(([name, queueing]) => contestant(name, queueing)),
    rounds,
  )
  for (const [, queueing] of sides) await queueing.close()
  for (const each of [dir, osDir]) remove(each)
  print(taken)
  return servers === undefined ? [] : [...bars].map(([name, bar]) => figure(taken, name, bar))
}

function print(taken: ReadonlyMap<string, readonly Round[]>): void {
  console.log(`${concurrency} callers of \`await submit; await result\`, ${whole(trips)} round trips a round`)
  table(
    ['', 'tasks/s, median', 'best', 'a trip', 'CPU a trip', 'against fsync'],
    [...taken].map(([name, all]) => {
      const wall = spread(all, 'wall')
      const cpu = spread(all, 'cpu')
      return [
        name,
        whole((trips / wall.median) * 1_000),
        whole((trips / wall.best) * 1_000),
        `${((wall.median / trips) * concurrency).toFixed(2)} ms`,
        `${((cpu.median / trips) * 1_000).toFixed(0)} µs`,
        times(ratio(taken, name)),
      ]
    }),
  )
}

/** How many times as long it takes, round by round: rounds beside each other meet the same machine. */
function ratio(taken: ReadonlyMap<string, readonly Round[]>, name: string): number {
  const own = taken.get(ours) ?? []
  return median((taken.get(name) ?? []).map(({ wall }, i) => wall / (own[i]?.wall ?? Number.NaN)))
}

function figure(taken: ReadonlyMap<string, readonly Round[]>, name: string, bar: number): Figure {
  const reached = ratio(taken, name)
  return {
    what: `round trips with fsync, against ${name} (median of ${rounds} rounds)`,
    bar: `≥ ${times(bar)}`,
    figure: times(reached),
    met: reached >= bar,
  }
}
