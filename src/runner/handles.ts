/** @module What handles ask of their runner: waiting, cancelling, listening, explaining. */
import type { TaskActor } from '../actors/live.ts'
import type { Supervisor } from '../actors/supervisor.ts'
import type { Timers } from '../actors/timer.ts'
import { show } from '../errors.ts'
import { type Reason, sentence } from '../machines/explain.ts'
import { type StoredTask, taskChart } from '../machines/store-state.ts'
import type { Store, StoreChange } from '../store/store.ts'
import { type Explanation, type LocalReason, localSentence } from './explain.ts'
import { feedBound, Mailbox, readCursor, TaskFeed, type TaskFeedEvent } from './feed.ts'
import { Local } from './local.ts'
import { outcomeOf } from './outcome.ts'
import type { RecipeBook } from './recipe.ts'
import type { Settings } from './runner-options.ts'
import { BackgroundTask, type EventsOptions, type TaskHost } from './task.ts'
import type { CommonSubmitOptions, Recipe } from './types.ts'
import type { Watchers } from './watchers.ts'

/** What handles need of a runner's parts. */
export interface HandlesHost {
  readonly settings: Settings
  readonly timers: Timers
  readonly supervisor: Supervisor
  readonly watchers: Watchers
  readonly recipes: RecipeBook
  readonly stopping: boolean
  readonly working: boolean
  waits(): () => void
  warn(message: string, cause?: unknown): void
}

export class Handles implements TaskHost {
  readonly #host: HandlesHost

  constructor(host: HandlesHost) {
    this.#host = host
  }

  whenSettled(task: StoredTask): { settled: Promise<void>; stop(): void } {
    const done = this.#host.waits()
    let unwatch = (): void => {}
    const settled = new Promise<void>((resolve) => {
      unwatch = this.#host.watchers.onSettled(task, resolve)
    })
    const stop = (): void => {
      unwatch()
      done()
    }
    return { settled, stop }
  }

  after(ms: number, fn: () => void): () => void {
    const timer = this.#host.timers.after(ms, fn)
    return () => this.#host.timers.cancel(timer)
  }

  async cancel(task: StoredTask, store: Store, reason: string | undefined, by?: string): Promise<boolean> {
    const record = { type: 'cancel' as const, task: task.id, at: this.#host.settings.clock.now() }
    const verdict = await store.append({
      ...record,
      ...(reason !== undefined && { reason }),
      ...(by !== undefined && { by }),
    })
    return verdict.accepted || task.state === 'cancelled' || task.state === 'running.stopping.cancel'
  }

  async explain(task: StoredTask, store: Store): Promise<Explanation> {
    const now = this.#host.settings.clock.now()
    const reason = await store.explain(task.id, now)
    const own: LocalReason | undefined =
      reason === undefined ? { code: 'GONE' } : reason.code === 'QUEUED' ? this.#heldBack(task) : undefined
    if (own !== undefined) return { ...own, sentence: localSentence(own) }
    return { ...(reason as Reason), sentence: sentence(reason as Reason) }
  }

  #heldBack(task: StoredTask): LocalReason | undefined {
    const { supervisor, settings, recipes } = this.#host
    const { recipe } = task.spec
    if (this.#host.stopping) return { code: 'STOPPED' }
    if (!this.#host.working) return { code: 'NO_WORKER', recipe }
    if (recipe !== undefined && !recipes.has(recipe)) return { code: 'UNKNOWN_RECIPE', recipe, known: recipes.names }
    if (supervisor.state === 'paused') return { code: 'PAUSED' }
    if (supervisor.busy >= settings.slots) {
      const holders = [...supervisor.attempts.values()].filter(({ slot }) => slot).map((each) => each.task.id)
      return { code: 'SLOTS_FULL', slots: settings.slots, holders }
    }
    const until = supervisor.gate.heldUntil(task)
    return until === undefined
      ? undefined
      : { code: 'RATE_LIMITED', recipe: recipe as string, inMs: until - settings.clock.monotonic() }
  }

  async *events(task: StoredTask, store: Store, options: EventsOptions): AsyncGenerator<TaskFeedEvent> {
    const after = options.after === undefined ? undefined : readCursor(options.after)
    const feed = new TaskFeed(task, after)
    const mailbox = new Mailbox<TaskFeedEvent>(feedBound)
    const done = this.#host.waits()
    let caughtUp = false
    const early: StoreChange[] = []
    const hear = (change: StoreChange): void => {
      if (!caughtUp) return void early.push(change)
      const event = feed.change(change)
      if (event !== undefined) mailbox.push(event)
      if (task.settled) mailbox.end()
    }
    const unwatch = this.#host.watchers.watch(task, hear)
    const abort = (): void => mailbox.end()
    options.signal?.addEventListener('abort', abort, { once: true })
    try {
      // what happens while the store is asked is heard all the same
      const entries = await store.stream(task.id)
      yield* feed.catchUp(entries, after !== undefined)
      caughtUp = true
      for (const change of early.splice(0)) hear(change)
      if (task.settled || options.signal?.aborted) mailbox.end()
      for (;;) {
        const { items, lost, ended } = await mailbox.take()
        yield* items
        if (lost) yield feed.snapshot()
        if (ended) return
      }
    } finally {
      unwatch()
      done()
      options.signal?.removeEventListener('abort', abort)
    }
  }

  /** Everything that happens to any task from now on; a reader too slow for it misses the oldest. */
  async *allEvents(signal: AbortSignal | undefined): AsyncGenerator<TaskFeedEvent> {
    const mailbox = new Mailbox<TaskFeedEvent>(feedBound)
    const unwatch = this.#host.watchers.watchAll((change) => {
      const version = change.task.snapshot.context.version
      const event = new TaskFeed(change.task, { version: version - 1, entry: 0 }).change(change)
      if (event !== undefined) mailbox.push(event)
    })
    const abort = (): void => mailbox.end()
    signal?.addEventListener('abort', abort, { once: true })
    try {
      for (let ended = signal?.aborted ?? false; !ended; ) {
        const taken = await mailbox.take()
        yield* taken.items
        ended = taken.ended
      }
    } finally {
      unwatch()
      signal?.removeEventListener('abort', abort)
    }
  }

