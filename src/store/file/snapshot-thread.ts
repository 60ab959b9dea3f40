/** @module The program of the thread that writes a snapshot: to fold a journal again would hold up the event loop. */
import { parentPort, workerData } from 'node:worker_threads'
import { Layout } from './layout.ts'
import { NodeDisk } from './node-disk.ts'
import { makeSnapshot } from './snapshot.ts'

/** What the thread is told. */
export interface SnapshotWork {
  readonly root: string
  readonly n: number
}

const { root, n } = workerData as SnapshotWork
parentPort?.postMessage(await makeSnapshot(new NodeDisk(), new Layout(root), n))
