/** @module The handle of a task. */
import type { Attempt } from '../actors/attempt.ts'
import type { TaskActor } from '../actors/live.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { type Failure, TaskCancelledError, TaskFailedError, toFailure, WaitTimeoutError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { TaskStatus as Status, TaskState } from '../machines/task.ts'
import type { Store } from '../store/store.ts'
import { checkInteger, checkOptions, checkText } from '../validate.ts'
import { checkSignal } from './abort-signal.ts'
import type { Explanation } from './explain.ts'
import type { TaskFeedEvent } from './feed.ts'
import { attemptOf, type OpenInput, openInputs, type TaskInfo, taskInfo } from './info.ts'
import { outcomeOf, resultOf, type SettledOutcome } from './outcome.ts'
import { type SettledWatch, untilSettled, type WaitHost } from './waiting.ts'

/**
 * The five statuses, by name.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, TaskStatus } from 'offstage'
 *
 * const task = new BackgroundRunner().submit(() => 42)
 * if (task.status === TaskStatus.COMPLETED) task.result
 * await task.wait()
 * ```
 */
export const TaskStatus = Object.freeze({
  PENDING: 'pending',
  RUNNING: 'running',
  COMPLETED: 'completed',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
} as const)
export type TaskStatus = Status

/** How long to wait, and what ends the waiting. Neither changes the task. */
export interface WaitOptions {
  /** `@default` for ever */
  readonly timeout?: Duration
  /** Aborting it rejects the wait with the signal's reason. */
  readonly signal?: AbortSignal
}

/** Where to begin listening. */
export interface EventsOptions {
  /** The cursor of the last event that was seen. `@default` begin with a snapshot */
  readonly after?: string
  /** Ends the stream. */
  readonly signal?: AbortSignal
}

/** What a handle needs of its runner. */
export interface TaskHost extends WaitHost {
  /** Waits until the task has settled, and that is durable; undefined when it is so already. */
  whenSettled(task: StoredTask, store: Store): SettledWatch | undefined
  cancel(task: StoredTask, store: Store, reason: string | undefined): Promise<boolean>
  answer(task: StoredTask, store: Store, value: unknown, ask: number | undefined): Promise<boolean>
  explain(task: StoredTask, store: Store): Promise<Explanation>
  events(task: StoredTask, store: Store, options: EventsOptions): AsyncIterable<TaskFeedEvent>
  actorOf(task: StoredTask): TaskActor
  /** Somebody has looked at how the task ended. */
  observed(task: StoredTask): void
}

/** What else is known when a handle is made. */
export interface HandleExtras {
  /** The submit was answered by a task that was there already. */
  readonly deduplicated?: boolean
  /** The attempt that submitted it as a child: waiting goes through it. */
  readonly through?: Attempt
}

const waitOptions = new Set(['timeout', 'signal'])
const eventsOptions = new Set(['after', 'signal'])
const answerOptions = new Set(['ask'])
const readTimeout = (timeout: Duration | undefined): number | undefined =>
  timeout === undefined ? undefined : parseDuration(timeout, 'timeout', { min: 0 })
const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at))

/**
 * A task: its fields are the latest that this process has seen, and change by themselves.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 *
 * const runner = new BackgroundRunner()
 * const task = runner.submit(async ({ progress }) => { progress(0.5, 'half'); return 'done' }, { name: 'work' })
 * await task.wait({ timeout: '10s' }) // 'done'
 * ```
 */
export class BackgroundTask<T = unknown> {
  /** True when the submit was answered by a task that was there already. */
  readonly deduplicated: boolean
  readonly #stored: StoredTask
  readonly #store: Store
  readonly #host: TaskHost
  readonly #through: Attempt | undefined

  /** @internal Handles come from `submit`, `get` and `list`. */
  constructor(host: TaskHost, store: Store, stored: StoredTask, extras: HandleExtras = {}) {
    this.#host = host
    this.#store = store
    this.#stored = stored
    this.#through = extras.through
    this.deduplicated = extras.deduplicated ?? false
  }

  get id(): string {
    return this.#stored.id
  }

  get name(): string {
    return this.#stored.spec.name
  }

