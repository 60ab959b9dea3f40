/** @module A schedule as the fold keeps it. */
import { compile } from './compile.ts'
import { type ScheduleContext, scheduleMachine } from './schedule.ts'
import type { ScheduleAddRecord, ScheduleDefinition } from './schedule-records.ts'
import type { ChartSnapshot } from './snapshot.ts'
import type { TaskStatus } from './task.ts'

/** The compiled schedule chart: the one that decides everywhere. */
export const scheduleChart = compile(scheduleMachine)
export type ScheduleSnapshot = ChartSnapshot<ScheduleContext>

/** What a schedule does now. */
export type ScheduleStatus = 'active' | 'paused' | 'exhausted' | 'removed'

/** One slot that was used up, or one firing by hand. */
export interface FiringEntry {
  readonly at: number
  /** Undefined for a firing by hand. */
  readonly slot: number | undefined
  /** The task that was made. */
  readonly task: string | undefined
  /** Why none was. */
  readonly reason: string | undefined
  /** How many slots it stands for, where there were several. */
  readonly missed: number | undefined
  /** How the task ended. */
  status: TaskStatus | undefined
}

/** How many of them are kept, at most. */
export const firingsKept = 50
/** How many of them are kept of all schedules together, and of one at least. */
const allFiringsKept = 500_000
const fewestFirings = 5

/** How many are kept of one schedule among so many. */
export const historyKept = (schedules: number): number =>
  Math.max(fewestFirings, Math.min(firingsKept, Math.floor(allFiringsKept / schedules)))
/** How many schedules that are over are kept. */
export const exhaustedKept = 1_000

const statuses: Readonly<Record<string, ScheduleStatus>> = {
  'live.active': 'active',
  'live.paused': 'paused',
  exhausted: 'exhausted',
  removed: 'removed',
}

/** The object stays the same through the life of the schedule; what is in it is replaced. */
export class StoredSchedule {
  readonly uid: string
  readonly name: string
  readonly owner: string | undefined
  readonly source: string | undefined
  readonly createdAt: number
  definition: ScheduleDefinition
  snapshot: ScheduleSnapshot
  /** The newest {@link firingsKept}, the newest last. */
  history: FiringEntry[] = []
  /** The slot of the newest task that a slot made. */
  previous: number | undefined = undefined
  /** Its tasks that have not ended, in submit order. */
  readonly open = new Set<string>()
  /** Its place among those that are over. */
  ended: number | undefined = undefined

  constructor(record: ScheduleAddRecord, snapshot: ScheduleSnapshot) {
    this.uid = record.uid
    this.name = record.name
    this.owner = record.owner
    this.source = record.source
    this.createdAt = record.at
    this.definition = definitionOf(record)
    this.snapshot = snapshot
  }

  get status(): ScheduleStatus {
    return statuses[this.snapshot.leaf.name] as ScheduleStatus
  }

  /** Raised by every command. */
  get rev(): number {
    return this.snapshot.context.rev
  }

  /** The newest slot that was used up; none fires at or before it. */
  get lastSlot(): number {
    return this.snapshot.context.lastSlot
  }
}

/** The part of a record that an update replaces, with its members in one order. */
export function definitionOf(from: ScheduleDefinition): ScheduleDefinition {
  const { when, target, misfire, overlap, jitter, maxRuns, until, metadata } = from
  return {
    when,
    target,
    misfire,
    overlap,
    ...(jitter !== undefined && { jitter }),
    ...(maxRuns !== undefined && { maxRuns }),
    ...(until !== undefined && { until }),
    ...(metadata !== undefined && { metadata }),
  }
}

/** The name under which a schedule is the only one. */
export const scheduleName = (name: string, owner: string | undefined): string => JSON.stringify([owner ?? null, name])
