/**
 * @module Prints the longest times, in ms, that the event loop did not turn: alone, while a store opens, and while it
 * works through rotations and snapshots. Arguments: the folder, how many round trips.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../lib/open-store.ts'
import { callers, openOffstage } from '../lib/queueing.ts'

const [dir = '', count = '0'] = process.argv.slice(2)
/** The longest stall of a stretch, and the longest that the process spent computing, in ms: others use the machine, too. */
interface Stall {
  wall: number
  computing: number
}
let longest: Stall = { wall: 0, computing: 0 }
let last = performance.now()
let cpu = process.cpuUsage()
const turn = (): void => {
  const now = performance.now()
  const spent = process.cpuUsage(cpu)
  cpu = process.cpuUsage()
  const wall = now - last - 1
  last = now
  longest.wall = Math.max(longest.wall, wall)
  longest.computing = Math.max(longest.computing, Math.min(wall, (spent.user + spent.system) / 1_000))
}
const ticker = setInterval(turn, 1)

/** The longest stall while something is done. */
async function during(work: () => Promise<unknown>): Promise<Stall> {
  await sleep(20)
  longest = { wall: 0, computing: 0 }
  await work()
  await sleep(20)
  return longest
}

const alone = await during(() => sleep(2_000))
const store = openStore(dir)
const opening = await during(async () => store.list({ limit: 1 }))
const snapshots = (): number => readdirSync(join(dir, 'snapshots')).length
const before = snapshots()
const queueing = openOffstage(store)
queueing.start()
const working = await during(() => callers(queueing, Number(count)))
await sleep(500)
const written = snapshots() - before
await queueing.close()
clearInterval(ticker)
console.log(JSON.stringify({ alone, opening, working, written }))
