/** @module Who makes snapshots: a thread where there may be one, else this one in small steps. */
import { Worker } from 'node:worker_threads'
import type { Disk } from './disk.ts'
import type { Layout } from './layout.ts'
import { makeSnapshot } from './snapshot.ts'
import type { SnapshotWork } from './snapshot-thread.ts'
import { threadUrl } from './thread-url.ts'

/** Makes the snapshot of all segments before `n`. @param threads Whether threads may touch the files, too. */
export async function snapshotBefore(n: number, disk: Disk, layout: Layout, threads: boolean): Promise<void> {
  const program = threads ? threadUrl('snapshot-thread') : undefined
  if (program === undefined) await makeSnapshot(disk, layout, n)
  else await inThread(program, { root: layout.root, n })
}

function inThread(program: URL, work: SnapshotWork): Promise<void> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(program, { workerData: work, env: {}, execArgv: [] })
    // a snapshot that is not finished is made another time
    thread.unref()
    thread.once('error', reject)
    thread.once('exit', () => resolve())
  })
}
