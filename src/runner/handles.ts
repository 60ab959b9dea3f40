/** @module What handles ask of their runner: waiting, cancelling, listening, explaining. */

import { isPromise, whenDone } from '../actors/awaitable.ts'
import type { TaskActor } from '../actors/live.ts'
import { onAbort } from '../actors/on-abort.ts'
import type { Supervisor } from '../actors/supervisor.ts'
import type { Timers } from '../actors/timer.ts'
import { OffstageError, show } from '../errors.ts'
import { jsonCopy } from '../json.ts'
import { type StoredTask, taskChart } from '../machines/store-state.ts'
import type { Store, StoreChange } from '../store/store.ts'
import { longestText } from '../validate.ts'
import type { Explanation } from './explain.ts'
import { explainHere } from './explain-here.ts'
import { placeBefore, readCursor, TaskFeed, type TaskFeedEvent } from './feed.ts'
import { openInputs } from './info.ts'
import { Local } from './local.ts'
import { endable, feedBound, Mailbox } from './mailbox.ts'
import { inputOf, outcomeOf } from './outcome.ts'
import type { RecipeBook } from './recipe.ts'
import type { Settings } from './runner-options.ts'
import { BackgroundTask, type EventsOptions, type TaskHost } from './task.ts'
import type { CommonSubmitOptions, Recipe } from './types.ts'
import type { SettledWatch } from './waiting.ts'
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
  /** @throws {OffstageError} STORE_LOST */
  refuseIfLost(store: Store): void
  warn(message: string, cause?: unknown): void
}

export class Handles implements TaskHost {
  readonly #host: HandlesHost

  constructor(host: HandlesHost) {
    this.#host = host
  }

