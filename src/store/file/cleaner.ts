/** @module What makes snapshots, and takes away what nobody needs any more. */
import type { TimerHandle } from '../../clock.ts'
import { type Layout, numbersIn } from './layout.ts'
import { obsolete } from './obsolete.ts'
import type { FileSettings } from './options.ts'
import { removeTemporary } from './publish.ts'
import { makeSnapshot } from './snapshot.ts'

/** Replaced segments and orphaned files stay for ten minutes at least, whatever else is said. */
const leastAge = 10 * 60_000
const every = 60 * 60_000

export class Cleaner {
  readonly layout: Layout
  readonly #settings: FileSettings
  readonly #warn: (message: string, cause: unknown) => void
  #timer: TimerHandle | undefined
  #working: Promise<void> = Promise.resolve()
  #closed = false

  constructor(settings: FileSettings, layout: Layout, warn: (message: string, cause: unknown) => void) {
    this.#settings = settings
    this.layout = layout
    this.#warn = warn
  }

  /** Cleans now and then. */
  start(): void {
    const { clock } = this.#settings
    this.#timer = clock.setTimeout(() => {
      this.#do(() => this.#clean())
      this.start()
    }, every)
    this.#timer.unref?.()
  }

  /** Makes the snapshot before segment `n`, and takes away what it replaces. */
  snapshot(n: number): void {
    this.#do(async () => {
      await makeSnapshot(this.#settings.disk, this.layout, n)
      await this.#clean()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    if (this.#timer !== undefined) this.#settings.clock.clearTimeout(this.#timer)
    await this.#working
  }

  /** One after the other, none of which may fail the next. */
  #do(work: () => Promise<void>): void {
    this.#working = this.#working.then(async () => {
      if (this.#closed) return
      try {
        await work()
      } catch (error) {
        this.#warn(`${this.#settings.dir} could not be tidied`, error)
      }
    })
  }

  async #clean(): Promise<void> {
    const { disk, clock, historyFor, historyBytes } = this.#settings
    const now = clock.now()
    const { layout } = this
    for (const folder of [layout.journal, layout.snapshots, layout.blobs, layout.logs, layout.root])
      removeTemporary(disk, folder, now - leastAge)
    const segments = numbersIn(disk, layout.journal).flatMap((n) => {
      const stat = disk.lstat(layout.segment(n))
      return stat === undefined ? [] : [{ n, bytes: stat.size, changedAt: stat.mtimeMs }]
    })
    const snapshots = numbersIn(disk, layout.snapshots)
    const gone = obsolete({
      segments,
      snapshots,
      now,
      keepFor: Math.max(historyFor, leastAge),
      keepBytes: historyBytes,
      leastAge,
    })
    for (const n of gone.segments) disk.remove(layout.segment(n))
    for (const n of gone.snapshots) disk.remove(layout.snapshot(n))
  }
}
