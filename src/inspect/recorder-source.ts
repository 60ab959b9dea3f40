/**
 * @module Where a recorder gets its recording: from the changes of a store, at once, and then from the store's journal once
 * that was read, if it has one. Nothing is subscribed to before it is attached.
 */
import type { Clock } from '../clock.ts'
import type { Store } from '../index.ts'
import type { ScheduleChange } from '../machines/fold-schedules.ts'
import type { Change } from '../machines/fold-store.ts'
import type { Happening } from './protocol.ts'
import { afterOf } from './recording/chunk.ts'
import { happeningOf } from './recording/happening.ts'
import { readHistory } from './recording/history.ts'
import type { TaskEntry } from './recording/recorded.ts'
import { Recording } from './recording/recording.ts'
import { shotOf } from './recording/schedule-shots.ts'

/** What a {@link RecorderSource} needs. */
export interface SourceOptions {
  readonly store: Store
  readonly clock: Clock
  /** How many entries are kept. */
  readonly keep: number
  /** Draws what tells one recording from another. */
  epoch(): string
  /** Something that is shown may have changed. */
  changed(): void
  warn(message: string, cause: unknown): void
}

export class RecorderSource {
  readonly #options: SourceOptions
  readonly #listeners = new Set<(happening: Happening) => void>()
  #recording: Recording | undefined
  /** The one that changes are written to; undefined once the journal is followed. */
  #live: Recording | undefined
  #attaching: Promise<Recording> | undefined
  #detach: (() => void) | undefined
  /** Ends the reading of the journal. */
  #reading: AbortController | undefined
  /** How much was told of to listeners. */
  #told = 0

  constructor(options: SourceOptions) {
    this.#options = options
  }

  get isAttached(): boolean {
    return this.#detach !== undefined
  }

  /** What was recorded so far. */
  get recording(): Recording | undefined {
    return this.#recording
  }

  /** How many hear of every happening. */
  get listeners(): number {
    return this.#listeners.size
  }

  attach(): Promise<Recording> {
    if (this.#recording !== undefined) return Promise.resolve(this.#recording)
    this.#attaching ??= this.#attach().finally(() => {
      this.#attaching = undefined
    })
    return this.#attaching
  }

  /** Begins to read the journal, unless it is being read. */
  read(): void {
    const live = this.#live
    if (live === undefined || this.#reading !== undefined || this.#options.store.history === undefined) return
    this.#reading = new AbortController()
    live.loading = 0
    void this.#read(live, this.#reading.signal)
  }

  /** Tells of every change from now on, as the store tells of it. */
  onHappening(listener: (happening: Happening) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  detach(): void {
    this.#reading?.abort()
    this.#reading = undefined
    this.#detach?.()
    this.#detach = undefined
    this.#recording = undefined
    this.#live = undefined
  }

  async #attach(): Promise<Recording> {
    const { store } = this.#options
    // opens it, and reads what others have written
    await store.list({ limit: 1 })
    const live = this.#begin(await store.schedules())
    const undo = [
      store.subscribe((change) => {
        if ('event' in change) this.#hear(change)
        this.#options.changed()
      }),
      store.onSchedules((change) => {
        if (change === undefined) void this.#resync()
        else this.#hearSchedule(change)
        this.#options.changed()
      }),
    ]
    this.#detach = () => {
      for (const off of undo) off()
    }
    return live
  }

  #begin(schedules: Awaited<ReturnType<Store['schedules']>>): Recording {
    const { store, clock, keep, epoch } = this.#options
    const tasks = () => store.known()
    const about = { epoch: epoch(), source: 'attached', complete: false, keep, at: clock.now() } as const
    this.#live = new Recording({ ...about, tasks, schedules })
    this.#recording = this.#live
    return this.#live
  }

  #hear(change: Change): void {
    this.#live?.add(change)
    if (this.#listeners.size === 0) return
    const to = afterOf(change)?.leaf.name as TaskEntry['to']
    this.#tell(happeningOf({ kind: 'task', n: this.#told + 1, at: change.event.at, change, to }))
  }

  #hearSchedule(change: ScheduleChange): void {
    this.#live?.addSchedule(change)
    if (this.#listeners.size === 0) return
    const shot = shotOf(change.schedule)
    this.#tell(happeningOf({ kind: 'schedule', n: this.#told + 1, at: change.record.at, change, shot }))
  }

  #tell(happening: Happening): void {
    this.#told += 1
    for (const listener of this.#listeners) {
      try {
        listener(happening)
      } catch (error) {
        this.#options.warn('a listener of the inspector threw', error)
      }
    }
  }

  /** Others have gone on too far to be followed step by step. */
  async #resync(): Promise<void> {
    const live = this.#live
    if (live === undefined) return
    try {
      const schedules = await this.#options.store.schedules()
      if (this.#live === live) live.resync(1, schedules)
      this.#options.changed()
    } catch (error) {
      this.#options.warn('the schedules cannot be read', error)
    }
  }

  async #read(live: Recording, signal: AbortSignal): Promise<void> {
    const { store, keep, epoch, changed } = this.#options
    const loading = (done: number): void => {
      live.loading = done
      changed()
    }
    try {
      for await (const recording of readHistory(store, { keep, epoch, signal, loading })) {
        if (signal.aborted) return
        this.#recording = recording
        this.#live = undefined
        changed()
      }
      if (!signal.aborted) await this.#goOnWithout(live)
    } catch (error) {
      if (signal.aborted) return
      this.#options.warn('the history of the store cannot be read', error)
      await this.#goOnWithout(live).catch(() => {})
    }
  }

  /** There is no journal any more: what happens now is recorded still. It is not tried again. */
  async #goOnWithout(live: Recording): Promise<void> {
    live.loading = undefined
    if (this.#live === undefined) {
      const schedules = await this.#options.store.schedules()
      if (this.#detach !== undefined && this.#live === undefined) this.#begin(schedules)
    }
    this.#options.changed()
  }
}
