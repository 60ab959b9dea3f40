/** @module The parts of a runner, put together. The public face is `runner.ts`. */
import { Janitor } from '../actors/janitor.ts'
import { shielded } from '../actors/live.ts'
import { Scheduler } from '../actors/scheduler.ts'
import { Supervisor } from '../actors/supervisor.ts'
import { Telemetry } from '../actors/telemetry.ts'
import { Timers } from '../actors/timer.ts'
import { activeTracer } from '../actors/tracer.ts'
import type { Work } from '../actors/work.ts'
import { OffstageError, show } from '../errors.ts'
import type { Change, Verdict } from '../machines/fold-store.ts'
import type { SubmitRecord } from '../machines/records.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Store, StoreChange } from '../store/store.ts'
import type { ContextHost } from './context.ts'
import { firingRecord } from './firing.ts'
import { Handles } from './handles.ts'
import { Jobs } from './jobs.ts'
import { Local } from './local.ts'
import { inputOf } from './outcome.ts'
import { RecipeBook } from './recipe.ts'
import { refusal } from './refusal.ts'
import { spacedBy } from './retry-options.ts'
import type { Settings } from './runner-options.ts'
import { scheduleSlots } from './schedule-slots.ts'
import { BackgroundTask, type HandleExtras } from './task.ts'
import { Watchers } from './watchers.ts'

/** How long in ms until a clock that was set is noticed by those who fire schedules. */
const tickEvery = 30_000
/** How many failures that nobody has looked at are remembered. */
const mostUnobserved = 100

