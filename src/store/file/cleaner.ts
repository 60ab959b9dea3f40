/** @module What makes snapshots, and takes away what nobody needs any more. */
import { setImmediate as turn } from 'node:timers/promises'
import type { TimerHandle } from '../../clock.ts'
import type { BlobRef } from '../../machines/records.ts'
import type { StoredTask } from '../../machines/store-state.ts'
import type { Blobs } from './blobs.ts'
import { type Layout, numbersIn } from './layout.ts'
import type { Logs } from './logs.ts'
import { type History, obsolete } from './obsolete.ts'
import type { FileSettings } from './options.ts'
import { removeTemporary } from './publish.ts'
import { Snapshotter } from './snapshotter.ts'
import type { Workers } from './workers.ts'

/** Replaced segments and orphaned files stay for ten minutes at least, whatever else is said. */
const leastAge = 10 * 60_000
const every = 60 * 60_000
/** How many tasks are looked at before others get a turn. */
const tasksAtOnce = 1_000

/** What the cleaner works on. */
export interface Beside {
  readonly blobs: Blobs
  readonly logs: Logs
  readonly workers: Workers
  /** The tasks that are kept, once all was read that others have written. */
  tasks(): Promise<Iterable<StoredTask>>
}

export class Cleaner {
  readonly #layout: Layout
  readonly #settings: FileSettings
  readonly #beside: Beside
  readonly #warn: (message: string, cause: unknown) => void
  readonly #snapshotter: Snapshotter
  #timer: TimerHandle | undefined
  #working: Promise<void> = Promise.resolve()
  #closed = false

  constructor(settings: FileSettings, layout: Layout, beside: Beside, warn: (message: string, cause: unknown) => void) {
    this.#settings = settings
    this.#layout = layout
    this.#beside = beside
    this.#warn = warn
    this.#snapshotter = new Snapshotter(settings.disk, layout, settings.threads)
  }

  /** Cleans now and then. */
  start(): void {
    const { clock } = this.#settings
    this.#timer = clock.setTimeout(() => {
      void this.#do(() => this.#clean(leastAge))
      this.start()
    }, every)
    this.#timer.unref?.()
  }

  /** Makes the snapshot before segment `n`, and takes away what it replaces. */
  snapshot(n: number): void {
    void this.#do(async () => {
      if (this.#settings.disk.lstat(this.#layout.snapshot(n)) !== undefined) return
      await this.#snapshotter.make(n)
      await this.#clean(leastAge)
    })
  }

  /** Resolves when all is tidy. @param least Files younger than this, in ms, stay. */
  clean(least: number): Promise<void> {
    return this.#snapshotter.hold(this.#do(() => this.#clean(least)))
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== undefined) this.#settings.clock.clearTimeout(this.#timer)
    await this.#snapshotter.hold(this.#working)
  }

  /** One after the other, none of which may fail the next. */
  #do(work: () => void | Promise<void>): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#closed) return
      try {
        await work()
      } catch (error) {
        this.#warn(`${this.#settings.dir} could not be tidied`, error)
      }
    })
    return this.#working
  }

  async #clean(least: number): Promise<void> {
    const { disk, clock, historyFor, historyBytes } = this.#settings
    const layout = this.#layout
    const now = clock.now()
    const before = now - least
    for (const folder of [layout.root, layout.journal, layout.snapshots, layout.blobs, layout.logs])
      removeTemporary(disk, folder, before)
    await this.#forgetHistory({ now, keepFor: Math.max(historyFor, least), keepBytes: historyBytes, leastAge: least })
    this.#beside.workers.clean(before)
    await this.#cleanBeside(before)
  }

  /** Files of tasks that were forgotten. What belongs to a task made meanwhile is younger than what goes. */
  async #cleanBeside(before: number): Promise<void> {
    const { disk } = this.#settings
    const { blobs, logs, tasks } = this.#beside
    if (disk.list(this.#layout.logs).length + disk.list(this.#layout.blobs).length === 0) return
    const files = new Set<string>()
    let seen = 0
    for (const task of await tasks()) {
      files.add(logs.fileOf(task.id))
      for (const ref of blobsOf(task)) files.add(ref.name)
      seen += 1
      if (seen % tasksAtOnce === 0) await turn()
    }
    blobs.clean(files, before)
    logs.clean((file) => files.has(file), before)
  }

  async #forgetHistory(measures: Omit<History, 'segments' | 'snapshots'>): Promise<void> {
    const { disk } = this.#settings
    const layout = this.#layout
    const segments = numbersIn(disk, layout.journal).flatMap((n) => {
      const stat = disk.lstat(layout.segment(n))
      return stat === undefined ? [] : [{ n, bytes: stat.size, changedAt: stat.mtimeMs }]
    })
    const gone = obsolete({ ...measures, segments, snapshots: numbersIn(disk, layout.snapshots) })
    if (gone.segments.length + gone.snapshots.length === 0) return
    // what replaces them may have been made by one that was killed before its name was safe
    await disk.syncFolder(layout.snapshots)
    for (const n of gone.segments) disk.remove(layout.segment(n))
    for (const n of gone.snapshots) disk.remove(layout.snapshot(n))
  }
}

/** The values of a task that stand in files of their own. */
export function blobsOf({ spec, snapshot }: StoredTask): readonly BlobRef[] {
  const { outcome } = snapshot.context
  const result = outcome?.status === 'completed' ? outcome.blob : undefined
  return [spec.inputBlob, result].filter((ref) => ref !== undefined)
}
