/**
 * @module The fold of schedules: which firing counts, and what it makes of its schedule. A slot is used up by the record that
 * fires or skips it, in the one order that all readers share; so it fires once, whoever fires it.
 */
import { scheduleKey } from './keys.ts'
import type { KeyLimit, SubmitRecord } from './records.ts'
import type { ScheduleEvent } from './schedule.ts'
import type { Firing, ScheduleAddRecord, ScheduleRecord } from './schedule-records.ts'
import {
  definitionOf,
  exhaustedKept,
  type FiringEntry,
  historyKept,
  type ScheduleSnapshot,
  type ScheduleStatus,
  StoredSchedule,
  scheduleChart,
  scheduleName,
} from './schedule-state.ts'
import type { StoredTask, StoreState } from './store-state.ts'

/** A schedule was added, moved, or used up a slot. `before` is undefined for one that was added. */
export interface ScheduleChange {
  readonly schedule: StoredSchedule
  readonly record: SubmitRecord | ScheduleAddRecord | ScheduleRecord
  readonly before: ScheduleStatus | undefined
}

/** Why a record about a schedule did not count. */
export type ScheduleVoid = 'GONE' | 'UNKNOWN_SCHEDULE' | 'SCHEDULE' | 'DUPLICATE_SCHEDULE' | 'OVERLAP'

/** What became of a record about a schedule. */
export interface ScheduleVerdict {
  readonly reason: ScheduleVoid | undefined
  readonly detail: string | undefined
  /** The schedule that it is about, or the one that has the name already. */
  readonly schedule: StoredSchedule | undefined
  readonly change: ScheduleChange | undefined
}

const refuse = (reason: ScheduleVoid, schedule?: StoredSchedule, detail?: string): ScheduleVerdict => ({
  reason,
  detail,
  schedule,
  change: undefined,
})

/** Folds a record that is about a schedule alone. */
export function foldSchedule(state: StoreState, record: ScheduleAddRecord | ScheduleRecord): ScheduleVerdict {
  if (record.type === 'scheduleAdd') return add(state, record)
  const schedule = state.schedules.get(record.uid)
  if (schedule === undefined) return refuse('UNKNOWN_SCHEDULE')
  const before = schedule.status
  if (record.type === 'scheduleRemove' && before === 'exhausted' && record.rev === schedule.rev) {
    // its life is over: there is only what is kept of it
    drop(state, schedule)
    return { reason: undefined, detail: undefined, schedule, change: { schedule, record, before } }
  }
  if (!apply(state, schedule, eventOf(schedule, record)))
    return refuse('SCHEDULE', schedule, whyNot(schedule, record.rev))
  if (record.type === 'scheduleUpdate') schedule.definition = definitionOf(record)
  else if (record.type === 'scheduleSkip')
    note(state, schedule, { at: record.at, slot: record.slot, reason: record.reason, missed: record.missed })
  else if (record.type === 'scheduleRemove') drop(state, schedule)
  return { reason: undefined, detail: undefined, schedule, change: { schedule, record, before } }
}

function add(state: StoreState, record: ScheduleAddRecord): ScheduleVerdict {
  const { uid, at, maxRuns, until } = record
  if (state.forgotten.has(scheduleKey + uid)) return refuse('GONE')
  if (state.schedules.has(uid)) return refuse('DUPLICATE_SCHEDULE', state.schedules.get(uid))
  const name = scheduleName(record.name, record.owner)
  const named = state.schedules.get(state.scheduleNames.get(name) ?? '')
  if (named !== undefined && named.status !== 'exhausted') return refuse('DUPLICATE_SCHEDULE', named)
  // one that is over keeps its history until its name is given again
  if (named !== undefined) drop(state, named)
  const { initial } = scheduleChart
  const context = { ...initial.context, maxRuns, until, lastSlot: at }
  const leaf = record.paused === true ? 'live.paused' : 'live.active'
  const schedule = new StoredSchedule(record, scheduleChart.at(leaf, context))
  state.schedules.set(uid, schedule)
  state.scheduleNames.set(name, uid)
  const change: ScheduleChange = { schedule, record, before: undefined }
  return { reason: undefined, detail: undefined, schedule, change }
}

function eventOf({ definition }: StoredSchedule, record: ScheduleRecord): ScheduleEvent {
  const { rev, at } = record
  switch (record.type) {
    case 'schedulePause':
      return { type: 'pause', rev, at }
    case 'scheduleResume':
      return { type: 'resume', rev, at }
    case 'scheduleRemove':
      return { type: 'remove', rev, at }
    case 'scheduleExhaust':
      return { type: 'exhaust', rev, at }
    case 'scheduleSkip':
      return { type: 'skip', rev, at, slot: record.slot }
    default: {
      const { maxRuns, until } = record
      const isMoved = JSON.stringify(record.when) !== JSON.stringify(definition.when)
      return { type: 'update', rev, at, maxRuns, until, isMoved }
    }
  }
}

/** Sends an event through the chart. False when it refused. */
function apply(state: StoreState, schedule: StoredSchedule, event: ScheduleEvent): boolean {
  const before: ScheduleSnapshot = schedule.snapshot
  const after = scheduleChart.next(before, event)
  if (after === before) return false
  schedule.snapshot = after
  if (schedule.status === 'exhausted') end(state, schedule)
  return true
}

function whyNot({ status, rev, lastSlot }: StoredSchedule, meant: number): string {
  if (status !== 'active') return `it is ${status}`
  return rev === meant ? `its newest slot is ${lastSlot}` : 'it was changed meanwhile'
}

