/** @module What users write about schedules, and what they are told. */
import type { Duration } from '../duration.ts'
import type { Misfire, Overlap } from '../machines/schedule-records.ts'
import type { ScheduleStatus } from '../machines/schedule-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import type { AnyRecipe, SubmitRecipeOptions } from './types.ts'

/** The recipe of the tasks that hand a message to whoever listens: a `ScheduleLoop`, or a `ScheduleRunner`. */
export const messageRecipe = 'offstage.message'

/** What of a submit a schedule may say about the tasks that it makes. */
export type ScheduledSubmit = Pick<
  SubmitRecipeOptions,
  'timeout' | 'priority' | 'retry' | 'tags' | 'concurrencyKey' | 'config' | 'sessionId' | 'metadata'
> & {
  /** How long the whole task may take, from its firing on. */
  readonly deadline?: Duration
}

/** A schedule to be added. */
export interface ScheduleOptions {
  /** Its name: the only one of its owner's schedules. */
  readonly name: string
  /** When it fires: `'every 5 minutes'`, `'every day at 9am'`, `'0 9 * * 1-5'`, `'in 20 minutes'`; a number is seconds. */
  readonly when: string | number
  /** The IANA time zone that `when` means. `@default` OFFSTAGE_TZ, else `'UTC'` */
  readonly tz?: string
  /** The recipe that it submits; either this or `message`. */
  readonly recipe?: AnyRecipe | string
  /** The input of the recipe. */
  readonly input?: unknown
  /** A text for the `onTrigger` of a `ScheduleLoop`. */
  readonly message?: string
  /** What is done about slots that passed while no scheduler ran. @default 'once' */
  readonly misfire?: Misfire
  /** What is done about a slot while a task of the schedule has not ended. @default 'skip' */
  readonly overlap?: Overlap
  /** By how much each firing is put off at most, to spread load. @default 0 */
  readonly jitter?: Duration
  /** How many tasks it makes; then it is exhausted. `@default` no limit */
  readonly maxRuns?: number
  /** No slot after this moment fires. `@default` never */
  readonly until?: Date | string
  /** Fires once: `maxRuns: 1`. @default false */
  readonly once?: boolean
  /** False adds it paused. @default true */
  readonly enabled?: boolean
  /** Whose it is: others neither see nor change it, and may use its name. */
  readonly owner?: string
  /** Kept with it, and handed to `onTrigger`. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Options of the tasks that it makes. */
  readonly submit?: ScheduledSubmit
}

/** What an update may change. What is left out stays as it is. */
export type ScheduleChanges = Partial<Omit<ScheduleOptions, 'name' | 'owner' | 'enabled'>>

/** Whose schedule is meant: without it those that have no owner, or any by its id. */
export interface ScheduleOwner {
  readonly owner?: string
}

/** Which schedules are meant. */
export interface ScheduleFilter extends ScheduleOwner {
  readonly status?: ScheduleStatus
}

/** A slot that was used up, or a firing by hand. Times are ISO 8601. */
export interface ScheduleFiring {
  /** The slot; undefined for a firing by hand. */
  readonly scheduledAt?: string
  readonly at: string
  /** The id of the task that was made. */
  readonly task?: string
  /** How the task stands, or ended; `'skipped'` where none was made. */
  readonly status: TaskStatus | 'skipped'
  /** Why none was made: `OVERLAP`, `MISFIRE`, or the code of what the submit was refused for. */
  readonly reason?: string
  /** How many slots it stands for, where several were missed. */
  readonly missed?: number
}

/** A firing to come. */
export interface PreviewEntry {
  readonly schedule: string
  readonly id: string
  readonly at: Date
  /** How many others fire in the same minute. */
  readonly clash: number
  /** What is special about it: a clock that is changed. */
  readonly note?: string
}

/** What one pass has done. */
export interface TickReport {
  /** How many tasks were made, and slots skipped. */
  readonly fired: number
  readonly skipped: number
  /** When something fires next. */
  readonly next?: Date
}

/** What a reconciliation has changed, by name. */
export interface SyncReport {
  readonly added: readonly string[]
  readonly updated: readonly string[]
  readonly unchanged: readonly string[]
  readonly removed: readonly string[]
}
