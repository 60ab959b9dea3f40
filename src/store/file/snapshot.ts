/** @module Snapshots: the fold of all segments before one, so that opening need not read them. */
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { foldStore } from '../../machines/fold-store.ts'
import { judgeHeader } from '../../machines/format.ts'
import { readRecord } from '../../machines/read-record.ts'
import { StateReader, writeState } from '../../machines/state-json.ts'
import { emptyStore, type StoredTask, type StoreState } from '../../machines/store-state.ts'
import type { Disk, FileStat } from './disk.ts'
import { FrameReader, frames } from './frame.ts'
import { type Layout, numbersIn } from './layout.ts'
import { publish } from './publish.ts'
import { Segment } from './segment.ts'

/** A fold, and the segment that goes on behind it. */
export interface Loaded {
  /** Undefined: nothing was folded before. */
  readonly state: StoreState | undefined
  readonly next: number
}

type Existing = (id: string) => StoredTask | undefined

const isTemporary = (name: string): boolean => name.startsWith('.') && name.endsWith('.tmp')
const pieceBytes = 256 * 1024
/** How many lines of a snapshot are framed at a time. */
const linesAtOnce = 256

/** The newest snapshot that is whole, with a number up to `atMost`; without one, the beginning. */
export async function readNewestSnapshot(
  disk: Disk,
  layout: Layout,
  existing?: Existing,
  atMost = Number.POSITIVE_INFINITY,
): Promise<Loaded> {
  const numbers = numbersIn(disk, layout.snapshots).filter((n) => n <= atMost)
  for (const n of numbers.reverse()) {
    const state = await readSnapshot(disk, layout, n, existing)
    if (state !== undefined) return { state, next: n }
  }
  return { state: undefined, next: 1 }
}

/** A snapshot, or undefined when it is damaged: then an older one and the segments behind it say the same. */
async function readSnapshot(
  disk: Disk,
  layout: Layout,
  n: number,
  existing?: Existing,
): Promise<StoreState | undefined> {
  const file = openWhole(disk, layout, layout.snapshot(n))
  if (file === undefined) return undefined
  try {
    const reader = new StateReader(existing)
    const lines = new FrameReader()
    const scratch = Buffer.allocUnsafe(pieceBytes)
    for (;;) {
      const bytes = disk.read(file, scratch, lines.next)
      if (bytes === 0) break
      lines.push(scratch.subarray(0, bytes), (json) => {
        reader.line(json)
        return true
      })
      await turn()
    }
    return lines.damaged === 0 ? reader.end() : undefined
  } catch (error) {
    if (StoreError.is(error, 'STORE')) return undefined
    throw error
  } finally {
    disk.close(file)
  }
}

/** A file that somebody has given another name is not one that we have published. */
function openWhole(disk: Disk, layout: Layout, path: string): number | undefined {
  const file = disk.openRead(path)
  if (file === undefined || isOurs(disk, layout, disk.stat(file))) return file
  disk.close(file)
  return undefined
}

/** Its maker may not have taken its temporary name away, or the power may have brought it back. */
function isOurs(disk: Disk, layout: Layout, { ino, nlink }: FileStat): boolean {
  if (nlink === 1) return true
  const names = disk.list(layout.snapshots).filter((name) => isTemporary(name))
  return nlink === 1 + names.filter((name) => disk.lstat(join(layout.snapshots, name))?.ino === ino).length
}

/**
 * Writes the snapshot of all segments before `n`, from the one before it and the segments between: not from the
 * memory of the process, which has gone on meanwhile.
 *
 * @returns False when there is one, or a segment is not there any more.
 */
export async function makeSnapshot(disk: Disk, layout: Layout, n: number): Promise<boolean> {
  if (disk.lstat(layout.snapshot(n)) !== undefined) return false
  const { state = emptyStore(), next } = await readNewestSnapshot(disk, layout, undefined, n)
  for (let segment = next; segment < n; segment += 1) {
    if (!(await foldSegment(disk, layout, segment, state))) return false
  }
  return publish(disk, layout.snapshot(n), pieces(state))
}

async function foldSegment(disk: Disk, layout: Layout, n: number, state: StoreState): Promise<boolean> {
  const file = disk.openRead(layout.segment(n))
  if (file === undefined) return false
  const segment = new Segment(disk, n, file)
  try {
    let isKnown = true
    let more = true
    while (more) {
      more = segment.read((line) => {
        const record = readRecord(line)
        if (record === 'unknown') isKnown = false
        else if (record === undefined || !('type' in record)) return
        else if (record.type !== 'header') foldStore(state, record)
        else if (judgeHeader(record).verdict !== 'write') isKnown = false
      })
      await turn()
    }
    // what another version has written is not for this one to fold
    return segment.sealed && isKnown
  } finally {
    segment.close()
  }
}

function* pieces(state: StoreState): Generator<Uint8Array> {
  let lines: string[] = []
  for (const line of writeState(state)) {
    lines.push(line)
    if (lines.length < linesAtOnce) continue
    yield frames(lines)
    lines = []
  }
  yield frames(lines)
}
