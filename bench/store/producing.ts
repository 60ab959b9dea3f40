/** @module Submitting alone, one by one and many at once, and working through a backlog; against BullMQ. */
import { openBull } from '../lib/bull.ts'
import { appendAndSync } from '../lib/disk.ts'
import { remove, temporary } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import { openStore } from '../lib/open-store.ts'
import { openOffstage, type Queueing } from '../lib/queueing.ts'
import type { Redis } from '../lib/redis.ts'
import { type Figure, table, whole } from '../lib/report.ts'

const single = 500
const bulk = 10_000
const rounds = 5
const ours = 'offstage, fsync'
const kinds = ['single', 'bulk', 'drain'] as const
type Rates = Record<(typeof kinds)[number], number[]>
const bars = { single: 3_000, bulk: 50_000 }

/** Tasks a second. */
async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await work()
  return (count / (performance.now() - began)) * 1_000
}

async function round(queueing: Queueing): Promise<Record<keyof Rates, number>> {
  await queueing.pause()
  const addedSingly = await rate(single, async () => {
    for (let i = 0; i < single; i += 1) await queueing.add(i)
  })
  const inputs = Array.from({ length: bulk }, (_, i) => i)
  const added = await rate(bulk, () => queueing.addMany(inputs))
  const drained = await rate(single + bulk, () => queueing.drained(single + bulk))
  return { single: addedSingly, bulk: added, drain: drained }
}

/** @param servers Redis without and with an append-only file; nothing, and ours runs alone. */
export async function producing(
  servers: { readonly bare: Redis; readonly always: Redis } | undefined,
): Promise<Figure[]> {
  const dirs = [temporary('add'), temporary('add-os'), temporary('raw')] as const
  const sides = new Map<string, Queueing>([
    [ours, openOffstage(openStore(dirs[0]))],
    ['offstage, os', openOffstage(openStore(dirs[1], { durability: 'os' }))],
  ])
  if (servers !== undefined) {
    sides.set('BullMQ, Redis without AOF', await openBull(servers.bare.port))
    sides.set('BullMQ, appendfsync always', await openBull(servers.always.port))
  }
  const taken = new Map<string, Rates>([...sides.keys()].map((name) => [name, { single: [], bulk: [], drain: [] }]))
  const raw: number[] = []
  for (let i = -1; i < rounds; i += 1) {
    const alone = await rate(single, () => appendAndSync(dirs[2], single))
    if (i >= 0) raw.push(alone)
    for (const [name, queueing] of sides) {
      const rates = await round(queueing)
      if (i >= 0) for (const kind of kinds) taken.get(name)?.[kind].push(rates[kind])
    }
  }
  for (const queueing of sides.values()) await queueing.close()
  for (const dir of dirs) remove(dir)
  console.log(`Per second: ${whole(single)} submits of one caller, ${whole(bulk)} in one call, and the backlog of both`)
  table(
    ['', 'add single', 'best', 'add bulk', 'best', 'backlog', 'best'],
    [
      ...[...taken].map(([name, rates]) => [
        name,
        ...kinds.flatMap((kind) => [whole(median(rates[kind])), whole(Math.max(...rates[kind]))]),
      ]),
      ['write and fdatasync alone', whole(median(raw)), whole(Math.max(...raw)), '', '', '', ''],
    ],
  )
  const own = taken.get(ours) as Rates
  return (['single', 'bulk'] as const).map((kind) => {
    const reached = median(own[kind])
    const how = kind === 'single' ? 'one caller, one by one' : 'submitMany'
    return {
      what: `durable submits a second, ${how} (median of ${rounds} rounds)`,
      bar: `≥ ${whole(bars[kind])}`,
      figure: whole(reached),
      met: reached >= bars[kind],
    }
  })
}
