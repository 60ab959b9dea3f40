/** @module The public face: a runner of background work. */
import type { RunnerActor } from '../actors/live.ts'
import type { RunnerState } from '../actors/supervisor.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { OffstageError, show, ValidationError } from '../errors.ts'
import type { TaskStatus } from '../machines/task.ts'
import type { Store, TaskQuery, WorkerInfo } from '../store/store.ts'
import { checkOptions } from '../validate.ts'
import { checkSignal } from './abort-signal.ts'
import { type Agent, agentCall, agentName } from './agent.ts'
import { cancelAll, clearCompleted, untilIdle, waitAll } from './bulk.ts'
import { RunnerCore } from './core.ts'
import type { TaskFeedEvent } from './feed.ts'
import { findTask, listTasks } from './reading.ts'
import { type RunnerOptions, readRunnerOptions } from './runner-options.ts'
import { declareSchedules } from './schedule-declare.ts'
import { Schedules } from './schedules.ts'
import { onSignals } from './signals.ts'
import { type Stopping, type StopReport, stopRunner } from './stop.ts'
import { type ManyItem, Submitter } from './submitter.ts'
import type { BackgroundTask } from './task.ts'
import type { AnyRecipe, RecipeArgs, RecipeResult, SubmitFunction, SubmitOptions } from './types.ts'

/** What a runner is doing, in numbers. */
export interface RunnerStats {
  readonly state: RunnerState
  readonly pending: number
  readonly running: number
  readonly completed: number
  readonly failed: number
  readonly cancelled: number
  /** Slots that are taken now, and how many there are. */
  readonly busySlots: number
  readonly maxConcurrentTasks: number
}

/** Which tasks a bulk verb means. */
export interface BulkOptions {
  /** Also those that others submitted to the same store. @default false */
  readonly all?: boolean
}

export interface ListOptions extends TaskQuery {
  /** @default 100, at most 1,000 */
  readonly limit?: number
  /** The `cursor` of the page before. */
  readonly after?: string
}

/** A page of tasks in submit order. */
export interface TaskPage {
  readonly tasks: BackgroundTask<unknown>[]
  /** Hand it back as `after`; undefined on the last page. */
  readonly cursor: string | undefined
}

/** The parts of a runner, for what stands beside it: actor logic, the testing kit. */
export let coreOf: (runner: BackgroundRunner) => RunnerCore

const workOptions = new Set(['until', 'timeout'])
const stopOptions = new Set(['drain'])

/**
 * Runs work in the background: bounded, observable, cancellable.
 *
 * @example
 * ```ts
 * import { BackgroundRunner } from 'offstage'
 *
 * const runner = new BackgroundRunner({ maxConcurrentTasks: 3 })
 * const task = runner.submit(async ({ progress, sleep }) => {
 *   progress(0.5, 'half way')
 *   await sleep('5ms')
 *   return 'done'
 * }, { name: 'research', timeout: '60s' })
 * task.status // 'pending'
 * await task.wait() // 'done'
 * ```
 */
export class BackgroundRunner {
  readonly #core: RunnerCore
  readonly #submitter: Submitter
  /** The schedules of its store. */
  readonly schedules: Schedules
  #stopping: Stopping | undefined

