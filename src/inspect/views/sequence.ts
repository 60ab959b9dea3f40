/** @module The sequence: who said what to whom, in the one order of the recording. */
import type { Lifeline, Position, Query, SequenceMessage, SequenceView } from '../protocol.ts'
import type { Entry, Recorded, TaskEntry } from '../recording/recorded.ts'
import { firstAbove, lastWhere } from '../recording/search.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostMessages = 200
const mostLifelines = 40
/** How many entries are looked at for them. */
const mostLooked = 20_000
/** How many more, once there is no room for another lifeline. */
const mostHidden = 1_000
/** How far before it the reason of an unblocking is looked for: others may have been unblocked in between. */
const mostBefore = 32
/** Of one task; most of what so many are is progress. */
const mostOfOne = 2_000
const longestLabel = 60

const order: readonly Lifeline['kind'][] = ['client', 'runner', 'scheduler', 'worker', 'task', 'actor']
const client = 'client'
const runner = 'runner'
const scheduler = 'scheduler'

/** A message between two lifelines that may not be shown yet. */
interface Said {
  /** Ids of lifelines. */
  readonly from: string
  readonly to: string
  /** Made once it is shown: most are not. */
  label(): string
  readonly isProgress?: boolean
  readonly state?: string
  readonly task?: string
}

export function sequenceView(query: Query, n: Position, host: ViewHost): SequenceView {
  const { recorded } = host
  const lifelines = new Set<string>()
  const messages: SequenceMessage[] = []
  const [after, upTo] = windowOf(query, n, recorded)
  const places = query.task === undefined ? undefined : placesOf(query.task, after, upTo, recorded)
  const count = places?.length ?? upTo - after
  let hidden = 0
  let looked = 0
  let progressOf: string | undefined
  while (looked < Math.min(count, mostLooked) && messages.length < mostMessages && hidden < mostHidden) {
    const at = places === undefined ? upTo - looked : (places[looked] as Position)
    looked += 1
    const entry = recorded.entry(at)
    const said = entry && saidBy(entry, recorded)
    if (entry === undefined || said === undefined) continue
    // of progress that nothing came between, the latest says it all
    const key = said.isProgress ? said.task : undefined
    if (key !== undefined && key === progressOf) continue
    progressOf = key
    const { from, to, task, state } = said
    const more = Number(!lifelines.has(from)) + Number(from !== to && !lifelines.has(to))
    if (lifelines.size + more > mostLifelines) {
      hidden += 1
      continue
    }
    lifelines.add(from).add(to)
    const message = { n: at, at: entry.at, from, to, label: shown(said.label(), host.redact) }
    messages.push({ ...message, ...(state !== undefined && { state }), ...(task !== undefined && { task }) })
  }
  messages.reverse()
  // who is mentioned first stands first among those of the same kind
  const found = [...new Set(messages.flatMap(({ from, to }) => [from, to]))].map((id) => lifelineOf(id, host))
  return {
    view: 'sequence',
    lifelines: found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    messages,
    cut: hidden + count - looked,
  }
}

/** The moments between which the time, which never goes back, is in the window. */
function windowOf({ since, until }: Query, n: Position, recorded: Recorded): readonly [Position, Position] {
  const upTo = until === undefined ? n : lastWhere(recorded.first, n, (at) => recorded.timeAt(at) <= until)
  const after =
    since === undefined ? recorded.first : lastWhere(recorded.first, upTo, (at) => recorded.timeAt(at) < since)
  return [Math.min(after, upTo), upTo]
}

/** Where something happened to a task or its relatives, or was refused to: the newest first. */
function placesOf(id: string, after: Position, upTo: Position, recorded: Recorded): Position[] {
  const relatives = relativesOf(id, recorded)
  const places: Position[] = []
  for (const each of relatives) {
    const positions = recorded.track(each)?.positions ?? []
    const end = firstAbove(positions, upTo)
    const begin = Math.max(firstAbove(positions, after), end - mostOfOne)
    for (let i = begin; i < end; i += 1) places.push(positions[i] as Position)
  }
  for (const entry of recorded.entries(Math.max(after, upTo - mostLooked), upTo))
    if (entry.kind === 'void' && 'task' in entry.record && relatives.has(entry.record.task)) places.push(entry.n)
  return places.sort((a, b) => b - a)
}