  whenSettled(task: StoredTask, store: Store): SettledWatch | undefined {
    // visible is not durable
    const durable = task.settled ? store.sync() : undefined
    if (task.settled && !isPromise(durable)) return undefined
    const undo: (() => void)[] = [this.#host.waits()]
    const settled = new Promise<void>((resolve, reject) => {
      if (durable !== undefined) durable.then(resolve, reject)
      else undo.push(this.#host.watchers.onSettled(task, () => whenDone(() => store.sync(), resolve, reject)))
      undo.push(this.#host.watchers.onLost(store, reject))
    })
    // it may be lost before anybody waits
    settled.catch(() => {})
    const stop = (): void => {
      for (const each of undo) each()
    }
    return { settled, stop }
  }

  after(ms: number, fn: () => void, stopped: (error: Error) => void): () => void {
    const { timers, watchers } = this.#host
    const timer = timers.after(ms, fn)
    const unwatch = watchers.onClose(() =>
      stopped(new OffstageError('RUNNER_STOPPED', 'the runner was stopped before the task ended or the time was over')),
    )
    return () => {
      timers.cancel(timer)
      unwatch()
    }
  }

  async cancel(task: StoredTask, store: Store, reason: string | undefined, by?: string): Promise<boolean> {
    this.#host.refuseIfLost(store)
    const record = { type: 'cancel' as const, task: task.id, at: this.#host.settings.clock.now() }
    const verdict = await store.append({
      ...record,
      ...(reason !== undefined && { reason }),
      ...(by !== undefined && { by }),
    })
    return verdict.accepted || task.state === 'cancelled' || task.state === 'running.stopping.cancel'
  }

  async answer(task: StoredTask, store: Store, value: unknown, ask: number | undefined): Promise<boolean> {
    this.#host.refuseIfLost(store)
    const given = value === undefined ? {} : { value: jsonCopy(value, 'value') }
    const { claim } = task.snapshot.context
    const open = openInputs(task).find((each) => ask === undefined || each.ask === ask)
    if (claim === undefined || open === undefined) return false
    const record = { type: 'answer', task: task.id, claim, at: this.#host.settings.clock.now(), ask: open.ask } as const
    return (await store.append({ ...record, ...given })).accepted
  }

  async explain(task: StoredTask, store: Store): Promise<Explanation> {
    return explainHere(this.#host, task, store)
  }

  events(task: StoredTask, store: Store, options: EventsOptions): AsyncIterable<TaskFeedEvent> {
    const after = options.after === undefined ? undefined : readCursor(options.after)
    const mailbox = new Mailbox<TaskFeedEvent>(feedBound)
    return endable(this.#events(task, store, new TaskFeed(task, after), mailbox, options.signal), mailbox)
  }

  async *#events(
    task: StoredTask,
    store: Store,
    feed: TaskFeed,
    mailbox: Mailbox<TaskFeedEvent>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<TaskFeedEvent> {
    const done = this.#host.waits()
    let early: StoreChange[] | undefined = []
    const hear = (change: StoreChange): void => {
      if (early !== undefined) return void early.push(change)
      // lines that another process wrote before the end may not have been read yet
      const event = task.settled && store.durable ? undefined : feed.change(change)
      if (event !== undefined) mailbox.push(event)
      if (!task.settled) return
      mailbox.end()
      // a reader that never comes back must not keep the process alive
      done()
    }
    const unwatch = this.#host.watchers.watch(task, hear)
    const abort = (): void => mailbox.close()
    const unheard = signal === undefined ? undefined : onAbort(signal, abort)
    let loss: OffstageError | undefined
    const found = this.#host.watchers.onLost(store, (error) => {
      loss = error
      mailbox.end()
    })
    try {
      if (signal?.aborted) return
      // what happens while the store is asked is heard all the same
      const missed = feed.catchUp(await store.stream(task.id))
      const heard = early
      early = undefined
      for (const change of heard) hear(change)
      if (task.settled) mailbox.end()
      for (const event of missed) if (!mailbox.closed) yield event
      for (let over = false; !over; ) {
        const { items, lost, ended } = await mailbox.take()
        for (const event of items) if (!mailbox.closed) yield event
        if (lost && !mailbox.closed) {
          // what came meanwhile is in the snapshot
          mailbox.clear()
          yield feed.snapshot()
        }
        over = ended
      }
      if (loss !== undefined && !task.settled && !mailbox.closed) throw loss
      if (task.settled && store.durable && !mailbox.closed)
        for (const event of feed.rest(await store.stream(task.id))) if (!mailbox.closed) yield event
    } finally {
      unwatch()
      found()
      done()
      unheard?.()
    }
  }

  /** Everything that happens to any task from now on; a reader too slow for it misses the oldest. */
  allEvents(signal: AbortSignal | undefined): AsyncIterable<TaskFeedEvent> {
    const mailbox = new Mailbox<TaskFeedEvent>(feedBound, 'newest')
    return endable(this.#allEvents(mailbox, signal), mailbox)
  }

  async *#allEvents(mailbox: Mailbox<TaskFeedEvent>, signal: AbortSignal | undefined): AsyncGenerator<TaskFeedEvent> {
    const feeds = new WeakMap<StoredTask, TaskFeed>()
    const abort = (): void => mailbox.close()
    const unwatch = this.#host.watchers.watchAll(
      (change) => {
        const { task } = change
        const feed = feeds.get(task) ?? new TaskFeed(task, placeBefore(change))
        feeds.set(task, feed)
        const event = feed.change(change)
        if (event !== undefined) mailbox.push(event)
      },
      () => mailbox.end(),
    )
    const unheard = signal === undefined ? undefined : onAbort(signal, abort)
    try {
      for (let over = signal?.aborted ?? false; !over; ) {
        const { items, ended } = await mailbox.take()
        for (const event of items) if (!mailbox.closed) yield event
        over = ended
      }
    } finally {
      unwatch()
      unheard?.()
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
        if ('event' in change && change.event.type === 'progress') {
          const { fraction, message } = change.event
          this.#call('onProgress', task, () => onProgress({ fraction, message }, handle))
        } else if (task.settled) unwatch()
      })
    }
    if (onComplete !== undefined) {
      this.observed(task)
      const tell = (): void => this.#durably(store, () => this.#call('onComplete', task, () => onComplete(handle)))
      if (task.settled) tell()
      else watchers.onSettled(task, tell)
    }
    if (signal === undefined || task.settled) return
    const abort = (): void => {
      void this.cancel(task, store, whyAborted(signal), 'signal').catch((error) =>
        this.#host.warn('a cancel failed', error),
      )
    }
    if (signal.aborted) return abort()
    watchers.onSettled(task, onAbort(signal, abort))
  }

  /** Calls the `onSettled` of a recipe. */
  tellRecipe(recipe: Recipe, task: StoredTask, store: Store): void {
    const handle = new BackgroundTask<unknown>(this, store, task)
    // what stands in a file of its own may be damaged: that is told as what is thrown
    const tell = (): unknown => {
      const outcome = outcomeOf<unknown>(task)
      return outcome === undefined ? undefined : recipe.onSettled?.(outcome, { input: inputOf(task), task: handle })
    }
    this.#durably(store, () => this.#call('onSettled', task, tell))
  }

  /** Acts once what was folded so far is durable; where it is, when this turn's listeners have been told. */
  #durably(store: Store, act: () => void): void {
    whenDone(
      () => store.sync(),
      () => queueMicrotask(act),
      (error) => this.#host.warn(`${store.name}: whether the end of a task was recorded is not known`, error),
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

/** A signal may be aborted with anything, and what is thrown in a listener would end the process. */
function whyAborted({ reason }: AbortSignal): string {
  if (typeof reason === 'string') return reason.slice(0, longestText)
  try {
    if (reason instanceof Error) return String(reason.message).slice(0, longestText)
  } catch {
    // not even its class or its message can be read
  }
  return show(reason)
}
