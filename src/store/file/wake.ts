/** @module What wakes a process when others have written: the system where it tells, and a poll that never stops. */
import { type FSWatcher, watch as watchFolder } from 'node:fs'
import type { Clock, TimerHandle } from '../../clock.ts'

export interface WakeOptions {
  readonly folder: string
  readonly clock: Clock
  /** Whether the system is asked to tell. */
  readonly watch: boolean
  /** Ms between two polls while anything pends or runs, and otherwise. */
  readonly busyEvery: number
  readonly idleEvery: number
  /** Called at most once in a turn of the event loop. */
  wake(): void
}

export class Wake {
  readonly #options: WakeOptions
  #watcher: FSWatcher | undefined
  #timer: TimerHandle | undefined
  #busy = false
  #woken = false
  #closed = false

  constructor(options: WakeOptions) {
    this.#options = options
    if (options.watch) this.#watch()
    this.#poll()
  }

  /** How soon it must be noticed what others do. */
  setBusy(busy: boolean): void {
    if (busy === this.#busy || this.#closed) return
    this.#busy = busy
    if (!busy) return
    // the poll at hand may be far away
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer)
    this.#poll()
  }

  close(): void {
    this.#closed = true
    this.#watcher?.close()
    if (this.#timer !== undefined) this.#options.clock.clearTimeout(this.#timer)
  }

  /** The system forgets, drops and refuses: whatever it does not tell, the poll finds. */
  #watch(): void {
    try {
      this.#watcher = watchFolder(this.#options.folder, { persistent: false }, () => this.#soon())
      this.#watcher.on('error', () => {
        this.#watcher?.close()
        this.#watcher = undefined
      })
    } catch {
      this.#watcher = undefined
    }
  }

  #poll(): void {
    const { clock, busyEvery, idleEvery } = this.#options
    this.#timer = clock.setTimeout(
      () => {
        if (this.#closed) return
        this.#poll()
        this.#options.wake()
      },
      this.#busy ? busyEvery : idleEvery,
    )
    this.#timer.unref?.()
  }

  #soon(): void {
    if (this.#woken) return
    this.#woken = true
    setImmediate(() => {
      this.#woken = false
      if (!this.#closed) this.#options.wake()
    })
  }
}
