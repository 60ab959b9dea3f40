/** @module One call of a handler: its signal, its time, its waits, and its end. */
import type { Clock } from '../clock.ts'
import { OffstageError, TaskCancelledError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Stop } from '../machines/task.ts'
import type { NewStreamEntry, Store } from '../store/store.ts'
import { onAbort } from './on-abort.ts'
import type { Timer, Timers } from './timer.ts'

/** What a task's handler is, once it was looked up. */
export interface Job {
  /** Calls the handler. What it returns may be a promise. */
  call(attempt: Attempt): unknown
  /** Ends the handler for real, where that is possible: a thread. Resolves when it is gone; undefined before it began. */
  terminate?(): Promise<void> | undefined
}

/** What an attempt needs of the supervisor that made it. */
export interface AttemptHost {
  readonly clock: Clock
  readonly timers: Timers
  /** Calls the handler. */
  call(attempt: Attempt): unknown
  /** The handler has ended, with a result or with what it threw. */
  ended(attempt: Attempt, ok: boolean, value: unknown): void
  /** The time of the attempt is over. */
  timedOut(attempt: Attempt): void
  /** The grace period is over and the handler still runs. */
  outlived(attempt: Attempt): void
  /** Moves the task to `running.waiting` until the child has settled. */
  ask(attempt: Attempt, child: string): Wait
  /** Moves the task to `running.waiting` until somebody has answered. Resolves with the answer. */
  askInput(attempt: Attempt, prompt: string | undefined): Promise<unknown>
  progress(attempt: Attempt, fraction: number, message: string | undefined): void
}

/** Why an attempt was told to stop; `fenced`: another worker holds the task now; `lost`: nothing can be recorded. */
export type StopCause = Stop['cause'] | 'fenced' | 'lost'

/** A wait for a child. */
export interface Wait {
  /** Resolves when the child has settled, or the wait was given up, and the attempt has a slot again. */
  readonly over: Promise<void>
  /** Waits no longer; the task may go on. */
  giveUp(): void
}

interface Waiting {
  readonly resolve: (value?: unknown) => void
  readonly reject: (reason: unknown) => void
}

/** One attempt of one task under one claim. */
export class Attempt {
  readonly task: StoredTask
  readonly claim: string
  readonly store: Store
  readonly job: Job
  /** Counts failures, from 1: what the handler sees. */
  readonly number: number
  /** Holds one of the runner's slots. */
  slot = true
  /** The handler has ended. */
  over = false
  stopCause: StopCause | undefined
  /** Its thread is being ended, which takes a moment that no clock counts. */
  terminating = false
  /** Its record of the end is on its way to the store. */
  settling = false
  /** The results of the tasks that it needed, once they were read. */
  needs: unknown = undefined
  /** Asks that were accepted: the fold counts only those, so the next is made when the store has judged the one before. */
  asks = 0
  /** Resolves when the store has judged the asks that are on their way to it. */
  asking: Promise<void> | undefined
  readonly #host: AttemptHost
  #controller: AbortController | undefined
  #timer: Timer | undefined
  #grace: Timer | undefined
  /** Open waits by number; made at the first. */
  #waits: Map<number, Waiting> | undefined
  /** What is left of the attempt's time while its timer is paused. */
  #left: number | undefined

  constructor(host: AttemptHost, store: Store, task: StoredTask, claim: string, job: Job) {
    this.#host = host
    this.store = store
    this.task = task
    this.claim = claim
    this.job = job
    this.number = task.snapshot.context.failures + 1
  }