  actorOf(task: StoredTask): TaskActor {
    return this.#host.supervisor.live.spawn(task.id, taskChart.at(task.state, task.snapshot.context))
  }

  observed({ spec }: StoredTask): void {
    if (spec.local instanceof Local) spec.local.observed = true
  }

  /** Wires the callbacks and the signal of a submit. */
  attach<T>(handle: BackgroundTask<T>, task: StoredTask, store: Store, options: CommonSubmitOptions): void {
    const { onProgress, onComplete, signal } = options
    const { watchers } = this.#host
    if (onProgress !== undefined) {
      const unwatch = watchers.watch(task, (change) => {
        if (task.settled) return unwatch()
        if (!('event' in change) || change.event.type !== 'progress') return
        const { fraction, message } = change.event
        this.#call('onProgress', task, () => onProgress({ fraction, message }, handle))
      })
    }
    if (onComplete !== undefined) {
      this.observed(task)
      const tell = (): void => queueMicrotask(() => this.#call('onComplete', task, () => onComplete(handle)))
      if (task.settled) tell()
      else watchers.onSettled(task, tell)
    }
    if (signal === undefined || task.settled) return
    const abort = (): void => {
      const { reason } = signal as { reason: unknown }
      const why = reason instanceof Error ? reason.message : String(reason)
      void this.cancel(task, store, why.slice(0, 200), 'signal').catch((error) =>
        this.#host.warn('a cancel failed', error),
      )
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    watchers.onSettled(task, () => signal.removeEventListener('abort', abort))
  }

  /** Calls the `onSettled` of a recipe in the worker that ended the task. */
  tellRecipe(recipe: Recipe, task: StoredTask, store: Store): void {
    if (!this.#host.supervisor.attempts.has(task.id) && task.snapshot.context.run > 0) return
    const outcome = outcomeOf<unknown>(task)
    if (outcome === undefined) return
    const handle = new BackgroundTask<unknown>(this, store, task)
    queueMicrotask(() =>
      this.#call('onSettled', task, () => recipe.onSettled?.(outcome, { input: task.spec.input, task: handle })),
    )
  }

  /** User code may throw at once or later; neither harms anything. */
  #call(what: string, task: StoredTask, fn: () => unknown): void {
    const failed = (error: unknown): void =>
      this.#host.warn(`${what} of ${show(task.spec.name)} (${task.id}) threw`, error)
    try {
      const answer = fn()
      if (answer instanceof Promise) answer.catch(failed)
    } catch (error) {
      failed(error)
    }
  }
}
