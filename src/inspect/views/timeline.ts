/** @module The timeline: every attempt as a bar, in lanes of its worker, and how many held a slot at once. */
import type { StoredTask, TaskSnapshot } from '../../machines/store-state.ts'
import type { Bar, Position, Query, Tally, TimelineView } from '../protocol.ts'
import type { Recorded, TaskEntry } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostBars = 600
const mostSteps = 600
/** How much is shown where nobody has chosen, in ms, and at least. */
const usualSpan = 60_000
const leastSpan = 1_000
const longestLabel = 80

/** An attempt, before it is shown: most are not, and hiding the secrets of all would take a hundred times as long. */
interface Attempt {
  readonly task: StoredTask
  readonly run: number
  readonly worker: string
  readonly since: number
  /** Where it began, 0 for before the recording. */
  readonly place: Position
  until: number | undefined
  outcome: Bar['outcome']
}

export function timelineView(query: Query, n: Position, host: ViewHost): TimelineView {
  const { recorded, live } = host
  const now = live ? Math.max(host.now(), recorded.timeAt(n)) : recorded.timeAt(n)
  const { all, slots } = attemptsUpTo(n, recorded)
  const extent = extentOf(all, now)
  const until = query.until ?? now
  const since = Math.min(
    query.since ?? Math.max(until - usualSpan, extent?.[0] ?? until - usualSpan),
    until - leastSpan,
  )
  const inside = all.filter((attempt) => attempt.since <= until && (attempt.until ?? now) >= since)
  const kept = inside.length <= mostBars ? inside : longest(inside, now)
  const { bars, lanes } = packed(kept.sort(byBeginning), now, host)
  return {
    view: 'timeline',
    since,
    until,
    bars,
    lanes,
    cut: inside.length - kept.length,
    running: stepsOf(slots, recorded.tallyAt(n), since, until),
    extent,
  }
}

const byBeginning = (a: Attempt, b: Attempt): number => a.since - b.since || a.place - b.place

/** One slot more, or one less. */
type SlotStep = readonly [at: number, by: 1 | -1]

/** Who waits holds none. */
const holdsSlot = (state: string | undefined): boolean =>
  state?.startsWith('running') === true && state !== 'running.waiting'

/** Every attempt that is known up to a moment, and when slots were taken and given back. */
function attemptsUpTo(
  n: Position,
  recorded: Recorded,
): { readonly all: readonly Attempt[]; readonly slots: readonly SlotStep[] } {
  const slots: SlotStep[] = []
  const all: Attempt[] = []
  /** By task: of one, an attempt at most runs. */
  const open = new Map<string, Attempt>()
  for (const entry of recorded.entries(recorded.first, n)) {
    if (entry.kind !== 'task') continue
    const { task, event, before } = entry.change
    const [held, holds] = [holdsSlot(before.leaf.name), holdsSlot(entry.to)]
    if (held !== holds) slots.push([entry.at, holds ? 1 : -1])
    if (event.type === 'start') {
      const { run, worker, at } = event
      open.set(task.id, { task, run, worker, since: at, place: entry.n, until: undefined, outcome: 'running' })
      continue
    }
    if (!before.leaf.name.startsWith('running') || entry.to?.startsWith('running')) continue
    const attempt = open.get(task.id) ?? olderOf(task, before)
    open.delete(task.id)
    attempt.until = Math.max(attempt.since, entry.at)
    attempt.outcome = outcomeOf(entry)
    all.push(attempt)
  }
  if (open.size < recorded.tallyAt(n).running) addOlder(open, n, recorded)
  for (const attempt of open.values()) all.push(attempt)
  return { all, slots }
}

/** Attempts that run, and began before the recording did. */
function addOlder(open: Map<string, Attempt>, n: Position, recorded: Recorded): void {
  for (const track of recorded.tracks()) {
    if (open.has(track.task.id)) continue
    const snapshot = recorded.snapshotAt(track, n)
    if (snapshot?.leaf.name.startsWith('running')) open.set(track.task.id, olderOf(track.task, snapshot))
  }
}

function olderOf(task: StoredTask, { context: { run, worker = '', startedAt = 0 } }: TaskSnapshot): Attempt {
  return { task, run, worker, since: startedAt, place: 0, until: undefined, outcome: 'running' }
}

/** How an attempt ended, from what the task is behind it. */
function outcomeOf({ to, change: { event, before } }: TaskEntry): Bar['outcome'] {
  if (to === 'completed' || to === 'cancelled') return to
  if (event.type === 'expire') return 'lost'
  const isLate = before.leaf.name === 'running.stopping.timeout' || event.type === 'timeout'
  if (isLate) return 'timeout'
  if (to === 'failed') return 'failed'
  return event.type === 'fail' ? 'retried' : 'released'
}

function extentOf(attempts: readonly Attempt[], now: number): readonly [number, number] | undefined {
  if (attempts.length === 0) return undefined
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const { since, until } of attempts) {
    first = Math.min(first, since)
    last = Math.max(last, until ?? now)
  }
  return [first, last]
}

/** Where there are too many, those that can be seen: the longest, and of equals the newest. */
function longest(attempts: readonly Attempt[], now: number): Attempt[] {
  const span = ({ since, until }: Attempt): number => (until ?? now) - since
  return attempts.toSorted((a, b) => span(b) - span(a) || byBeginning(b, a)).slice(0, mostBars)
}

/** Bars in lanes: those of a worker together, no two of one lane at the same time. */
function packed(
  attempts: readonly Attempt[],
  now: number,
  { redact }: ViewHost,
): { readonly bars: readonly Bar[]; readonly lanes: number } {
  const workers = new Map<string, Attempt[]>()
  for (const attempt of attempts) {
    const others = workers.get(attempt.worker)
    if (others === undefined) workers.set(attempt.worker, [attempt])
    else others.push(attempt)
  }
  const bars: Bar[] = []
  let lanes = 0
  for (const id of [...workers.keys()].sort()) {
    const worker = shown(id, redact, longestLabel)
    const ends: number[] = []
    for (const { task, run, since, until, outcome } of workers.get(id) ?? []) {
      const free = ends.findIndex((end) => end <= since)
      const lane = free < 0 ? ends.length : free
      ends[lane] = until ?? Math.max(now, since + 1)
      const name = shown(task.spec.name, redact, longestLabel)
      const bar = { task: task.id, name, run, worker, lane: lanes + lane, since, outcome }
      bars.push(until === undefined ? bar : { ...bar, until })
    }
    lanes += ends.length
  }
  return { bars, lanes }
}

/** How many held a slot at once, reckoned back from the moment; where there are too many changes, the most in even slices. */
function stepsOf(
  slots: readonly SlotStep[],
  { states }: Pick<Tally, 'states'>,
  since: number,
  until: number,
): TimelineView['running'] {
  const now = Object.entries(states).reduce((sum, [state, count]) => (holdsSlot(state) ? sum + count : sum), 0)
  const ordered = slots.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])
  let count = now - ordered.reduce((sum, [, by]) => sum + by, 0)
  const changes = ordered.filter(([at, by]) => {
    if (at <= since) count += by
    return at > since && at <= until
  })
  const steps: [number, number][] = [[since, count]]
  const slice = changes.length <= mostSteps ? 0 : (until - since) / mostSteps
  for (const [at, by] of changes) {
    count += by
    const last = steps.at(-1) as [number, number]
    if (at - last[0] > slice) steps.push([at, count])
    else last[1] = slice === 0 ? count : Math.max(last[1], count)
  }
  return steps.slice(0, mostSteps + 1)
}