  /** Aborted when the attempt should stop. Made at first use: most handlers never look. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.stopCause !== undefined) this.#controller.abort(this.#stopReason(this.stopCause))
    }
    return this.#controller.signal
  }

  start(): void {
    this.#left = this.task.spec.limits.timeout
    this.resumeTimer()
    try {
      const value = this.#host.call(this)
      if (isThenable(value)) {
        // a promise of our own: a thenable may throw, or settle twice
        const promise = value instanceof Promise ? value : new Promise((resolve) => resolve(value))
        promise.then(
          (result) => this.#end(true, result),
          (error) => this.#end(false, error),
        )
      } else {
        this.#end(true, value)
      }
    } catch (error) {
      this.#end(false, error)
    }
  }

  /** Asks the handler to stop. A stronger cause may follow a weaker one. */
  stop(cause: StopCause, grace: number): void {
    if (this.over || this.stopCause === cause) return
    this.stopCause = cause
    this.pauseTimer()
    const reason = this.#stopReason(cause)
    if (this.#grace !== undefined) this.#host.timers.cancel(this.#grace)
    this.#grace = this.#host.timers.after(grace, () => this.#host.outlived(this))
    this.#controller?.abort(reason)
    const waits = this.#waits
    this.#waits = undefined
    if (waits !== undefined) for (const { reject } of waits.values()) reject(reason)
  }

  /** The time of an attempt does not run while it waits for others. */
  pauseTimer(): void {
    if (this.#timer === undefined) return
    this.#left = Math.max(this.#timer.due - this.#host.clock.monotonic(), 1)
    this.#host.timers.cancel(this.#timer)
    this.#timer = undefined
  }

  resumeTimer(): void {
    if (this.#left === undefined || this.over || this.stopCause !== undefined) return
    this.#timer = this.#host.timers.after(this.#left, () => this.#host.timedOut(this))
    this.#left = undefined
  }

  progress(fraction: number, message?: string): void {
    if (!this.over) this.#host.progress(this, fraction, message)
  }

  write(entry: NewStreamEntry): void {
    if (!this.over) this.store.write(this.task.id, entry)
  }

  /** Waits for a child without holding a slot. */
  waitFor(child: string): Wait {
    return this.#host.ask(this, child)
  }

  /** Waits for an input without holding a slot; rejects when the attempt is told to stop. */
  input(prompt: string | undefined): Promise<unknown> {
    return this.#host.askInput(this, prompt)
  }

  /** The next ask is made when this one was judged, however that came out. */
  asksAfter(asked: PromiseLike<unknown>): void {
    const judged = Promise.resolve(asked).then(
      () => {},
      () => {},
    )
    this.asking = judged
    void judged.then(() => {
      if (this.asking === judged) this.asking = undefined
    })
  }

  /** Resolves with the value of {@link endWait}, or rejects when the attempt is told to stop. */
  beginWait(ask: number): Promise<unknown> {
    const over = new Promise<unknown>((resolve, reject) => {
      this.#waits ??= new Map()
      this.#waits.set(ask, { resolve, reject })
    })
    // a stop may reject it before anybody looks
    over.catch(() => {})
    return over
  }

  isWaiting(ask: number): boolean {
    return this.#waits?.has(ask) ?? false
  }

  endWait(ask: number, value?: unknown): void {
    this.#waits?.get(ask)?.resolve(value)
    this.#waits?.delete(ask)
  }

  /** Resolves after `ms`, or rejects with the signal's reason when the attempt is told to stop. */
  sleep(ms: number): Promise<void> {
    const { signal } = this
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const timer = this.#host.timers.after(ms, () => {
        unheard()
        resolve()
      })
      const unheard = onAbort(signal, () => {
        this.#host.timers.cancel(timer)
        reject(signal.reason as Error)
      })
    })
  }

  now(): number {
    return this.#host.clock.now()
  }

  #end(ok: boolean, value: unknown): void {
    if (this.over) return
    this.over = true
    // nobody holds these up any more: who still waits is told by the child's own end
    if (this.#waits !== undefined) for (const { resolve } of this.#waits.values()) resolve()
    this.#waits = undefined
    if (this.#timer !== undefined) this.#host.timers.cancel(this.#timer)
    if (this.#grace !== undefined) this.#host.timers.cancel(this.#grace)
    this.#host.ended(this, ok, value)
  }

  #stopReason(cause: StopCause): OffstageError {
    const { id, spec, snapshot } = this.task
    const { stop } = snapshot.context
    const what = `task ${spec.name} (${id})`
    if (cause === 'cancel') return new TaskCancelledError(id, spec.name, stop?.reason, stop?.by)
    if (cause === 'timeout') return new OffstageError('TIMEOUT', `${what} ran out of time`)
    if (cause === 'shutdown') return new OffstageError('RUNNER_STOPPED', `${what} must stop: its runner stops`)
    if (cause === 'lost') return new OffstageError('STORE_LOST', `${what} must stop: its store is lost`)
    return new OffstageError('LOST', `${what} is held by another worker now`)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false
  return typeof (value as { then?: unknown }).then === 'function'
}
