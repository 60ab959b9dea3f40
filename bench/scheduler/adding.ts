/** @module What it takes to add a thousand schedules so that they are on the disk. */
import { Queue } from 'bullmq'
import { BackgroundRunner, FileStore } from 'offstage'
import { remove, temporary } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import type { Redis } from '../lib/redis.ts'
import { type Figure, ms, table, whole } from '../lib/report.ts'
import { scheduleOf } from './ticks.ts'

const count = 1_000
const rounds = 5
const bar = 1_000

async function ours(isTogether: boolean): Promise<number> {
  const dir = temporary('adding')
  const store = await new FileStore({ dir }).open()
  const runner = new BackgroundRunner({ store, work: false })
  const add = (i: number) => runner.schedules.add(scheduleOf(i, `${i % 60} 9 * * 1-5`))
  const began = performance.now()
  if (isTogether) await Promise.all(Array.from({ length: count }, (_, i) => add(i)))
  else for (let i = 0; i < count; i += 1) await add(i)
  const taken = performance.now() - began
  await runner.stop()
  await store.close()
  remove(dir)
  return taken
}

async function bull(port: number, isTogether: boolean): Promise<number> {
  const queue = new Queue(`adding-${Math.random()}`, { connection: { host: '127.0.0.1', port } })
  await queue.waitUntilReady()
  const add = (i: number) =>
    queue.upsertJobScheduler(`schedule ${i}`, { pattern: `${i % 60} 9 * * 1-5` }, { name: 'noop', data: i })
  const began = performance.now()
  if (isTogether) await Promise.all(Array.from({ length: count }, (_, i) => add(i)))
  else for (let i = 0; i < count; i += 1) await add(i)
  const taken = performance.now() - began
  await queue.obliterate({ force: true })
  await queue.close()
  return taken
}

export async function adding(redis: Redis | undefined): Promise<Figure[]> {
  const contestants = new Map<string, () => Promise<number>>([
    ['offstage, one after the other', () => ours(false)],
    ['offstage, all at once', () => ours(true)],
  ])
  if (redis !== undefined) {
    contestants.set('BullMQ, appendfsync always, one after the other', () => bull(redis.port, false))
    contestants.set('BullMQ, appendfsync always, all at once', () => bull(redis.port, true))
  }
  const taken = new Map<string, number[]>([...contestants.keys()].map((name) => [name, []]))
  for (let round = 0; round < rounds; round += 1)
    for (const [name, run] of contestants) taken.get(name)?.push(await run())
  console.log(`Adding ${whole(count)} schedules, each acknowledged on the medium`)
  table(
    ['', 'best', 'median'],
    [...taken].map(([name, all]) => [name, ms(Math.min(...all)), ms(median(all))]),
  )
  const one = median(taken.get('offstage, one after the other') ?? [])
  const all = median(taken.get('offstage, all at once') ?? [])
  return [
    {
      what: `adding ${whole(count)} schedules durably, all at once`,
      bar: `< ${ms(bar)}`,
      figure: ms(all),
      met: all < bar,
    },
    {
      what: `adding ${whole(count)} schedules durably, one by one`,
      bar: `< ${ms(bar)}`,
      figure: ms(one),
      met: one < bar,
    },
  ]
}
