/** @module An entry of a recording as the protocol tells it: JSON, without closures, and bounded. */
import type { ScheduleStatus } from '../../machines/schedule-state.ts'
import type { Happening, TaskHappening } from '../protocol.ts'
import type { Entry, ScheduleEntry } from './recorded.ts'

/** The longest value in an event, in characters of its JSON. */
const longestValue = 16_384

const shownOfLong = 200

/** An entry as the protocol tells it. */
export function happeningOf(entry: Entry): Happening {
  if (entry.kind === 'task') {
    const { change, n, at, to } = entry
    const { task, before, event } = change
    const from = before.leaf.name as TaskHappening['from']
    const version = to === undefined || event.type === 'forget' ? before.context.version : before.context.version + 1
    return { kind: 'task', n, at, task: task.id, event: plain(event), from, to, version }
  }
  if (entry.kind === 'schedule') return scheduleHappening(entry)
  if (entry.kind === 'void') return { ...entry, record: plain(entry.record) }
  if (entry.kind === 'worker') return { ...entry, event: 'expire' }
  return entry
}

function scheduleHappening({ n, at, change, shot }: ScheduleEntry): Happening {
  const { record, before, schedule } = change
  const firing = record.type === 'submit' ? record.schedule : undefined
  const slot = firing?.slot ?? ('slot' in record ? record.slot : undefined)
  const to: ScheduleStatus = shot.status
  return {
    kind: 'schedule',
    n,
    at,
    schedule: schedule.uid,
    name: schedule.name,
    event: record.type === 'submit' ? 'fire' : record.type,
    from: before,
    to,
    ...(slot !== undefined && { slot }),
    ...(record.type === 'submit' && { task: record.task }),
  }
}

/** Without what only this process can hold, and with large values cut. */
function plain<T extends object>(record: T): T {
  const copy: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(record)) {
    if (name === 'local') continue
    const json = typeof value === 'object' || typeof value === 'string' ? jsonOf(value) : undefined
    if (json !== undefined && json.length > longestValue)
      copy[name] = `${json.slice(0, shownOfLong)}… (${json.length.toLocaleString('en')} characters)`
    else if (json !== undefined || isPlain(value)) copy[name] = value
  }
  return copy as T
}

const isPlain = (value: unknown): boolean => ['number', 'boolean', 'undefined'].includes(typeof value)

function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