/** Those that are over are kept for a while, for their history. */
function end(state: StoreState, schedule: StoredSchedule): void {
  state.lastEnded += 1
  schedule.ended = state.lastEnded
  state.exhausted.add(schedule.uid)
  if (state.exhausted.size <= exhaustedKept) return
  const [oldest = ''] = state.exhausted
  const over = state.schedules.get(oldest)
  if (over !== undefined) drop(state, over)
}

function drop(state: StoreState, { uid, name, owner }: StoredSchedule): void {
  state.schedules.delete(uid)
  state.exhausted.delete(uid)
  state.forgotten.add(scheduleKey + uid)
  const full = scheduleName(name, owner)
  if (state.scheduleNames.get(full) === uid) state.scheduleNames.delete(full)
}

function note(
  state: StoreState,
  schedule: StoredSchedule,
  entry: Partial<FiringEntry> & { readonly at: number },
): void {
  const { at, slot, task, reason, missed, status } = entry
  schedule.history.push({ at, slot, task, reason, missed: missed === 1 ? undefined : missed, status })
  const most = historyKept(state.schedules.size)
  while (schedule.history.length > most) schedule.history.shift()
}

/** A firing that may make a task, or why it may not. */
export type FiringPlan =
  | {
      readonly schedule: StoredSchedule
      /** The task as it is to be submitted. */
      readonly spec: SubmitRecord
      /** The tasks that are to be cancelled for it. */
      readonly cancels: readonly StoredTask[]
      readonly refused: undefined
    }
  | { readonly refused: ScheduleVerdict; readonly task: StoredTask | undefined }

/** Whether a firing has made its task already, and is delivered once more. */
export function hasFired(state: StoreState, { task, schedule }: SubmitRecord): boolean {
  const made = state.tasks.get(task)?.spec.schedule
  return made !== undefined && made.uid === schedule?.uid && made.slot === schedule.slot
}

/** Judges a firing before its task is. */
export function planFiring(state: StoreState, record: SubmitRecord, firing: Firing): FiringPlan {
  const schedule = state.schedules.get(firing.uid)
  if (schedule === undefined) return { refused: refuse('UNKNOWN_SCHEDULE'), task: undefined }
  const event = eventOfFiring(firing, record.at)
  if (!schedule.snapshot.can(event)) {
    return { refused: refuse('SCHEDULE', schedule, whyNot(schedule, firing.rev)), task: undefined }
  }
  const { overlap } = schedule.definition
  // those that queue may be many
  const open = overlap === 'queue' ? [] : openTasks(state, schedule)
  if (overlap === 'skip' && open.length > 0) {
    const change = useUp(state, schedule, record, firing, 'OVERLAP')
    return { refused: { ...refuse('OVERLAP', schedule, open[0]?.id), change }, task: open[0] }
  }
  const { context } = schedule.snapshot
  const { previous } = schedule
  const full: Firing = {
    uid: firing.uid,
    rev: context.rev,
    ...(firing.slot !== undefined && { slot: firing.slot }),
    ...(firing.missed !== undefined && { missed: firing.missed }),
    name: schedule.name,
    ...(previous !== undefined && { previous }),
  }
  const own: KeyLimit = { key: scheduleKey + schedule.uid, limit: 1 }
  const keys = overlap === 'skip' ? record.keys : [...(record.keys ?? []), own]
  const spec: SubmitRecord = { ...record, ...(keys !== undefined && { keys }), schedule: full }
  return { schedule, spec, cancels: overlap === 'cancel-previous' ? open : [], refused: undefined }
}

const openTasks = (state: StoreState, { open }: StoredSchedule): StoredTask[] =>
  Array.from(open, (id) => state.tasks.get(id)).filter((task) => task !== undefined)

const eventOfFiring = ({ slot, rev }: Firing, at: number): ScheduleEvent =>
  slot === undefined ? { type: 'trigger', rev, at } : { type: 'fire', rev, at, slot }

/** The task of a firing was made. */
export function fired(
  state: StoreState,
  schedule: StoredSchedule,
  record: SubmitRecord,
  task: StoredTask,
): ScheduleChange {
  const before = schedule.status
  const firing = record.schedule as Firing
  apply(state, schedule, eventOfFiring(firing, record.at))
  schedule.previous = firing.slot ?? schedule.previous
  note(state, schedule, { at: record.at, slot: firing.slot, task: task.id, missed: firing.missed })
  // its need may have failed before
  if (task.settled) endedTask(state, task)
  else schedule.open.add(task.id)
  return { schedule, record, before }
}

/** A firing that makes no task uses up its slot nevertheless: otherwise it would come again and again. */
export function useUp(
  state: StoreState,
  schedule: StoredSchedule,
  record: SubmitRecord,
  { slot, rev, missed }: Firing,
  reason: string,
): ScheduleChange | undefined {
  if (slot === undefined) return undefined
  const before = schedule.status
  apply(state, schedule, { type: 'skip', rev, at: record.at, slot })
  note(state, schedule, { at: record.at, slot, reason, missed })
  return { schedule, record, before }
}

/** A task of a schedule has ended. */
export function endedTask(state: StoreState, task: StoredTask): void {
  const schedule = state.schedules.get(task.spec.schedule?.uid ?? '')
  if (schedule === undefined) return
  schedule.open.delete(task.id)
  const entry = schedule.history.findLast((each) => each.task === task.id)
  if (entry !== undefined) entry.status = task.status
}
