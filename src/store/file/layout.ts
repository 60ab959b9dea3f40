/** @module Where things stand in the folder of a store. */
import { join } from 'node:path'
import type { Disk } from './disk.ts'

/** The paths of a store. */
export class Layout {
  readonly root: string
  readonly journal: string
  readonly snapshots: string
  readonly logs: string
  readonly blobs: string
  readonly workers: string

  constructor(root: string) {
    this.root = root
    this.journal = join(root, 'journal')
    this.snapshots = join(root, 'snapshots')
    this.logs = join(root, 'logs')
    this.blobs = join(root, 'blobs')
    this.workers = join(root, 'workers')
  }

  segment(n: number): string {
    return join(this.journal, fileName(n))
  }

  /** The fold of all segments before `n`. */
  snapshot(n: number): string {
    return join(this.snapshots, fileName(n))
  }
}

const fileName = (n: number): string => `${String(n).padStart(8, '0')}.jsonl`
const numbered = /^(\d{8,})\.jsonl$/

/** The numbers of the segments or snapshots in a folder, lowest first. */
export function numbersIn(disk: Disk, folder: string): number[] {
  const numbers: number[] = []
  for (const name of disk.list(folder)) {
    const match = numbered.exec(name)
    if (match !== null) numbers.push(Number(match[1]))
  }
  return numbers.sort((a, b) => a - b)
}
