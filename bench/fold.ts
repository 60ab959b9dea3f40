/** @module The fold of start, progress and complete: the compiled chart against XState's own interpretation of it. */
import { compile, type TaskContext, type TaskEvent, taskMachine } from 'offstage/machines'
import { initialTransition, type SnapshotFrom, transition } from 'xstate'
import { type Contestant, interleave, spread } from './lib/measure.ts'
import { header, micros, reached, table, times, whole } from './lib/report.ts'

/** Tasks in one round; each has events of its own, for the chart remembers what it was asked last. */
const tasks = 2_000
/** How often the compiled chart goes through all of them: it would be too quick for the clock. */
const repeats = 50
const rounds = 15
const bar = 50

const limits = { timeout: 60_000, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
const events = Array.from({ length: tasks }, (_, i): readonly [TaskEvent, TaskEvent, TaskEvent, TaskEvent] => {
  const task = `task-${i}`
  const claim = `worker.${i}`
  const at = 1_700_000_000_000 + i
  return [
    { type: 'submit', task, at, name: 'bench', limits },
    { type: 'start', task, at, run: 1, claim, worker: 'worker' },
    { type: 'progress', task, at, claim, fraction: 0.5 },
    { type: 'complete', task, at, claim, result: i },
  ]
})

const chart = compile(taskMachine)
const compiledQueued = events.map(([submit]) => chart.next(chart.initial, submit))
const interpretedQueued = events.map(
  ([submit]) => transition(taskMachine, initialTransition(taskMachine)[0], submit)[0],
)
let versions = 0

const compiled: Contestant = {
  name: 'compiled next()',
  prepare: () => () => {
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      for (let i = 0; i < tasks; i += 1) {
        const [, start, progress, complete] = events[i] as (typeof events)[number]
        const queued = compiledQueued[i] as (typeof compiledQueued)[number]
        const ended = chart.next(chart.next(chart.next(queued, start), progress), complete)
        versions += ended.context.version
      }
    }
  },
}

const interpreted: Contestant = {
  name: "XState's transition()",
  prepare: () => () => {
    for (let i = 0; i < tasks; i += 1) {
      const [, start, progress, complete] = events[i] as (typeof events)[number]
      let snapshot = interpretedQueued[i] as SnapshotFrom<typeof taskMachine>
      for (const event of [start, progress, complete]) snapshot = transition(taskMachine, snapshot, event)[0]
      versions += (snapshot.context as TaskContext).version
    }
  },
}

header('The fold of start, progress, complete', ['xstate'])
const taken = await interleave([compiled, interpreted], rounds)
const perEvent = { compiled: 3 * tasks * repeats, interpreted: 3 * tasks }
const ours = spread(taken.get(compiled.name), 'wall')
const theirs = spread(taken.get(interpreted.name), 'wall')
const row = (name: string, { best, median }: typeof ours, count: number): string[] => [
  name,
  micros(best / count),
  micros(median / count),
  whole((count / median) * 1_000),
]
table(
  ['one event', 'best', 'median', 'events/s'],
  [row(compiled.name, ours, perEvent.compiled), row(interpreted.name, theirs, perEvent.interpreted)],
)
const ratio = (value: 'best' | 'median'): number =>
  theirs[value] / perEvent.interpreted / (ours[value] / perEvent.compiled)
console.log(`XState takes ${times(ratio('best'))} as long (best), ${times(ratio('median'))} (median)\n`)
// submit, start, progress, complete
if (versions === 0 || versions % 4 !== 0) throw new Error('an event was refused')
reached([
  {
    what: "fold of accepted events, against XState's transition() (median)",
    bar: `≥ ${times(bar)}`,
    figure: times(ratio('median')),
    met: ratio('median') >= bar,
  },
])
