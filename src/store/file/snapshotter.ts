/** @module Who makes snapshots: a thread where there may be one, else this one in small steps. */
import { Worker } from 'node:worker_threads'
import type { Disk } from './disk.ts'
import type { Layout } from './layout.ts'
import { makeSnapshot } from './snapshot.ts'
import type { SnapshotWork } from './snapshot-thread.ts'
import { threadUrl } from './thread-url.ts'

/** Makes one snapshot at a time. Its thread keeps the process alive only while somebody {@link hold holds} it. */
export class Snapshotter {
  readonly #disk: Disk
  readonly #layout: Layout
  readonly #program: URL | undefined
  #thread: Worker | undefined
  #holds = 0

  /** @param threads Whether threads may touch the files, too. */
  constructor(disk: Disk, layout: Layout, threads: boolean) {
    this.#disk = disk
    this.#layout = layout
    this.#program = threads ? threadUrl('snapshot-thread') : undefined
  }

  /** Makes the snapshot of all segments before `n`. */
  async make(n: number): Promise<void> {
    if (this.#program === undefined) await makeSnapshot(this.#disk, this.#layout, n)
    else await this.#inThread(this.#program, { root: this.#layout.root, n })
  }

  /** Keeps the process alive until `done` has settled, for somebody waits for it. */
  async hold(done: Promise<void>): Promise<void> {
    this.#holds += 1
    this.#thread?.ref()
    try {
      await done
    } finally {
      this.#holds -= 1
      if (this.#holds === 0) this.#thread?.unref()
    }
  }

  async #inThread(program: URL, work: SnapshotWork): Promise<void> {
    const thread = new Worker(program, { workerData: work, env: {}, execArgv: [] })
    this.#thread = thread
    // a snapshot that is not finished is made another time
    if (this.#holds === 0) thread.unref()
    try {
      await new Promise<void>((resolve, reject) => {
        thread.once('error', reject)
        thread.once('exit', () => resolve())
      })
    } finally {
      this.#thread = undefined
    }
  }
}