  /** `'pending'`, `'running'`, `'completed'`, `'failed'` or `'cancelled'`. */
  get status(): Status {
    if (this.#stored.settled) this.#host.observed(this.#stored)
    return this.#stored.status
  }

  /** The state within the chart, dotted: `'pending.delayed'`, `'running.executing'`. */
  get state(): TaskState {
    return this.#stored.state
  }

  /** The result of a completed task. */
  get result(): T | undefined {
    const { outcome } = this.#stored.snapshot.context
    return outcome?.status === 'completed' ? (resultOf(outcome) as T) : undefined
  }

  /** Why it failed; undefined unless it did. */
  get error(): Failure | undefined {
    const { outcome } = this.#stored.snapshot.context
    if (outcome !== undefined) this.#host.observed(this.#stored)
    return outcome?.status === 'failed' ? outcome.error : undefined
  }

  /** How it ended, or undefined while it goes on. */
  get outcome(): SettledOutcome<T> | undefined {
    this.#host.observed(this.#stored)
    return outcomeOf(this.#stored)
  }

  /** From 0 to 1, as the handler last reported. */
  get progress(): number {
    return this.#stored.snapshot.context.progress?.fraction ?? 0
  }

  /** What the handler last said with its progress. */
  get message(): string | undefined {
    return this.#stored.snapshot.context.progress?.message
  }

  /** The attempt that runs or comes next; of a task that has ended, the last one. From 1. */
  get attempt(): number {
    return attemptOf(this.#stored)
  }

  get metadata(): Readonly<Record<string, unknown>> {
    return this.#stored.spec.metadata ?? {}
  }

  get tags(): readonly string[] {
    return this.#stored.spec.tags ?? []
  }

  get owner(): string | undefined {
    return this.#stored.spec.owner
  }

  /** The task that submitted it, if a handler did. */
  get parentId(): string | undefined {
    return this.#stored.spec.parent?.task
  }

  get createdAt(): Date {
    return new Date(this.#stored.spec.at)
  }

  /** When its latest attempt began. */
  get startedAt(): Date | undefined {
    return date(this.#stored.snapshot.context.startedAt)
  }

  /** When it ended. */
  get completedAt(): Date | undefined {
    return date(this.#stored.snapshot.context.endedAt)
  }

  /** Ms from the beginning of its latest attempt to its end; undefined before that. */
  get durationMs(): number | undefined {
    const { startedAt, endedAt } = this.#stored.snapshot.context
    return startedAt === undefined || endedAt === undefined ? undefined : endedAt - startedAt
  }

  get isRunning(): boolean {
    return this.#stored.status === 'running'
  }

  /** It has ended, in whatever way. */
  get isSettled(): boolean {
    return this.#stored.settled
  }

  /** The name that `isSettled` has elsewhere. */
  get isCompleted(): boolean {
    return this.#stored.settled
  }

  /** It has completed. */
  get isSuccessful(): boolean {
    return this.#stored.state === 'completed'
  }

  /** The task as an actor of XState: subscribe to it, inspect it, wait for it. */
  get actor(): TaskActor {
    return this.#host.actorOf(this.#stored)
  }

  /**
   * Waits for the result. Whatever happens to the waiter, the task goes on.
   *
   * @throws {TaskFailedError} with the failure's code; `cause` is what the handler threw.
   * @throws {TaskCancelledError} when the task was cancelled.
   * @throws {WaitTimeoutError} when `timeout` passed first.
   */
  async wait(options: WaitOptions = {}): Promise<T> {
    const outcome = await this.settled(options)
    if (outcome === undefined)
      throw new WaitTimeoutError(`task ${this.name} (${this.id})`, readTimeout(options.timeout) ?? 0, this.id)
    if (outcome.ok) return outcome.result
    if (outcome.status === 'cancelled') throw new TaskCancelledError(this.id, this.name, outcome.reason, outcome.by)
    throw new TaskFailedError(this.id, this.name, outcome.error, this.#thrown(outcome.error))
  }

  /**
   * Waits for the end, whatever it is, without throwing for it.
   *
   * @returns The outcome, or undefined when `timeout` passed first.
   */
  async settled(options: WaitOptions = {}): Promise<SettledOutcome<T> | undefined> {
    checkOptions(options, waitOptions, 'the wait options')
    const timeout = readTimeout(options.timeout)
    const { signal } = options
    checkSignal(signal)
    this.#host.observed(this.#stored)
    const watch = this.#host.whenSettled(this.#stored, this.#store)
    if (watch === undefined) return outcomeOf(this.#stored)
    const parent = this.#stored.settled || this.#through?.over ? undefined : this.#through
    const ended = await untilSettled(watch, this.#host, { timeout, signal, through: () => parent?.waitFor(this.id) })
    return ended ? outcomeOf(this.#stored) : undefined
  }

  /** The very thing that was thrown, if this failure came of it: a timeout or a lost worker may have followed. */
  #thrown({ code, message }: Failure): unknown {
    const { thrown } = (this.#stored.spec.local ?? {}) as { thrown?: unknown }
    const kept = toFailure(thrown)
    return kept.code === code && kept.message === message ? thrown : undefined
  }

  /**
   * Cancels the task: at once if it is pending; otherwise its signal is aborted, and it has its grace period to end.
   *
   * @returns True when it will end, or has ended, as cancelled; false when it had ended in another way.
   */
  async cancel(reason?: string): Promise<boolean> {
    if (reason !== undefined) checkText(reason, 'reason')
    return this.#host.cancel(this.#stored, this.#store, reason)
  }

  /** What it asks for and has not been given, oldest first. */
  get asks(): readonly OpenInput[] {
    return openInputs(this.#stored)
  }

  /**
   * Answers what the handler asks for with `ctx.ask`.
   *
   * @param value What JSON can carry.
   * @param options `ask`: which of its open asks. @default the oldest
   * @returns True when the handler gets it; false when nothing is asked, or somebody else was first.
   * @throws {ValidationError} for a value that JSON cannot carry.
   */
  async answer(value: unknown, options: { readonly ask?: number } = {}): Promise<boolean> {
    checkOptions(options, answerOptions, 'the answer options')
    if (options.ask !== undefined) checkInteger(options.ask, 'ask', 1, Number.MAX_SAFE_INTEGER)
    return this.#host.answer(this.#stored, this.#store, value, options.ask)
  }

  /**
   * What happens to the task, as it happens: a `snapshot` first, then `state`, `progress`, `log` and `output`, until it
   * has settled. Each event has a `cursor` from which a later call goes on; of progress, it then tells the latest only.
   */
  events(options: EventsOptions = {}): AsyncIterable<TaskFeedEvent> {
    checkOptions(options, eventsOptions, 'the events options')
    checkSignal(options.signal)
    this.#host.observed(this.#stored)
    return this.#host.events(this.#stored, this.#store, options)
  }

  /** Reads the store once more. In one process the fields are always the latest. */
  async refresh(): Promise<this> {
    await this.#store.get(this.id)
    return this
  }

  /** Why the task is where it is, in one sentence and as data. */
  explain(): Promise<Explanation> {
    return this.#host.explain(this.#stored, this.#store)
  }

  toJSON(): TaskInfo {
    return taskInfo(this.#stored)
  }
}
