/**
 * @module The contract of a store: where tasks live between submit and retention.
 *
 * A store may be memory, a folder, or a server. It decides by the fold, so it must not assume that one process sees
 * every record; it may answer at once or by a promise, and the runner waits only for a promise.
 */
import type { OffstageError } from '../errors.ts'
import type { Reason } from '../machines/explain.ts'
import type { ScheduleChange } from '../machines/fold-schedules.ts'
import type { Change, Verdict } from '../machines/fold-store.ts'
import type { StoreRecord, SubmitRecord } from '../machines/records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { StoredTask, StoreState } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'

/** An answer, now or later. */
export type Awaitable<T> = T | PromiseLike<T>

/** What a worker asks for when it has slots to fill. */
export interface ClaimRequest {
  readonly worker: string
  /** Epoch ms: delayed tasks due by then may be claimed. */
  readonly at: number
  /** How many tasks the worker has room for, at least one. */
  readonly slots: number
  /** A fresh claim id. */
  claim(): string
  /** The recipes that the worker knows, for people who wonder who could run a task. */
  readonly recipes?: readonly string[]
  /** Whether the worker takes tasks of this recipe now; undefined stands for tasks without one. */
  takes(recipe: string | undefined): boolean
  /** Whether the worker takes this very task now. */
  fits(task: StoredTask): boolean
  /** Told of each task just before its claim is tried, won or not: the start counts for rate limits. */
  picked?(task: StoredTask): void
}

/** What is known of a worker. Times are epoch ms. */
export interface WorkerInfo {
  readonly id: string
  readonly pid: number
  readonly host: string
  readonly startedAt: number
  /** When its heart beat last. */
  readonly beatAt: number
  /** When its event loop turned last, as far as its heart knew. */
  readonly loopAt: number
  /** The recipes that it knows. */
  readonly recipes: readonly string[]
}

/** A task that was won: its `start` record was accepted. */
export interface Claimed {
  readonly task: StoredTask
  readonly claim: string
}

/** A line of a log or a piece of streamed output: kept beside the task, bounded, not folded. */
export type StreamEntry = LogEntry | OutputEntry
interface StreamPlace {
  readonly at: number
  /** The task's version when it was written. */
  readonly version: number
  /** Its number among the task's entries, from 1. */
  readonly n: number
}
export interface LogEntry extends StreamPlace {
  readonly type: 'log'
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly data?: unknown
}
export interface OutputEntry extends StreamPlace {
  readonly type: 'output'
  readonly chunk: string
}
type Placed = 'version' | 'n'
export type NewStreamEntry = Omit<LogEntry, Placed> | Omit<OutputEntry, Placed>

/** Which tasks are meant. Several fields narrow it together. */
export interface TaskQuery {
  readonly status?: TaskStatus | readonly TaskStatus[]
  readonly recipe?: string
  readonly name?: string
  readonly owner?: string
  /** Only tasks that carry all of these. */
  readonly tags?: readonly string[]
}

export interface ListRequest extends TaskQuery {
  /** @default 100, at most 1,000 */
  readonly limit?: number
  /** The `cursor` of the page before. */
  readonly after?: string
}

export interface ListPage {
  /** In submit order. */
  readonly tasks: readonly StoredTask[]
  /** Where to go on; undefined on the last page. */
  readonly cursor: string | undefined
}

export interface ForgetRequest extends TaskQuery {
  readonly at: number
  /** Only tasks that ended at this time or before, in epoch ms. */
  readonly endedBy?: number
  /** Spare the newest this many. @default 0 */
  readonly keep?: number
  /** A last word on each. */
  accepts?(task: StoredTask): boolean
}

export interface ForgetAnswer {
  readonly forgotten: number
  /** Finished tasks that had to stay: an unfinished task needs them, or their work still runs. */
  readonly kept: readonly string[]
  /** When the oldest finished task that is left ended, in epoch ms. */
  readonly oldest: number | undefined
}

/** What subscribers hear: a task moved, or a line was written. */
export type StoreChange = Change | { readonly task: StoredTask; readonly entry: StreamEntry }

/** What is recorded one by one: everything but submits. */
export type OneRecord = Exclude<StoreRecord, SubmitRecord>

/** Where a record stands in a journal. */
export interface HistoryPlace {
  readonly segment: number
  /** Counted from 1, the damaged ones too. */
  readonly line: number
}

