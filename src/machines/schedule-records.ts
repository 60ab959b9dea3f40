/** @module The records of schedules: what the journal holds of them, and what a firing says. Times are epoch ms. */
import type { RetrySpacing } from './retry.ts'

/** What is done about slots that passed while nobody looked: the newest one fires, none, or all of them. */
export type Misfire = 'once' | 'skip' | 'all'
/** What is done about a slot while a task of the schedule has not ended. */
export type Overlap = 'skip' | 'queue' | 'cancel-previous'

/** What a firing makes: a task of a recipe, or one that hands a message to whoever listens. */
export interface ScheduleTarget {
  readonly recipe?: string
  readonly input?: unknown
  readonly message?: string
  readonly config?: unknown
  readonly sessionId?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly priority?: number
  /** Ms of one attempt; null = none. */
  readonly timeout?: number | null
  /** Ms from the firing to the end of the whole task. */
  readonly deadline?: number
  readonly attempts?: number
  readonly retry?: RetrySpacing
  readonly concurrencyKey?: { readonly key: string; readonly limit: number }
}

/** What a schedule says, and what an update may change. */
export interface ScheduleDefinition {
  /** When it fires: plain JSON that the fold does not look into. */
  readonly when: Readonly<Record<string, unknown>>
  readonly target: ScheduleTarget
  readonly misfire: Misfire
  readonly overlap: Overlap
  /** Ms by which a firing is put off at most. */
  readonly jitter?: number
  /** How many tasks it makes. */
  readonly maxRuns?: number
  /** No slot behind it fires. */
  readonly until?: number
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** The first record of a schedule. */
export interface ScheduleAddRecord extends ScheduleDefinition {
  readonly type: 'scheduleAdd'
  /** Drawn anew for each: a name that is added again never meets the slots of the one before. */
  readonly uid: string
  readonly at: number
  readonly name: string
  readonly owner?: string
  /** The config that declares it. */
  readonly source?: string
  /** Added without firing. */
  readonly paused?: boolean
}

interface OfSchedule {
  readonly uid: string
  /** Under which it was meant: every command raises it. */
  readonly rev: number
  readonly at: number
}
/** The whole definition, for parts of it would need a way to take something away. */
export interface ScheduleUpdateRecord extends OfSchedule, ScheduleDefinition {
  readonly type: 'scheduleUpdate'
}
export interface ScheduleCommandRecord extends OfSchedule {
  readonly type: 'schedulePause' | 'scheduleResume' | 'scheduleRemove' | 'scheduleExhaust'
}
/** A slot that is used up without a task. */
export interface ScheduleSkipRecord extends OfSchedule {
  readonly type: 'scheduleSkip'
  readonly slot: number
  readonly reason: string
  /** How many slots, this one included. */
  readonly missed?: number
}

/** A record about a schedule that exists already. */
export type ScheduleRecord = ScheduleUpdateRecord | ScheduleCommandRecord | ScheduleSkipRecord

/** Why a submit was made: a slot has come, or somebody wanted it now. */
export interface Firing {
  readonly uid: string
  readonly rev: number
  /** The nominal time; undefined for a firing by hand. */
  readonly slot?: number
  /** How many slots this one stands for, where others were missed. */
  readonly missed?: number
  /** The fold fills in the rest. */
  readonly name?: string
  /** The slot of the task before. */
  readonly previous?: number
}
