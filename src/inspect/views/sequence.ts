/** @module The sequence: who said what to whom, in the one order of the recording. */
import type { Lifeline, Position, Query, SequenceMessage, SequenceView } from '../protocol.ts'
import type { Entry, Recorded, TaskEntry } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostMessages = 200
const mostLifelines = 40
/** How many entries are looked at for them. */
const mostLooked = 20_000

const order: readonly Lifeline['kind'][] = ['client', 'runner', 'scheduler', 'worker', 'task', 'actor']
const client: Lifeline = { id: 'client', kind: 'client', label: 'client' }
const runner: Lifeline = { id: 'runner', kind: 'runner', label: 'runner' }
const scheduler: Lifeline = { id: 'scheduler', kind: 'scheduler', label: 'scheduler' }

/** A message between two lifelines that may not be shown yet. */
interface Said {
  readonly from: Lifeline
  readonly to: Lifeline
  readonly label: string
  readonly state?: string
  readonly task?: string
}

export function sequenceView({ task, since, until }: Query, n: Position, host: ViewHost): SequenceView {
  const { recorded } = host
  const lifelines = new Map<string, Lifeline>()
  const messages: SequenceMessage[] = []
  const mentioned = task === undefined ? undefined : relativesOf(task, recorded)
  let cut = 0
  let looked = 0
  let progressOf: string | undefined
  for (let at = n; at > recorded.first && messages.length < mostMessages && looked < mostLooked; at -= 1) {
    looked += 1
    const entry = recorded.entry(at)
    if (entry === undefined || !isWithin(entry, since, until)) continue
    const said = saidBy(entry, host)
    if (said === undefined || (mentioned !== undefined && !mentioned.has(said.task ?? ''))) continue
    // of progress that nothing came between, the latest says it all
    const key = said.label.startsWith('progress') ? said.task : undefined
    if (key !== undefined && key === progressOf) continue
    progressOf = key
    const more = [said.from, said.to].filter(({ id }) => !lifelines.has(id))
    if (lifelines.size + more.length > mostLifelines) {
      cut += 1
      continue
    }
    for (const each of more) lifelines.set(each.id, each)
    const { from, to, ...rest } = said
    messages.push({ n: at, at: entry.at, from: from.id, to: to.id, ...rest })
  }
  messages.reverse()
  // who is mentioned first stands first among those of the same kind
  const found = [...new Set(messages.flatMap(({ from, to }) => [from, to]))].flatMap((id) => lifelines.get(id) ?? [])
  return {
    view: 'sequence',
    lifelines: found.sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind)),
    messages,
    cut,
  }
}

const isWithin = ({ at }: Entry, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY): boolean =>
  at >= since && at <= until

/** A task, its parent, its children, and what it needs. */
function relativesOf(id: string, recorded: Recorded): Set<string> {
  const { task } = recorded.track(id) ?? {}
  const relatives = new Set([id, ...(task?.spec.needs ?? [])])
  if (task?.spec.parent !== undefined) relatives.add(task.spec.parent.task)
  for (const { task: each } of recorded.tracks()) {
    if (task === undefined || each.seq <= task.seq || relatives.size > mostLifelines) break
    if (each.spec.parent?.task === id) relatives.add(each.id)
  }
  return relatives
}

function saidBy(entry: Entry, host: ViewHost): Said | undefined {
  if (entry.kind === 'task') return ofTask(entry, host)
  if (entry.kind === 'worker') return { from: runner, to: worker(entry.worker, host), label: 'expire' }
  if (entry.kind === 'void') {
    const { record, reason } = entry
    if (!('task' in record)) return undefined
    const from = 'worker' in record ? worker(record.worker, host) : client
    return { from, to: taskLine(record.task, host), label: `${record.type} (void: ${reason})`, task: record.task }
  }
  if (entry.kind === 'damage') return undefined
  const { record, schedule } = entry.change
  const name = shown(schedule.name, host.redact, 60)
  // what a schedule fires is told by the submit
  if (record.type === 'submit') return undefined
  return { from: record.type === 'scheduleSkip' ? scheduler : client, to: scheduler, label: `${record.type} ${name}` }
}

function ofTask(entry: TaskEntry, host: ViewHost): Said {
  const { change, to: state } = entry
  const { task, event, before } = change
  const to = taskLine(task.id, host)
  const own = { to, task: task.id, ...(state !== undefined && { state }) }
  const held = before.context.worker
  const holder = held === undefined ? runner : worker(held, host)
  switch (event.type) {
    case 'submit': {
      const { schedule, parent } = event
      const from = schedule !== undefined ? scheduler : parent !== undefined ? taskLine(parent.task, host) : client
      return { ...own, from, label: 'submit' }
    }
    case 'start':
      return { ...own, from: worker(event.worker, host), label: event.run > 1 ? `start ${event.run}` : 'start' }
    case 'progress':
      return { ...own, from: holder, label: `progress ${Math.round(event.fraction * 100)} %` }
    case 'ask': {
      if (event.wait.kind === 'child')
        return { ...own, from: to, to: taskLine(event.wait.child, host), label: 'ask: wait for the child' }
      return {
        ...own,
        from: to,
        to: client,
        label: `ask${event.wait.prompt === undefined ? '' : `: ${shown(event.wait.prompt, host.redact, 60)}`}`,
      }
    }
    case 'answer': {
      const open = before.context.waits.find(({ ask }) => ask === event.ask)
      const from = open?.wait.kind === 'child' ? taskLine(open.wait.child, host) : client
      return { ...own, from, label: 'answer' }
    }
    case 'cancel': {
      const { parent } = task.spec
      const from =
        event.by === 'parent' && parent !== undefined
          ? taskLine(parent.task, host)
          : event.by === 'schedule'
            ? scheduler
            : client
      return { ...own, from, label: 'cancel' }
    }
    case 'needFailed':
      return { ...own, from: taskLine(event.need, host), label: 'need failed' }
    case 'expire':
    case 'unblock':
    case 'forget':
      return { ...own, from: runner, label: event.type }
    case 'timeout':
      return { ...own, from: event.scope === 'deadline' ? runner : holder, label: `timeout (${event.scope})` }
    default:
      return { ...own, from: holder, label: event.type }
  }
}

const worker = (id: string, { redact }: ViewHost): Lifeline => ({
  id: `worker:${id}`,
  kind: 'worker',
  label: shown(id, redact, 60),
})

function taskLine(id: string, { recorded, redact }: ViewHost): Lifeline {
  const name = recorded.track(id)?.task.spec.name
  return { id: `task:${id}`, kind: 'task', label: name === undefined ? id : shown(name, redact, 60) }
}
