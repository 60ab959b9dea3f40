/**
 * @module What wakes a process when others have written: the system where it tells, and a poll that never stops.
 * Where the system does not tell, who works or waits peeks at the length of the journal in between.
 */
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import type { Clock, TimerHandle } from '../../clock.ts'

export interface WakeOptions {
  /** Watched as a whole: a file that is replaced would be watched no more. */
  readonly folder: string
  readonly clock: Clock
  /** Whether the system is asked to tell. */
  readonly watch: boolean
  /** Ms between two polls while anything pends or runs, and otherwise. */
  readonly busyEvery: number
  readonly idleEvery: number
  /** Ms between two peeks, where the system is not asked or does not tell; undefined = none. */
  readonly peekEvery: number | undefined
  /** Whether others have written: at next to no cost. */
  peek(): boolean
  /** Called at most once in a turn of the event loop, and never by itself. */
  wake(): void
  warn(message: string, cause: unknown): void
}

/** Wakes until it is closed. Nothing of it keeps the process alive. */
export class Wake {
  readonly #options: WakeOptions
  #watcher: FSWatcher | undefined
  #timer: TimerHandle | undefined
  /** When it polls next, on its clock. */
  #pollAt = 0
  #peekTimer: TimerHandle | undefined
  #alert = false
  #soon: NodeJS.Immediate | undefined
  #busy = false
  #waking = false
  #closed = false

  constructor(options: WakeOptions) {
    this.#options = options
    if (options.watch) this.#watch()
    this.#poll()
  }

  /** Whether the system tells. Without it the poll alone finds what others write. */
  get watches(): boolean {
    return this.#watcher !== undefined
  }

  /** How soon it must be noticed what others do. */
  setBusy(busy: boolean): void {
    if (busy === this.#busy || this.#closed) return
    this.#busy = busy
    const { clock, busyEvery } = this.#options
    // one that is near must stay: it would never come where somebody turns busy again and again
    if (busy && this.#pollAt - clock.monotonic() > busyEvery) this.#poll()
    this.#peek()
  }

  /** Somebody here works: what others submit must be noticed at once, also while nothing is pending. */
  setAlert(): void {
    this.#alert = true
    this.#peek()
  }

  close(): void {
    this.#closed = true
    this.#unwatch()
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#peekTimer !== undefined) this.#options.clock.clearTimeout(this.#peekTimer)
    this.#peekTimer = undefined
    if (this.#soon !== undefined) clearImmediate(this.#soon)
    this.#soon = undefined
  }

  /** The system forgets, drops and refuses (EMFILE, ENOSPC, ENOENT): whatever it does not tell, the poll finds. */
  #watch(): void {
    try {
      this.#watcher = watchFolder(this.#options.folder, { persistent: false }, () => this.#told())
      this.#watcher.on('error', () => this.#unwatch())
    } catch {
      this.#watcher = undefined
    }
  }

  #unwatch(): void {
    const watcher = this.#watcher
    this.#watcher = undefined
    watcher?.close()
    this.#peek()
  }

  #poll(): void {
    const { clock, busyEvery, idleEvery } = this.#options
    const every = this.#busy ? busyEvery : idleEvery
    if (this.#timer !== undefined) clock.clearTimeout(this.#timer)
    this.#pollAt = clock.monotonic() + every
    this.#timer = clock.setTimeout(() => {
      this.#poll()
      this.#wake()
    }, every)
    this.#timer.unref?.()
  }

  #peek(): void {
    const { clock, peekEvery, peek } = this.#options
    if (peekEvery === undefined || this.#peekTimer !== undefined) return
    if (this.#closed || this.watches || !(this.#busy || this.#alert)) return
    this.#peekTimer = clock.setTimeout(() => {
      this.#peekTimer = undefined
      this.#peek()
      if (peek()) this.#wake()
    }, peekEvery)
    this.#peekTimer.unref?.()
  }

  /** A burst is one wake: all that the system tells in a turn comes before its end. */
  #told(): void {
    if (this.#closed) return
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined
      this.#wake()
    })
  }

  #wake(): void {
    if (this.#closed || this.#waking) return
    this.#waking = true
    try {
      this.#options.wake()
    } catch (error) {
      this.#options.warn('what others have written could not be followed', error)
    } finally {
      this.#waking = false
    }
  }
}
