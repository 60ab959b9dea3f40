/** @module Fires slots: makes the submits of those that are due, and records what became of the others. */
import type { Clock } from '../clock.ts'
import { OffstageError } from '../errors.ts'
import type { SubmitRecord } from '../machines/records.ts'
import type { Firing, ScheduleRecord, ScheduleSkipRecord } from '../machines/schedule-records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { Store } from '../store/store.ts'
import { jitterOf, type Plan } from './scheduler-plan.ts'
import type { Timers } from './timer.ts'

export interface FiringOptions {
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  /** Makes the submit of a firing; it throws for what cannot be submitted. */
  record(schedule: StoredSchedule, firing: Firing): Promise<SubmitRecord>
  /** Whether nothing is to be fired now. */
  isPaused(): boolean
  warn(message: string, cause?: unknown): void
}

/** What one schedule wants now. */
export interface Wanted {
  readonly schedule: StoredSchedule
  readonly plan: Plan
}

/** What became of it. */
export interface Fired {
  /** How many tasks were made. */
  readonly fired: number
  readonly skipped: number
  /** Those that others were ahead of. */
  readonly lost: readonly StoredSchedule[]
}

interface Due {
  readonly schedule: StoredSchedule
  readonly firing: Firing
  readonly record: SubmitRecord
}

interface Refused extends Pick<Due, 'schedule' | 'firing'> {
  readonly error: unknown
}

/** How long in ms the inputs of one batch are judged: schemas are the code of others. */
const longestJudging = 5_000
const nothing: Fired = { fired: 0, skipped: 0, lost: [] }

/** Fires one batch. What fails is told, and uses its slot up only where it would fail for ever. */
export async function fireAll(wanted: readonly Wanted[], options: FiringOptions): Promise<Fired> {
  if (options.isPaused()) return nothing
  const now = options.clock.now()
  const records: ScheduleRecord[] = []
  const firings: { readonly schedule: StoredSchedule; readonly firing: Firing }[] = []
  for (const { schedule, plan } of wanted) {
    const { uid, rev } = schedule
    const { fire, skip, isOver } = plan
    for (const { slot, missed } of fire)
      firings.push({ schedule, firing: { uid, rev, slot, ...(missed > 1 && { missed }) } })
    if (skip !== undefined) records.push({ type: 'scheduleSkip', uid, rev, at: now, reason: 'MISFIRE', ...skip })
    // one that fires now is over when that is recorded
    if (isOver && fire.length === 0 && skip === undefined) records.push({ type: 'scheduleExhaust', uid, rev, at: now })
  }
  const due = await judge(firings, records, options)
  // it may have been stopped meanwhile
  if (options.isPaused()) return nothing
  const { fired, lost } = await submit(due, records, options)
  const skipped = await append(records, options)
  return { fired, skipped, lost }
}

/** Makes the submits. A schedule whose input is refused loses its slot, and no other schedule waits for it. */
async function judge(
  firings: readonly Pick<Due, 'schedule' | 'firing'>[],
  records: ScheduleRecord[],
  options: FiringOptions,
): Promise<Due[]> {
  if (firings.length === 0) return []
  let giveUp = (): void => {}
  const tooLate = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(new OffstageError('TIMEOUT', `its input was judged for more than ${longestJudging} ms`))
  })
  tooLate.catch(() => {})
  const timer = options.timers.after(longestJudging, () => giveUp())
  const judged = await Promise.all(
    firings.map(async ({ schedule, firing }): Promise<Due | Refused> => {
      try {
        const record = await Promise.race([options.record(schedule, firing), tooLate])
        return { schedule, firing, record: putOff(record, schedule, firing) }
      } catch (error) {
        return { schedule, firing, error }
      }
    }),
  )
  options.timers.cancel(timer)
  const due: Due[] = []
  const begun = new Set<StoredSchedule>()
  const halted = new Set<StoredSchedule>()
  for (const each of judged) {
    const { schedule } = each
    // slots are used up in their order: those behind one that is refused come with the next look
    if (halted.has(schedule)) continue
    if ('record' in each) due.push(each)
    else {
      halted.add(schedule)
      if (!begun.has(schedule)) records.push(refused(each, each.error, options))
    }
    begun.add(schedule)
  }
  return due
}

function putOff(record: SubmitRecord, { uid, definition }: StoredSchedule, { slot = 0 }: Firing): SubmitRecord {
  const { jitter = 0 } = definition
  return jitter === 0 ? record : { ...record, delay: jitterOf(uid, slot, jitter) }
}

function refused(
  { schedule, firing }: Pick<Due, 'schedule' | 'firing'>,
  error: unknown,
  { clock, warn }: FiringOptions,
): ScheduleSkipRecord {
  warn(`the schedule ${schedule.name} (${schedule.uid}) could not make its task`, error)
  const { uid, rev, slot = 0, missed } = firing
  const reason = OffstageError.is(error) ? error.code : 'ERROR'
  return {
    type: 'scheduleSkip',
    uid,
    rev,
    at: clock.now(),
    slot,
    reason,
    ...(missed !== undefined && { missed }),
  }
}

async function submit(
  due: readonly Due[],
  records: ScheduleRecord[],
  options: FiringOptions,
): Promise<Pick<Fired, 'fired' | 'lost'>> {
  if (due.length === 0) return nothing
  try {
    const verdicts = await options.store.submit(due.map(({ record }) => record))
    const lost = due.filter((_, i) => verdicts[i]?.accepted === false && verdicts[i]?.schedule?.change === undefined)
    return {
      fired: verdicts.filter(({ accepted }) => accepted).length,
      lost: lost.map(({ schedule }) => schedule),
    }
  } catch (error) {
    const [only] = due
    if (!OffstageError.is(error, 'TOO_LARGE')) {
      tell('schedules could not make their tasks, and will try again', error, options)
    } else if (due.length === 1 && only !== undefined) {
      records.push(refused(only, error, options))
    } else {
      // one that no store takes keeps no other from firing
      const each = await Promise.all(due.map((one) => submit([one], records, options)))
      return { fired: each.reduce((sum, { fired }) => sum + fired, 0), lost: each.flatMap(({ lost }) => lost) }
    }
    return nothing
  }
}

/** @returns How many slots were skipped. */
async function append(records: readonly ScheduleRecord[], options: FiringOptions): Promise<number> {
  try {
    const verdicts = await Promise.all(records.map(async (record) => options.store.append(record)))
    return verdicts.filter(({ accepted }, i) => accepted && records[i]?.type === 'scheduleSkip').length
  } catch (error) {
    tell('slots could not be skipped, and will be again', error, options)
    return 0
  }
}

/** A store that is lost is told of by its runner. */
function tell(message: string, error: unknown, { warn }: FiringOptions): void {
  if (!OffstageError.is(error, 'STORE_LOST')) warn(message, error)
}
