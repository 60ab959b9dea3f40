/** @module The records of a task: what the journal holds, what the chart is sent, what the fold judges. */
import type { Failure } from '../errors.ts'
import type { RetrySpacing } from './retry.ts'
import type { Firing, ScheduleAddRecord, ScheduleRecord } from './schedule-records.ts'

/** A key that bounds how many tasks run at once over the whole store. */
export interface KeyLimit {
  readonly key: string
  readonly limit: number
}

/** What every task carries as data, so that the fold reads no option and no clock. Shared between tasks of equal options. */
export interface TaskLimits {
  /** Ms of one attempt; undefined = none. */
  readonly timeout: number | undefined
  /** Ms between the request to stop and `abandon`. */
  readonly grace: number
  readonly maxAttempts: number
  /** How many deaths of a worker a task survives. */
  readonly maxOrphans: number
}

/** Where a store keeps a value that is too large for a record. */
export interface BlobRef {
  /** Its name in the store. */
  readonly name: string
  /** SHA-256 of its JSON text, in hex. */
  readonly hash: string
  readonly bytes: number
}

/** Who made a task as a child, and under which claim. */
export interface ParentLink {
  readonly task: string
  readonly claim: string
}

/** The first record of a task. */
export interface SubmitRecord {
  readonly type: 'submit'
  readonly task: string
  readonly at: number
  readonly name: string
  readonly limits: TaskLimits
  readonly retry?: RetrySpacing
  readonly recipe?: string
  readonly input?: unknown
  /** Instead of an input that is too large. */
  readonly inputBlob?: BlobRef
  readonly config?: unknown
  readonly sessionId?: string
  readonly owner?: string
  readonly tags?: readonly string[]
  readonly metadata?: Readonly<Record<string, unknown>>
  /** Higher runs first. */
  readonly priority?: number
  /** Ms before the task may start, counted from here, or from the unblocking. */
  readonly delay?: number
  /** Epoch ms at which the whole task ends as TIMEOUT. */
  readonly deadline?: number
  readonly keys?: readonly KeyLimit[]
  readonly needs?: readonly string[]
  /** The names under which the handler gets the results, where it did not give an array. */
  readonly needNames?: readonly string[]
  readonly idempotencyKey?: string
  /** Canonical text of what was asked for: tells a repeated submit from a conflicting one. */
  readonly fingerprint?: string
  readonly parent?: ParentLink
  /** The task that a person asked to be run again. */
  readonly retryOf?: string
  readonly trace?: string
  /** Of a task that a schedule made. */
  readonly schedule?: Firing
  /** What only this process can hold: the closure of a task in memory. Never journaled; the fold does not look at it. */
  readonly local?: object
}

/** What a running task waits for. */
export type WaitFor =
  | { readonly kind: 'child'; readonly child: string }
  | { readonly kind: 'input'; readonly prompt?: string }

interface OfTask {
  readonly task: string
  readonly at: number
}
interface OfClaim extends OfTask {
  readonly claim: string
}

export interface StartRecord extends OfClaim {
  readonly type: 'start'
  readonly run: number
  readonly worker: string
}
export interface ProgressRecord extends OfClaim {
  readonly type: 'progress'
  readonly fraction: number
  readonly message?: string
}
export interface AskRecord extends OfClaim {
  readonly type: 'ask'
  /** The number of this ask within its claim, from 1. */
  readonly ask: number
  readonly wait: WaitFor
}
export interface AnswerRecord extends OfClaim {
  readonly type: 'answer'
  readonly ask: number
  readonly value?: unknown
}
export interface CompleteRecord extends OfClaim {
  readonly type: 'complete'
  readonly result?: unknown
  /** Instead of a result that is too large. */
  readonly resultBlob?: BlobRef
}
export interface FailRecord extends OfClaim {
  readonly type: 'fail'
  readonly error: Failure
  /** Epoch ms drawn by the worker; absent = no retry. */
  readonly retryAt?: number
}
export interface AttemptTimeoutRecord extends OfClaim {
  readonly type: 'timeout'
  readonly scope: 'attempt'
  readonly retryAt?: number
}
export interface DeadlineRecord extends OfTask {
  readonly type: 'timeout'
  readonly scope: 'deadline'
}
export interface CancelRecord extends OfTask {
  readonly type: 'cancel'
  readonly reason?: string
  readonly by?: string
}
/** Records that carry nothing but their claim. */
export interface ClaimRecord extends OfClaim {
  readonly type: 'shutdown' | 'ended' | 'abandon' | 'release' | 'freed'
}
export interface ForgetRecord extends OfTask {
  readonly type: 'forget'
}
/** Ends every claim of a worker that died. */
export interface ExpireRecord {
  readonly type: 'expire'
  readonly worker: string
  readonly at: number
}

/** A record about a task that exists already. */
export type TaskRecord =
  | StartRecord
  | ProgressRecord
  | AskRecord
  | AnswerRecord
  | CompleteRecord
  | FailRecord
  | AttemptTimeoutRecord
  | DeadlineRecord
  | CancelRecord
  | ClaimRecord
  | ForgetRecord

/** Everything that may stand in a journal. */
export type StoreRecord = SubmitRecord | TaskRecord | ExpireRecord | ScheduleAddRecord | ScheduleRecord

/** What the fold derives; never journaled, but sent through the chart like any record. */
export type DerivedEvent =
  | { readonly type: 'unblock'; readonly at: number }
  | {
      readonly type: 'needFailed'
      readonly at: number
      readonly need: string
      readonly status: 'failed' | 'cancelled' | 'gone'
    }

/** Everything that the task chart understands. */
export type TaskEvent = SubmitRecord | Exclude<TaskRecord, ForgetRecord> | ExpireRecord | DerivedEvent

/** The names of the records, in the order of the lifecycle table. */
export const recordTypes = [
  'submit',
  'unblock',
  'needFailed',
  'start',
  'progress',
  'ask',
  'answer',
  'complete',
  'fail',
  'ended',
  'release',
  'shutdown',
  'timeout',
  'cancel',
  'abandon',
  'expire',
  'freed',
  'forget',
] as const