export class RunnerCore implements Work {
  readonly settings: Settings
  /** Where functions are kept, and where recipes are: the same, unless the given store is another one. */
  readonly local: MemoryStore
  readonly store: Store
  readonly stores: readonly Store[]
  readonly timers: Timers
  readonly watchers = new Watchers()
  readonly telemetry = new Telemetry(activeTracer)
  readonly recipes: RecipeBook
  readonly jobs: Jobs
  readonly supervisor: Supervisor
  readonly handles: Handles
  readonly scheduler: Scheduler
  /** Ids of tasks that were submitted here, where others may submit to the same store. */
  readonly #own = new Set<string>()
  readonly #janitors: ReadonlyMap<Store, Janitor>
  readonly #idle: (() => void)[] = []
  #unobserved: StoredTask[] = []
  readonly #rest = (): void => {
    if (!this.#isIdle) return
    for (const resolve of this.#idle.splice(0)) resolve()
    if (this.#unobserved.length > 0) setImmediate(() => this.warnUnobserved())
  }
  #working = false
  #closed = false
  #waiting = 0
  #held = false
  stopping = false
  /** Makes the schedules what is declared. Never rejects. */
  declare = (): Promise<void> => Promise.resolve()

  constructor(settings: Settings, host: (core: RunnerCore) => ContextHost) {
    const { store, clock, random, slots, inspect } = settings
    this.settings = settings
    this.local = store instanceof MemoryStore ? store : new MemoryStore()
    this.store = store ?? this.local
    this.stores = this.store === this.local ? [this.local] : [this.store, this.local]
    this.timers = new Timers(clock, (error) => this.warn('a timer failed', error))
    this.recipes = new RecipeBook(settings.recipes, settings.retry)
    const context = host(this)
    this.jobs = new Jobs(context, this.recipes, slots)
    const warn = (message: string, cause: unknown): void => this.warn(message, cause)
    const janitor = (each: Store): Janitor => {
      const keep = { for: each.durable ? settings.retention : settings.cleanupDelay, atMost: settings.keepFinished }
      return new Janitor(each, keep, clock, this.timers, warn)
    }
    this.#janitors = new Map(settings.autoCleanup ? this.stores.map((each) => [each, janitor(each)]) : [])
    this.supervisor = new Supervisor({
      stores: this.stores,
      work: this,
      clock,
      random,
      timers: this.timers,
      slots,
      inspect: inspect && shielded(inspect, warn),
      telemetry: this.telemetry,
    })
    this.handles = new Handles(this)
    this.scheduler = new Scheduler({
      store: this.store,
      clock,
      timers: this.timers,
      slots: scheduleSlots,
      tickEvery,
      record: async (schedule, firing) => {
        this.refuseIfFull(this.store, 1)
        return firingRecord(context, schedule, firing)
      },
      ...(inspect !== undefined && { moved: (event) => this.supervisor.live.tellScheduler(event) }),
      isPaused: () => this.stopping || this.supervisor.state !== 'active',
      warn: (message, cause) => this.warn(message, cause),
    })
  }

  lost(store: Store, error: OffstageError): void {
    if (this.watchers.lossOf(store) !== undefined) return
    const what = `${store.name} is lost: nothing more is recorded there`
    this.warn(what, error)
    const loss = OffstageError.is(error, 'STORE_LOST') ? error : new OffstageError('STORE_LOST', what, { cause: error })
    this.watchers.lose(store, loss)
    this.moved()
  }

  /** @throws {OffstageError} STORE_LOST */
  refuseIfLost(store: Store): void {
    const loss = this.watchers.lossOf(store)
    if (loss !== undefined) throw loss
  }

  /** @throws {OffstageError} RUNNER_STOPPED */
  refuseIfStopped(): void {
    if (this.stopping) throw new OffstageError('RUNNER_STOPPED', 'the runner was stopped and takes no more work')
  }

  /** Begins to run tasks; the first submit does it too. */
  start(): void {
    if (this.#working || !this.settings.work) return
    this.#working = true
    this.supervisor.start()
    if (!this.settings.schedules) return
    if (this.settings.declared.length === 0) return this.scheduler.start()
    // first what is declared, then what is due
    void this.declare().finally(() => {
      if (!this.stopping) this.scheduler.start()
    })
  }

  get working(): boolean {
    return this.#working
  }

  handle<T>(store: Store, task: StoredTask, extras?: HandleExtras): BackgroundTask<T> {
    return new BackgroundTask<T>(this.handles, store, task, extras)
  }

  /** Makes a handle of what a submit came to, or throws what stood against it. */
  admitted<T>(store: Store, record: SubmitRecord, verdict: Verdict, extras?: HandleExtras): BackgroundTask<T> {
    const { task } = verdict
    if (verdict.accepted && task !== undefined) {
      if (this.settings.store !== undefined) this.#own.add(task.id)
      return this.handle(store, task, extras)
    }
    if (verdict.reason === 'DEDUP' && task !== undefined)
      return this.handle(store, task, { ...extras, deduplicated: true })
    throw refusal(record, verdict)
  }

  /** @throws {OffstageError} QUEUE_FULL */
  refuseIfFull(store: Store, more: number): void {
    const { pending } = store.counts
    const { maxPending } = this.settings
    if (pending + more <= maxPending) return
    throw new OffstageError('QUEUE_FULL', `at most ${maxPending} tasks may be pending (maxPending), and ${pending} are`)
  }

  isOwn(task: StoredTask): boolean {
    return this.settings.store === undefined || this.#own.has(task.id)
  }

  knownTasks(): { store: Store; task: StoredTask }[] {
    return this.stores.flatMap((store) => Array.from(store.known(), (task) => ({ store, task })))
  }

  // Work

  knows(recipe: string | undefined): boolean {
    return this.#working && (recipe === undefined || this.recipes.has(recipe))
  }

  jobOf(task: StoredTask): ReturnType<Jobs['jobOf']> {
    return this.jobs.jobOf(task)
  }

  retryOf({ spec }: StoredTask): Settings['retry'] {
    if (spec.local instanceof Local) return spec.local.retry
    const usual = (spec.recipe === undefined ? undefined : this.recipes.get(spec.recipe)?.retry) ?? this.settings.retry
    return spacedBy(spec.retry, usual)
  }

  recipeNames(): readonly string[] {
    return this.recipes.names
  }

  inputOf(task: StoredTask): unknown {
    return inputOf(task)
  }

  rateOf(recipe: string): ReturnType<Work['rateOf']> {
    return this.recipes.get(recipe)?.rate
  }

  changed(change: StoreChange, store: Store): void {
    this.watchers.tell(change)
    if ('event' in change) {
      const { task, event } = change
      if (event.type === 'forget') this.#own.delete(task.id)
      else if (task.settled && change.before.leaf.status !== 'done') this.#settled(change, store)
    }
    this.moved()
  }

  moved(): void {
    const busy = this.supervisor.attempts.size > 0
    const { pending } = this.local.counts
    this.#hold(busy || pending > 0 || this.#waiting > 0)
    if (this.#idle.length === 0 && this.#unobserved.length === 0) return
    // a callback that hears of an end may submit more at once
    if (this.#isIdle) queueMicrotask(this.#rest)
  }

  /** Zombies do not count: their tasks have ended, and they may never do. */
  get #isIdle(): boolean {
    return this.stores.every((store) => this.watchers.lossOf(store) !== undefined || isEmpty(store))
  }

  /** The process stays alive while an attempt runs, a task in memory pends, or somebody waits; otherwise never. */
  #hold(alive: boolean): void {
    if (alive === this.#held) return
    this.#held = alive
    if (alive) this.timers.hold()
    else this.timers.release()
  }

  /** Somebody begins to wait; the answer ends that. */
  waits(): () => void {
    this.#waiting += 1
    this.moved()
    let over = false
    return () => {
      if (over) return
      over = true
      this.#waiting -= 1
      this.moved()
    }
  }

  onIdle(): Promise<void> {
    if (this.#closed) return Promise.resolve()
    const idle = new Promise<void>((resolve) => this.#idle.push(resolve))
    this.moved()
    return idle
  }

  #settled({ task, event, before }: Change, store: Store): void {
    this.#janitors.get(store)?.settled()
    const known = task.spec.recipe === undefined ? undefined : this.recipes.get(task.spec.recipe)
    if (known?.recipe.onSettled !== undefined) {
      const { worker } = before.context
      // who ran it tells; where nobody does, or can any more, everybody tells
      const mine = worker === undefined || this.supervisor.isMine(worker) || event.type === 'expire'
      if (mine) this.handles.tellRecipe(known.recipe, task, store)
    }
    const { local } = task.spec
    if (task.state !== 'failed' || !(local instanceof Local) || local.observed) return
    if (this.#unobserved.length < mostUnobserved) this.#unobserved.push(task)
  }

  /** Tells of failures that nobody has asked about by now. */
  warnUnobserved(): void {
    for (const { spec, snapshot } of this.#unobserved.splice(0)) {
      if ((spec.local as Local).observed) continue
      const { outcome } = snapshot.context
      const why = outcome?.status === 'failed' ? outcome.error.message : ''
      this.warn(
        `${show(spec.name)} (${spec.task}) failed, and nobody has asked for its outcome: ${why}`,
        (spec.local as Local).thrown,
      )
    }
  }

  warn(message: string, cause?: unknown): void {
    const { logger } = this.settings
    try {
      if (logger !== undefined) return logger.warn(cause === undefined ? {} : { err: cause }, message)
    } catch {
      // a broken logger takes no task down, and what it was told is not lost
    }
    process.emitWarning(cause === undefined ? message : `${message}: ${show(cause)}`, 'OffstageWarning')
  }

  close(): void {
    this.#closed = true
    for (const resolve of this.#idle.splice(0)) resolve()
    for (const janitor of this.#janitors.values()) janitor.close()
    this.scheduler.stop()
    this.supervisor.close()
    this.timers.close()
    this.watchers.close(() => this.#listen())
  }

  /** Handles that wait after the stop hear of other runners on the same store. */
  #listen(): () => void {
    const undo = this.stores.flatMap((store) => [
      store.subscribe((change) => this.watchers.tell(change)),
      store.onLost?.((error) => this.lost(store, error)),
    ])
    return () => {
      for (const each of undo) each?.()
    }
  }
}

const isEmpty = ({ counts }: Store): boolean => counts.pending + counts.running === 0
