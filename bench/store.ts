/** @module The file store: round trips against BullMQ, and its bars. BENCH_PARTS=trips,latency runs some parts only. */
import { findRedis, startRedis } from './lib/redis.ts'
import { type Figure, header, reached } from './lib/report.ts'
import { latency } from './store/latency.ts'
import { listing } from './store/listing.ts'
import { memory } from './store/memory.ts'
import { opening, stalls } from './store/opening.ts'
import { producing } from './store/producing.ts'
import { shares } from './store/shares.ts'
import { roundTrips } from './store/trips.ts'

// what was started and made is taken away on exit, which a signal would skip
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const chosen = process.env.BENCH_PARTS?.split(',')
const figures: Figure[] = []

/** Runs one part, if it is wanted. */
async function part(name: string, run: () => Promise<Figure[]>): Promise<void> {
  if (chosen !== undefined && !chosen.includes(name)) return
  const began = performance.now()
  figures.push(...(await run()))
  console.log(`(${name}: ${((performance.now() - began) / 1_000).toFixed(1)} s)\n`)
}

header('The file store', ['xstate', 'bullmq', 'ioredis'])
const servers = findRedis() ? { bare: await startRedis('none'), always: await startRedis('always') } : undefined
if (servers === undefined) {
  console.log('!! SKIPPED everything against BullMQ: there is no redis-server; install the package redis-server\n')
} else {
  console.log(`Redis ${servers.bare.version}\n`)
}

await part('trips', () => roundTrips(servers))
await part('producing', () => producing(servers))
await part('latency', latency)
await part('opening', opening)
await part('stalls', stalls)
await part('listing', listing)
await part('shares', shares)
await part('memory', memory)

await servers?.bare.stop()
await servers?.always.stop()
reached(figures)