/** One step of the history of a store. */
export type HistoryStep =
  /** The fold of everything before; it is changed in place with every step. `complete`: nothing was before. */
  | { readonly type: 'base'; readonly state: StoreState; readonly complete: boolean }
  /** A record, and what the fold made of it: those that did not count, too. */
  | { readonly type: 'record'; readonly record: StoreRecord; readonly verdict: Verdict; readonly where: HistoryPlace }
  /** Lines that could not be read. */
  | { readonly type: 'damage'; readonly lines: number; readonly where: HistoryPlace }
  /** All that is there was told. */
  | { readonly type: 'level' }

export interface HistoryOptions {
  /** Whether it goes on with what is appended. @default false */
  readonly follow?: boolean
  /** Ends it. */
  readonly signal?: AbortSignal
}

/** How many tasks this process knows in each status. */
export type Counts = Readonly<Record<TaskStatus, number>>

/**
 * A store. Each guarantee is one sentence, and one test of the contract suite that `offstage/testing` publishes.
 */
export interface Store {
  /** What it is, for messages: `'memory'`, `'file ./.offstage'`. */
  readonly name: string
  /** Whether tasks outlive the process. */
  readonly durable: boolean
  /** Admits tasks; durable when it resolves; idempotent by id; all verdicts in order, each on its own. */
  submit(records: readonly SubmitRecord[]): Awaitable<readonly Verdict[]>
  /**
   * Claims the next tasks in order that the worker takes, `slots` of them at most, and one at least if there is one;
   * at most one holder each, fenced. A worker that was declared dead is refused: it throws, or rejects, with FENCED.
   */
  claim(request: ClaimRequest): Awaitable<readonly Claimed[]>
  /** Records what happened; what is not legal any more is refused with its reason and changes nothing. */
  append(record: OneRecord): Awaitable<Verdict>
  /** Ends what is overdue, and answers when, in epoch ms, time alone changes something next. */
  tick(at: number): Awaitable<number | undefined>
  /** Keeps a log line or output, the newest 1,000 of a task; never waits, and says nothing of unknown tasks. */
  write(task: string, entry: NewStreamEntry): void
  /** One task, or undefined. */
  get(id: string): Awaitable<StoredTask | undefined>
  /** A page of tasks in submit order. */
  list(request: ListRequest): Awaitable<ListPage>
  /** The kept log lines and output of a task after entry number `after`. */
  stream(id: string, after?: number): Awaitable<readonly StreamEntry[]>
  /** Why the task is where it is, as far as the store can tell. */
  explain(id: string, at: number): Awaitable<Reason | undefined>
  /** Forgets finished tasks; never one that is unfinished, needed, or whose work still runs. */
  forget(request: ForgetRequest): Awaitable<ForgetAnswer>
  /** Tells of every change from now on, in order, over all processes; a listener that throws harms nobody. */
  subscribe(listener: (change: StoreChange) => void): () => void
  /** The schedules in the order in which they were added, of one owner if it is given. */
  schedules(owner?: string): Awaitable<readonly StoredSchedule[]>
  /** One schedule by its id, or undefined. */
  schedule(uid: string): Awaitable<StoredSchedule | undefined>
  /** The schedule that has the name among those of the owner, or undefined. */
  scheduleNamed(name: string, owner?: string): Awaitable<StoredSchedule | undefined>
  /** Tells of every change of a schedule from now on, in order; undefined stands for any number of changes. */
  onSchedules(listener: (change: ScheduleChange | undefined) => void): () => void
  /** Resolves when all that was told so far is as durable as the store makes it; rejects when it never will be. */
  sync(): Awaitable<void>
  /**
   * What was recorded, as far back as it is kept, over all processes: a base first, then every record in the one order,
   * folded apart from the store's own state. A new base is told where others have taken away what comes next.
   */
  history?(options?: HistoryOptions): AsyncIterable<HistoryStep>
  /** The worker has ended in good order and claims nothing any more. */
  leave?(worker: string): Awaitable<void>
  /** Who works on the tasks and lives, in any process. Without it nobody can tell. */
  workers?(): Awaitable<readonly WorkerInfo[]>
  /** Calls the listener once if the store is lost: nothing can be recorded any more, and nobody knows what was. */
  onLost?(listener: (error: OffstageError) => void): () => void
  /** The tasks that this process has folded, in submit order. */
  known(): Iterable<StoredTask>
  /** How many of them are in each status. */
  readonly counts: Counts
  /** Lets go of files and connections. */
  close(): Awaitable<void>
}

/** The limits of a list page. */
export const defaultPage = 100
export const largestPage = 1_000
/** How many log lines and pieces of output are kept of a task. */
export const streamKept = 1_000
