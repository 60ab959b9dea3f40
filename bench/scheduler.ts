/** @module The scheduler, and its bars. BENCH_PARTS=ticks,lateness runs some parts only. */
import { findRedis, startRedis } from './lib/redis.ts'
import { type Figure, header, reached } from './lib/report.ts'
import { adding } from './scheduler/adding.ts'
import { lateness } from './scheduler/lateness.ts'
import { ticks } from './scheduler/ticks.ts'
import { times } from './scheduler/times.ts'

// what was started and made is taken away on exit, which a signal would skip
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const chosen = process.env.BENCH_PARTS?.split(',')
const figures: Figure[] = []

/** Runs one part, if it is wanted. */
async function part(name: string, run: () => Promise<Figure[]> | Figure[]): Promise<void> {
  if (chosen !== undefined && !chosen.includes(name)) return
  const began = performance.now()
  figures.push(...(await run()))
  console.log(`(${name}: ${((performance.now() - began) / 1_000).toFixed(1)} s)\n`)
}

header('The scheduler', ['xstate', 'croner', 'node-cron', 'bullmq', 'ioredis'])
const redis = findRedis() ? await startRedis('always') : undefined
if (redis === undefined) console.log('!! SKIPPED BullMQ: there is no redis-server; install the package redis-server\n')

await part('times', times)
await part('ticks', ticks)
await part('adding', () => adding(redis))
await part('lateness', () => lateness(redis))

await redis?.stop()
reached(figures)
