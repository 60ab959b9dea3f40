/** @module One schedule of a store as a line of JSON, and back. */
import { isCount, isFields, isNumber, isNumberIfAny, isScheduleAdd, isText, isTextIfAny } from './read-record.ts'
import type { ScheduleContext } from './schedule.ts'
import type { ScheduleAddRecord } from './schedule-records.ts'
import { definitionOf, type FiringEntry, firingsKept, StoredSchedule, scheduleChart } from './schedule-state.ts'
import type { TaskStatus } from './task.ts'

type Fields = Readonly<Record<string, unknown>>
type Row = readonly [
  at: number,
  slot: number | null,
  task: string | null,
  reason: string | null,
  missed: number | null,
  status: TaskStatus | null,
]

/** A schedule as a line, with its members in one order. */
export function scheduleLineOf(schedule: StoredSchedule): string {
  const { uid, name, owner, source, createdAt, definition, snapshot, previous, history, ended } = schedule
  const { version, rev, lastSlot, fired } = snapshot.context
  return JSON.stringify({
    schedule: uid,
    leaf: snapshot.leaf.name,
    spec: { type: 'scheduleAdd', uid, at: createdAt, name, owner, source, ...definitionOf(definition) },
    context: { version, rev, lastSlot, fired },
    previous,
    history: history.length === 0 ? undefined : history.map(rowOf),
    ended,
  })
}

function rowOf({ at, slot, task, reason, missed, status }: FiringEntry): Row {
  return [at, slot ?? null, task ?? null, reason ?? null, missed ?? null, status ?? null]
}

/** The schedule that a line says; undefined when it says none. */
export function readSchedule(line: Fields): StoredSchedule | undefined {
  const { schedule: uid, leaf: name, spec, context, previous, history = [], ended } = line
  const leaf = scheduleChart.leaves.get(name as string)
  if (leaf === undefined || leaf.name === 'removed' || !isFields(spec) || spec.uid !== uid || !isScheduleAdd(spec))
    return undefined
  if (!isFields(context) || !isNumberIfAny(previous) || !Array.isArray(history) || history.length > firingsKept)
    return undefined
  const { version, rev, lastSlot, fired } = context
  if (!Number.isSafeInteger(version) || !isCount(rev) || !isNumber(lastSlot) || !Number.isSafeInteger(fired))
    return undefined
  if ((leaf.name === 'exhausted') !== (ended !== undefined) || (ended !== undefined && !isCount(ended)))
    return undefined
  const entries = history.map(readRow)
  if (entries.includes(undefined)) return undefined
  const { maxRuns, until } = spec as unknown as ScheduleAddRecord
  const whole = { version, rev, lastSlot, fired, maxRuns, until } as ScheduleContext
  const schedule = new StoredSchedule(spec as unknown as ScheduleAddRecord, scheduleChart.at(leaf.name as never, whole))
  schedule.previous = previous as number | undefined
  schedule.history = entries as FiringEntry[]
  schedule.ended = ended as number | undefined
  return schedule
}

const given = (value: unknown): unknown => (value === null ? undefined : value)
const statuses: ReadonlySet<unknown> = new Set([undefined, 'pending', 'running', 'completed', 'failed', 'cancelled'])

function readRow(row: unknown): FiringEntry | undefined {
  if (!Array.isArray(row)) return undefined
  const [at, slot, task, reason, missed, status] = row.map(given)
  if (!isNumber(at) || !isNumberIfAny(slot) || !isTextIfAny(task) || !isTextIfAny(reason)) return undefined
  if ((missed !== undefined && !isCount(missed)) || !statuses.has(status)) return undefined
  if (!isText(task) && !isText(reason)) return undefined
  return { at, slot, task, reason, missed, status } as FiringEntry
}