/** A task, its parent, its children, and what it needs. */
function relativesOf(id: string, recorded: Recorded): Set<string> {
  const { task } = recorded.track(id) ?? {}
  const relatives = new Set([id])
  if (task?.spec.parent !== undefined) relatives.add(task.spec.parent.task)
  for (const need of (task?.spec.needs ?? []).slice(0, mostLifelines)) relatives.add(need)
  for (const { task: each } of recorded.tracks()) {
    if (task === undefined || each.seq <= task.seq || relatives.size > mostLifelines) break
    if (each.spec.parent?.task === id) relatives.add(each.id)
  }
  return relatives
}

function saidBy(entry: Entry, recorded: Recorded): Said | undefined {
  switch (entry.kind) {
    case 'task':
      return ofTask(entry, recorded)
    case 'worker':
      return { from: runner, to: worker(entry.worker), label: () => 'expire' }
    case 'void': {
      const { record, reason } = entry
      if (!('task' in record)) return undefined
      const from = 'worker' in record ? worker(record.worker) : client
      const isProgress = record.type === 'progress'
      const label = (): string => `${record.type} (void: ${reason})`
      return { from, to: taskLine(record.task), label, isProgress, task: record.task }
    }
    case 'schedule': {
      const { record, schedule } = entry.change
      // what a schedule fires is told by the submit
      if (record.type === 'submit') return undefined
      const from = record.type === 'scheduleSkip' ? scheduler : client
      return { from, to: scheduler, label: () => `${record.type} ${schedule.name}` }
    }
    case 'damage':
      return undefined
  }
}

function ofTask({ n, change, to: state }: TaskEntry, recorded: Recorded): Said {
  const { task, event, before } = change
  const to = taskLine(task.id)
  const own = { to, task: task.id, label: () => event.type, ...(state !== undefined && { state }) }
  const held = before.context.worker
  const holder = held === undefined ? runner : worker(held)
  switch (event.type) {
    case 'submit': {
      const { schedule, parent } = event
      return {
        ...own,
        from: schedule !== undefined ? scheduler : parent !== undefined ? taskLine(parent.task) : client,
      }
    }
    case 'start':
      return { ...own, from: worker(event.worker), label: () => (event.run > 1 ? `start ${event.run}` : 'start') }
    case 'progress':
      return { ...own, from: holder, label: () => `progress ${Math.round(event.fraction * 100)} %`, isProgress: true }
    case 'ask': {
      const { wait } = event
      if (wait.kind === 'child')
        return { ...own, from: to, to: taskLine(wait.child), label: () => 'ask: wait for the child' }
      const label = (): string => (wait.prompt === undefined ? 'ask' : `ask: ${wait.prompt}`)
      return { ...own, from: to, to: client, label }
    }
    case 'answer': {
      const open = before.context.waits.find(({ ask }) => ask === event.ask)
      return { ...own, from: open?.wait.kind === 'child' ? taskLine(open.wait.child) : client }
    }
    case 'cancel': {
      const { parent } = task.spec
      if (event.by === 'parent' && parent !== undefined) return { ...own, from: taskLine(parent.task) }
      return { ...own, from: event.by === 'schedule' ? scheduler : client }
    }
    case 'needFailed':
      return { ...own, from: taskLine(event.need), label: () => 'need failed' }
    case 'unblock':
      return { ...own, from: unblockerOf(task, n, recorded) }
    case 'expire':
    case 'forget':
      return { ...own, from: runner }
    case 'timeout':
      return {
        ...own,
        from: event.scope === 'deadline' ? runner : holder,
        label: () => `timeout (${event.scope})`,
      }
    default:
      return { ...own, from: holder }
  }
}

/** What a task had waited for: the step that completed it came just before. */
function unblockerOf({ spec }: TaskEntry['change']['task'], n: Position, recorded: Recorded): string {
  for (let at = n - 1; at >= n - mostBefore; at -= 1) {
    const entry = recorded.entry(at)
    if (entry?.kind !== 'task' || entry.to !== 'completed') continue
    if (spec.needs?.includes(entry.change.task.id)) return taskLine(entry.change.task.id)
  }
  return runner
}

const worker = (id: string): string => `worker:${id}`
const taskLine = (id: string): string => `task:${id}`

function lifelineOf(id: string, { recorded, redact }: ViewHost): Lifeline {
  const colon = id.indexOf(':')
  if (colon < 0) return { id, kind: id as Lifeline['kind'], label: id }
  const kind = id.slice(0, colon) as Lifeline['kind']
  const own = id.slice(colon + 1)
  const name = kind === 'task' ? recorded.track(own)?.task.spec.name : undefined
  return { id, kind, label: shown(name ?? own, redact, longestLabel) }
}
