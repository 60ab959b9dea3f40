/** @module The timeline: every attempt as a bar, in lanes of its worker, and how many held a slot at once. */
import type { TaskSnapshot } from '../../machines/store-state.ts'
import type { Bar, Position, Query, Tally, TimelineView } from '../protocol.ts'
import type { TaskEntry, Track } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostBars = 600
const mostSteps = 600
/** How much is shown where nobody has chosen, in ms, and at least. */
const usualSpan = 60_000
const leastSpan = 1_000

type OpenBar = Omit<Bar, 'lane'> & { readonly place: Position }

export function timelineView(query: Query, n: Position, host: ViewHost): TimelineView {
  const { recorded, live } = host
  const now = live ? Math.max(host.now(), recorded.timeAt(n)) : recorded.timeAt(n)
  const { all, slots } = attemptsUpTo(n, host)
  const extent = extentOf(all, now)
  const until = query.until ?? now
  const since = Math.min(
    query.since ?? Math.max(until - usualSpan, extent?.[0] ?? until - usualSpan),
    until - leastSpan,
  )
  const inside = all.filter((bar) => bar.since <= until && (bar.until ?? now) >= since)
  const kept = inside.length <= mostBars ? inside : longest(inside, now)
  const { bars, lanes } = packed(kept, now)
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

/** One slot more, or one less. */
type SlotStep = readonly [at: number, by: 1 | -1]

/** Who waits holds none. */
const holdsSlot = (state: string | undefined): boolean =>
  state?.startsWith('running') === true && state !== 'running.waiting'

/** Every attempt that is known up to a moment, in the order in which they began, and when slots were taken and given back. */
function attemptsUpTo(n: Position, host: ViewHost): { readonly all: OpenBar[]; readonly slots: readonly SlotStep[] } {
  const { recorded } = host
  const slots: SlotStep[] = []
  const bars: OpenBar[] = []
  /** By task: of one, an attempt at most runs. */
  const open = new Map<string, OpenBar>()
  for (const entry of recorded.entries(recorded.first, n)) {
    if (entry.kind !== 'task') continue
    const { task, event, before } = entry.change
    const [held, holds] = [holdsSlot(before.leaf.name), holdsSlot(entry.to)]
    if (held !== holds) slots.push([entry.at, holds ? 1 : -1])
    if (event.type === 'start') {
      open.set(task.id, barOf(task, { run: event.run, worker: event.worker, since: event.at, place: entry.n }, host))
      continue
    }
    if (!before.leaf.name.startsWith('running') || entry.to?.startsWith('running')) continue
    const bar = open.get(task.id) ?? barOf(task, heldBy(before, 0), host)
    open.delete(task.id)
    bars.push({ ...bar, until: Math.max(bar.since, entry.at), outcome: outcomeOf(entry) })
  }
  if (open.size < recorded.tallyAt(n).running) addOlder(open, n, host)
  const all = [...bars, ...open.values()].sort((a, b) => a.since - b.since || a.place - b.place)
  return { all, slots }
}

/** Attempts that run, and began before the recording did. */
function addOlder(open: Map<string, OpenBar>, n: Position, host: ViewHost): void {
  const { recorded } = host
  for (const track of recorded.tracks()) {
    if (open.has(track.task.id)) continue
    const snapshot = recorded.snapshotAt(track, n)
    if (snapshot?.leaf.name.startsWith('running')) open.set(track.task.id, barOf(track.task, heldBy(snapshot, 0), host))
  }
}

interface Held {
  readonly run: number
  readonly worker: string
  readonly since: number
  readonly place: Position
}

const heldBy = ({ context: { run, worker = '', startedAt = 0 } }: TaskSnapshot, place: Position): Held => ({
  run,
  worker,
  since: startedAt,
  place,
})

function barOf({ id, spec }: Track['task'], { run, worker, since, place }: Held, { redact }: ViewHost): OpenBar {
  return {
    task: id,
    name: shown(spec.name, redact, 80),
    run,
    worker: shown(worker, redact, 80),
    since,
    place,
    outcome: 'running',
  }
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

function extentOf(bars: readonly OpenBar[], now: number): readonly [number, number] | undefined {
  const [first] = bars
  if (first === undefined) return undefined
  return [first.since, bars.reduce((latest, bar) => Math.max(latest, bar.until ?? now), first.since)]
}

/** Where there are too many, those that can be seen: the longest. */
function longest(bars: readonly OpenBar[], now: number): OpenBar[] {
  const spans = bars.map((bar) => ({ bar, span: (bar.until ?? now) - bar.since }))
  const kept = new Set(
    spans
      .sort((a, b) => b.span - a.span)
      .slice(0, mostBars)
      .map(({ bar }) => bar),
  )
  return bars.filter((bar) => kept.has(bar))
}

/** Bars in lanes: those of a worker together, no two of one lane at the same time. */
function packed(bars: readonly OpenBar[], now: number): { readonly bars: readonly Bar[]; readonly lanes: number } {
  const workers = new Map<string, OpenBar[]>()
  for (const bar of bars) {
    const others = workers.get(bar.worker)
    if (others === undefined) workers.set(bar.worker, [bar])
    else others.push(bar)
  }
  const found: Bar[] = []
  let lanes = 0
  for (const worker of [...workers.keys()].sort()) {
    const ends: number[] = []
    for (const { place: _place, ...bar } of workers.get(worker) ?? []) {
      const free = ends.findIndex((end) => end <= bar.since)
      const lane = free < 0 ? ends.length : free
      ends[lane] = bar.until ?? Math.max(now, bar.since + 1)
      found.push({ ...bar, lane: lanes + lane })
    }
    lanes += ends.length
  }
  return { bars: found, lanes }
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