  /** @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION, naming option, rule and value. */
  constructor(options: RunnerOptions = {}) {
    const settings = readRunnerOptions(options)
    let submitter: Submitter | undefined
    this.#core = new RunnerCore(settings, (core) => {
      submitter = new Submitter(core)
      return submitter
    })
    this.#submitter = submitter as unknown as Submitter
    this.schedules = new Schedules(this.#core, this.#submitter)
    this.#core.declare = () => declareSchedules(this.#core, this.schedules)
    if (settings.handleSignals) onSignals(() => this.stop())
  }

  /**
   * Submits a function and returns its task at once. The function gets its `args`, then the context.
   *
   * @throws {ValidationError} for options that cannot be; nothing is submitted then.
   * @throws {OffstageError} RUNNER_STOPPED, QUEUE_FULL, KEY_CONFLICT, ID_CONFLICT, UNKNOWN_DEPENDENCY, CYCLIC_DEPENDENCY.
   */
  readonly submit: SubmitFunction = ((work: unknown, options?: SubmitOptions<readonly unknown[], never>) =>
    this.#submitter.submit(work, options, undefined)) as SubmitFunction

  /**
   * Submits a recipe, by itself or by name. Resolves when the store has it.
   *
   * @throws {ValidationError} INVALID_INPUT, naming path, rule and value, before anything runs.
   * @throws {OffstageError} as `submit`, and UNKNOWN_RECIPE for a name that a runner with recipes does not know.
   */
  submitRecipe<P extends AnyRecipe>(
    recipe: P | string,
    ...rest: RecipeArgs<P>
  ): Promise<BackgroundTask<RecipeResult<P>>> {
    return this.#submitter.submitRecipe(recipe, rest[0], rest[1]) as Promise<BackgroundTask<RecipeResult<P>>>
  }

  /**
   * Submits many recipes at once. Every item is judged before the first is submitted.
   *
   * @returns The tasks, in the order of the items.
   * @throws {ValidationError} as `submitRecipe`; nothing is submitted then.
   * @throws {OffstageError} as `submitRecipe`, for what only the store knows, such as KEY_CONFLICT; the other items are
   * submitted all the same.
   */
  submitMany(items: readonly ManyItem[]): Promise<BackgroundTask<unknown>[]> {
    return this.#submitter.submitMany(items)
  }

  /**
   * Runs an agent: a function of the prompt, or an object with `start`, `chat`, `run`, `generate` or `invoke`.
   *
   * @throws {OffstageError} UNSUPPORTED_AGENT, listing what was looked for.
   */
  submitAgent(
    agent: Agent,
    prompt: string,
    options: Omit<SubmitOptions, 'args' | 'thread' | 'export'> = {},
  ): BackgroundTask<unknown> {
    const call = agentCall(agent)
    if (typeof prompt !== 'string') throw new ValidationError('prompt', 'text', prompt)
    return this.submit((ctx) => call(prompt, ctx), { name: agentName(agent), ...options }) as BackgroundTask<unknown>
  }

  /** Every task that this process knows, in submit order. */
  get tasks(): BackgroundTask<unknown>[] {
    return this.#known(() => true)
  }

  get runningTasks(): BackgroundTask<unknown>[] {
    return this.#known((status) => status === 'running')
  }

  get pendingTasks(): BackgroundTask<unknown>[] {
    return this.#known((status) => status === 'pending')
  }

  get stats(): RunnerStats {
    const { stores, supervisor, settings } = this.#core
    const counts = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 }
    for (const store of stores)
      for (const status of Object.keys(counts) as TaskStatus[]) counts[status] += store.counts[status]
    return { state: supervisor.state, ...counts, busySlots: supervisor.busy, maxConcurrentTasks: settings.slots }
  }

  /** Where its tasks are kept. Functions of a runner with a durable store are not: they are in its memory. */
  get store(): Store {
    return this.#core.store
  }

  /** The runner as an actor of XState. */
  get actor(): RunnerActor {
    return this.#core.supervisor.live.root
  }

  /** The task of that id; undefined if there is none, or if it belongs to another owner. */
  async get(id: string, { owner }: { owner?: string } = {}): Promise<BackgroundTask<unknown> | undefined> {
    return findTask(this.#core, id, owner)
  }

  /** A page of tasks. Functions of a runner with a store of its own come with the first page. */
  async list(options: ListOptions = {}): Promise<TaskPage> {
    checkOptions(options, new Set(['status', 'recipe', 'name', 'owner', 'tags', 'limit', 'after']), 'the list options')
    return listTasks(this.#core, options)
  }

  /**
   * Runs a task of a recipe once more: a new task with the same input, which names the one that it repeats.
   *
   * @throws {OffstageError} GONE when there is no such task; INVALID_OPTION when it has not ended, or was a function.
   */
  retry(id: string): Promise<BackgroundTask<unknown>> {
    return this.#submitter.retry(id)
  }

  /** Who works on the store of this runner and lives, in any process; none for a store that cannot tell. */
  async workers(): Promise<readonly WorkerInfo[]> {
    return (await this.#core.store.workers?.()) ?? []
  }

  /** Cancels the task of that id: true when it will end, or has ended, as cancelled. */
  async cancel(id: string, reason?: string): Promise<boolean> {
    return (await this.get(id))?.cancel(reason) ?? false
  }

  /** Answers what the task of that id asks for: true when its handler gets it. */
  async answer(id: string, value: unknown, options: { readonly ask?: number } = {}): Promise<boolean> {
    return (await this.get(id))?.answer(value, options) ?? false
  }

  /** Cancels every unfinished task of this runner. Resolves with how many accepted it. */
  async cancelAll({ all = false, reason }: BulkOptions & { readonly reason?: string } = {}): Promise<number> {
    return cancelAll(this.#core, all, reason)
  }

  /** Forgets the finished tasks of this runner. Resolves with how many. */
  async clearCompleted({ all = false }: BulkOptions = {}): Promise<number> {
    return clearCompleted(this.#core, all)
  }

  /**
   * Waits until every task that is unfinished now has ended. A timeout changes none of them.
   *
   * @returns Those tasks.
   * @throws {WaitTimeoutError}
   */
  async waitAll({
    timeout,
    all = false,
  }: BulkOptions & { readonly timeout?: Duration } = {}): Promise<BackgroundTask<unknown>[]> {
    return waitAll(this.#core, all, timeout === undefined ? undefined : parseDuration(timeout, 'timeout'))
  }

  /** Resolves when nothing is pending or running. */
  onIdle(): Promise<void> {
    return this.#core.onIdle()
  }

  /** What happens to all tasks from now on, until `signal` is aborted or the runner has stopped. */
  events({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterable<TaskFeedEvent> {
    checkSignal(signal)
    return this.#core.handles.allEvents(signal)
  }

  /** Starts and schedules nothing more until `resume()`; what runs goes on. */
  pause(): void {
    this.#core.refuseIfStopped()
    this.actor.send({ type: 'pause' })
  }

  resume(): void {
    this.#core.refuseIfStopped()
    this.actor.send({ type: 'resume' })
    this.#core.supervisor.pump()
    this.#core.scheduler.wake()
  }

  /** Begins to work. The first submit does it too; this is for processes that never submit. */
  start(): void {
    this.#core.refuseIfStopped()
    if (!this.#core.settings.work) throw new OffstageError('INVALID_OPTION', 'a runner with work: false never works')
    this.#core.start()
  }

  /**
   * Works until nothing is pending or running, or `timeout` has passed, then stops. For cron routes and scripts.
   * On a durable store, which others may use too: until nothing runs here, and nothing is left that could start here now.
   */
  async work(options: { readonly until: 'idle'; readonly timeout?: Duration }): Promise<StopReport> {
    checkOptions(options ?? null, workOptions, 'the work options')
    const { until, timeout } = options
    if (until !== 'idle') throw new ValidationError('until', "'idle'", until)
    const ms = timeout === undefined ? undefined : parseDuration(timeout, 'timeout')
    this.start()
    await untilIdle(this.#core, ms)
    return this.stop()
  }

  /**
   * Stops for good: takes no more work, lets running tasks end for `drain`, then asks them to stop and gives them their
   * grace. Pending tasks in memory are cancelled, durable ones stay for other workers. Always ends. A second call may
   * shorten the drain of the first.
   *
   * @returns What was left: tasks that were cancelled, and handlers that still run.
   */
  async stop(options: { readonly drain?: Duration } = {}): Promise<StopReport> {
    checkOptions(options, stopOptions, 'the stop options')
    const { drain = 0 } = options
    const ms = parseDuration(drain, 'drain', { min: 0 })
    if (this.#stopping === undefined) this.#stopping = stopRunner(this.#core, ms)
    else this.#stopping.hurry(ms)
    return this.#stopping.report
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop().then(() => {})
  }

  static {
    coreOf = (runner) => runner.#core
  }

  #known(wanted: (status: TaskStatus) => boolean): BackgroundTask<unknown>[] {
    const known = this.#core.knownTasks().filter(({ task }) => wanted(task.status))
    return known.map(({ store, task }) => this.#core.handle(store, task))
  }

  toString(): string {
    const { store, watchers } = this.#core
    return `BackgroundRunner(${show(store.name)}${watchers.lossOf(store) === undefined ? '' : ', which is lost'})`
  }
}
