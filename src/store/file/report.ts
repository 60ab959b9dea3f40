/** @module What is to be said about a store: for `doctor`, and for people who wonder. */
import { foldNumber, format } from '../../machines/format.ts'
import type { Counts, WorkerInfo } from '../store.ts'
import type { Disk } from './disk.ts'
import { fileSystemOf } from './file-system.ts'
import { type Layout, numbersIn } from './layout.ts'
import type { OpenStore } from './open-store.ts'
import type { FileSettings } from './options.ts'

/** One file of the journal. */
export interface FileReport {
  readonly n: number
  readonly bytes: number
}

/** The state of a store. Times are epoch ms. */
export interface StoreReport {
  readonly path: string
  readonly storeId: string
  readonly format: number
  /** The number of the fold: how records make a state. */
  readonly fold: number
  readonly fileSystem: { readonly name: string; readonly kind: string }
  readonly durability: 'fsync' | 'os'
  readonly counts: Counts
  /** Lines that were skipped since the snapshot, torn or damaged: each is a record that was never acknowledged, or is lost. */
  readonly damaged: number
  /** Bytes of a line behind the last whole one: in progress, or torn. */
  readonly unfinished: number
  readonly segments: readonly FileReport[]
  readonly snapshots: readonly FileReport[]
  /** Temporary files that were left behind. */
  readonly temporary: number
  readonly logBytes: number
  readonly blobBytes: number
  readonly workers: readonly WorkerInfo[]
  /** Workers that hold claims though no file says that they live. */
  readonly missing: readonly string[]
}

export async function reportOn(store: OpenStore, settings: FileSettings): Promise<StoreReport> {
  const { disk, durability } = settings
  const { layout, journal, books } = store
  const alive = store.workers.list()
  const known = new Set(alive.map(({ id }) => id))
  return {
    path: layout.root,
    storeId: store.storeId,
    format,
    fold: foldNumber,
    fileSystem: settings.threads ? await fileSystemOf(layout.root) : { name: 'simulated', kind: 'memory' },
    durability,
    counts: { ...books.counts },
    damaged: journal.damaged,
    unfinished: journal.position.unfinished,
    segments: filesIn(disk, layout.journal, (n) => layout.segment(n)),
    snapshots: filesIn(disk, layout.snapshots, (n) => layout.snapshot(n)),
    temporary: temporaryIn(disk, layout),
    logBytes: bytesIn(disk, layout.logs),
    blobBytes: bytesIn(disk, layout.blobs),
    workers: alive,
    missing: [...books.state.workers.keys()].filter((worker) => !known.has(worker)),
  }
}

const filesIn = (disk: Disk, folder: string, path: (n: number) => string): FileReport[] =>
  numbersIn(disk, folder).map((n) => ({ n, bytes: disk.lstat(path(n))?.size ?? 0 }))

const temporaryIn = (disk: Disk, { root, journal, snapshots, blobs, logs }: Layout): number =>
  [root, journal, snapshots, blobs, logs].flatMap((folder) => disk.list(folder)).filter((name) => name.endsWith('.tmp'))
    .length

const bytesIn = (disk: Disk, folder: string): number =>
  disk.list(folder).reduce((sum, name) => sum + (disk.lstat(`${folder}/${name}`)?.size ?? 0), 0)
