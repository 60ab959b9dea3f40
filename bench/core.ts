/** @module No-op tasks from submit to end, against p-queue. */
import fastq from 'fastq'
import { BackgroundRunner } from 'offstage'
import PQueue from 'p-queue'
import type { AnyActorRef } from 'xstate'
import { type Contestant, interleave, type Round, spread } from './lib/measure.ts'
import { header, reached, table, times, whole } from './lib/report.ts'

const tasks = 20_000
const concurrency = 5
const timeout = 60_000
const rounds = 15
const bar = 1.5

const work = async (): Promise<void> => {}
const ours = `offstage, timeout`
const theirs = `p-queue, timeout`

let runner: BackgroundRunner
const offstage: Contestant = {
  name: ours,
  prepare() {
    runner = new BackgroundRunner({ maxConcurrentTasks: concurrency })
    return () => {
      for (let i = 0; i < tasks; i += 1) runner.submit(work, { timeout })
      return runner.onIdle()
    }
  },
  finish: () => runner.stop(),
}

const pQueue = (name: string, options: object): Contestant => ({
  name,
  prepare() {
    const queue = new PQueue({ concurrency })
    return () => {
      for (let i = 0; i < tasks; i += 1) void queue.add(work, options)
      return queue.onIdle()
    }
  },
})

const fast: Contestant = {
  name: 'fastq',
  prepare() {
    const queue = fastq.promise(work, concurrency)
    return () => {
      for (let i = 0; i < tasks; i += 1) void queue.push(undefined)
      return queue.drained()
    }
  },
}

/** How many tasks were seen as started actors by an inspector, and the runner that ran them. */
async function counted(): Promise<number> {
  const seen = new Set<AnyActorRef>()
  const inspected = new BackgroundRunner({
    maxConcurrentTasks: concurrency,
    inspect: (event) => {
      if (event.type !== '@xstate.actor') return
      const actor = event.actorRef as AnyActorRef & { logic?: { config?: { id?: string } } }
      if (actor.logic?.config?.id === 'task') seen.add(actor)
    },
  })
  for (let i = 0; i < tasks; i += 1) inspected.submit(work, { timeout })
  await inspected.onIdle()
  await inspected.stop()
  return seen.size
}

header('No-op tasks, from submit to end', ['xstate', 'p-queue', 'fastq'])
const taken = await interleave([offstage, pQueue(theirs, { timeout }), pQueue('p-queue, no timeout', {}), fast], rounds)
const perTask = (time: number): string => `${((time * 1_000) / tasks).toFixed(1)} µs`
const rate = (time: number): string => whole((tasks / time) * 1_000)
table(
  ['', 'wall, best', 'median', 'tasks/s', 'CPU, best', 'median', 'tasks/CPU-s'],
  [...taken].map(([name, all]) => {
    const wall = spread(all, 'wall')
    const cpu = spread(all, 'cpu')
    const times = [perTask(wall.best), perTask(wall.median), rate(wall.median)]
    return [name, ...times, perTask(cpu.best), perTask(cpu.median), rate(cpu.median)]
  }),
)
const ratio = (kind: keyof Round, value: 'best' | 'median'): number =>
  spread(taken.get(theirs), kind)[value] / spread(taken.get(ours), kind)[value]
const wall = { best: ratio('wall', 'best'), median: ratio('wall', 'median') }
console.log(`p-queue with a timeout takes ${times(wall.best)} our wall time (best), ${times(wall.median)} (median);`)
console.log(`${times(ratio('cpu', 'best'))} our CPU time (best), ${times(ratio('cpu', 'median'))} (median)\n`)

const actors = await counted()
reached([
  {
    what: `tasks/s with a timeout, against p-queue (median of ${rounds} rounds, wall)`,
    bar: `≥ ${times(bar)}`,
    figure: times(wall.median),
    met: wall.median >= bar,
  },
  {
    what: `task actors that an inspector saw, of ${whole(tasks)} tasks`,
    bar: whole(tasks),
    figure: whole(actors),
    met: actors === tasks,
  },
])
