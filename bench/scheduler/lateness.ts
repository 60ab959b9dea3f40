/** @module How late tasks begin when a thousand schedules fire within one second. */
import { Queue, Worker } from 'bullmq'
import { Cron } from 'croner'
import cron from 'node-cron'
import { BackgroundRunner, defineRecipe, FileStore } from 'offstage'
import { remove, temporary } from '../lib/folder.ts'
import { median, quantile } from '../lib/measure.ts'
import type { Redis } from '../lib/redis.ts'
import { type Figure, ms, table, whole } from '../lib/report.ts'

const count = 1_000
const bar = 50
/** Ms from the start to the first firing: all must be added by then. */
const lead = 4_000
const patience = 60_000

const slotsFrom = (start: number): number[] => Array.from({ length: count }, (_, i) => Math.ceil(start) + i)

/** Resolves with how late each began, once all have. */
function gathering(): { readonly late: Promise<number[]>; began(slot: number): void } {
  const all: number[] = []
  let resolve: (all: number[]) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<number[]>((keep, fail) => {
    resolve = keep
    reject = fail
  })
  const timer = setTimeout(() => reject(new Error(`${all.length} of ${count} began in a minute`)), patience)
  return {
    late: promise.finally(() => clearTimeout(timer)),
    began(slot) {
      all.push(Date.now() - slot)
      if (all.length === count) resolve(all)
    },
  }
}

async function ours(): Promise<number[]> {
  const dir = temporary('lateness')
  const store = await new FileStore({ dir }).open()
  const { late, began } = gathering()
  const noop = defineRecipe({
    name: 'noop',
    run: async (_: unknown, { schedule }) => began(Number(schedule?.scheduledAt)),
  })
  const runner = new BackgroundRunner({ store, recipes: [noop], maxConcurrentTasks: 100 })
  const slots = slotsFrom(Date.now() + lead)
  await runner.schedules.import(
    slots.map((slot, i) => ({ name: `schedule ${i}`, when: `at:${new Date(slot).toISOString()}`, recipe: 'noop' })),
  )
  const all = await late
  await runner.stop()
  await store.close()
  remove(dir)
  return all
}

async function croner(): Promise<number[]> {
  const { late, began } = gathering()
  // its dates have whole seconds
  const slots = slotsFrom(Math.ceil((Date.now() + lead) / 1_000) * 1_000)
  const jobs = slots.map((slot) => {
    const second = Math.floor(slot / 1_000) * 1_000
    return new Cron(new Date(second), () => began(second))
  })
  const all = await late
  for (const job of jobs) job.stop()
  return all
}

async function nodeCron(): Promise<number[]> {
  const { late, began } = gathering()
  const second = Math.ceil((Date.now() + 2_000) / 1_000) * 1_000
  const expression = `${new Date(second).getSeconds()} * * * * *`
  const jobs = Array.from({ length: count }, () => cron.schedule(expression, () => began(second)))
  const all = await late
  for (const job of jobs) await job.destroy()
  return all
}

async function bull(port: number): Promise<number[]> {
  const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null }
  const queue = new Queue('lateness', { connection })
  const { late, began } = gathering()
  const worker = new Worker('lateness', async (job) => began(job.data as number), { connection, concurrency: 100 })
  await worker.waitUntilReady()
  const slots = slotsFrom(Date.now() + lead)
  await Promise.all(
    slots.map((slot, i) =>
      queue.upsertJobScheduler(
        `schedule ${i}`,
        { every: 3_600_000, startDate: slot, limit: 1 },
        { name: 'noop', data: slot },
      ),
    ),
  )
  const all = await late
  await worker.close()
  await queue.obliterate({ force: true })
  await queue.close()
  return all
}

export async function lateness(redis: Redis | undefined): Promise<Figure[]> {
  const taken = new Map<string, number[]>([
    ['offstage, fsync', await ours()],
    ['croner, in memory, all at one second', await croner()],
    ['node-cron, in memory, all at one second', await nodeCron()],
  ])
  if (redis !== undefined) taken.set('BullMQ, appendfsync always', await bull(redis.port))
  console.log(`From slot to handler, ${whole(count)} firings within one second`)
  table(
    ['', 'p50', 'p99', 'longest'],
    [...taken].map(([name, all]) => [name, ms(median(all)), ms(quantile(all, 0.99)), ms(Math.max(...all))]),
  )
  const p99 = quantile(taken.get('offstage, fsync') ?? [], 0.99)
  return [
    {
      what: `from slot to handler, p99 of ${whole(count)} firings in one second`,
      bar: `≤ ${ms(bar)}`,
      figure: ms(p99),
      met: p99 <= bar,
    },
  ]
}
