/**
 * @module The way through the segments of a journal: each up to its seal, then the next.
 * A record in a segment exists only for a reader that has read the seal of the one before.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { foldNumber, format, judgeHeader, minReader, minWriter, type SegmentHeader } from '../../machines/format.ts'
import type { StoredTask, StoreState } from '../../machines/store-state.ts'
import type { Disk } from './disk.ts'
import { frames } from './frame.ts'
import { type Layout, numbersIn } from './layout.ts'
import { publish } from './publish.ts'
import { type Line, Segment } from './segment.ts'
import { readNewestSnapshot } from './snapshot.ts'

/** What a walk reads for. */
export interface WalkHost {
  /** A line that is neither header nor seal. */
  line(line: Line): void
  /** What is known of a task, so that a reload changes it rather than making another. */
  existing(id: string): StoredTask | undefined
  /** The fold so far, as a snapshot has it; undefined for a journal read from its beginning. */
  load(state: StoreState | undefined): void
  /** This version may read, but not write, what stands here. */
  onlyReads(error: StoreError): void
}

/** How long one may fold, in ms, before others get a turn. */
const longestStretch = 8

export class Walk {
  readonly #disk: Disk
  readonly #layout: Layout
  readonly #storeId: string
  readonly #host: WalkHost
  readonly #monotonic: () => number
  readonly #line = (line: Line): void => this.#read(line)
  #segment: Segment | undefined
  #reading: Promise<void> | undefined
  #isReading = false
  /** Lines that were skipped in segments that are over. */
  #damagedBefore = 0
  /** Segments that were left, whose seals may not be on the medium yet. */
  readonly #left = new Set<number>()
  #syncs = 0
  /** Left while a sync ran: its file must not be taken for another. */
  #retired: Segment[] = []

  constructor(disk: Disk, layout: Layout, storeId: string, host: WalkHost, monotonic: () => number) {
    this.#disk = disk
    this.#layout = layout
    this.#storeId = storeId
    this.#host = host
    this.#monotonic = monotonic
  }

  /** The segment that is being read, which nobody is known to have sealed. */
  get segment(): Segment {
    return this.#segment as Segment
  }

  get damaged(): number {
    return this.#damagedBefore + (this.#segment?.frames.damaged ?? 0)
  }

  /** Finds the newest snapshot and the segment behind it, and reads to the end. */
  async open(): Promise<void> {
    await this.#enter()
    await this.toEnd()
  }

  /** Reads all there is. What is appended meanwhile is read too. */
  toEnd(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading
    const reading = this.#toEnd()
    // a pass that is over must not be joined: it has not read what was appended since
    if (this.#isReading) this.#reading = reading
    return reading
  }

  /** Makes a segment. False when there is one. */
  create(n: number): Promise<boolean> {
    const header: SegmentHeader = {
      type: 'header',
      format,
      fold: foldNumber,
      minReader,
      minWriter,
      storeId: this.#storeId,
    }
    return publish(this.#disk, this.#layout.segment(n), frames([JSON.stringify(header)]))
  }

  /** Forces all that was read so far to the medium, whoever wrote it. One at a time. */
  async sync(): Promise<void> {
    this.#syncs += 1
    try {
      do {
        for (const n of this.#left) {
          await this.#syncLeft(n)
          this.#left.delete(n)
        }
        await this.#disk.sync(this.segment.file)
      } while (this.#left.size > 0)
    } finally {
      this.#syncs -= 1
      if (this.#syncs === 0) for (const segment of this.#retired.splice(0)) segment.close()
    }
  }

  async #syncLeft(n: number): Promise<void> {
    const file = this.#disk.openAppend(this.#layout.segment(n))
    // one that is gone was replaced by a snapshot, which is on the medium
    if (file === undefined) return
    await this.#disk.sync(file).finally(() => this.#disk.close(file))
  }

  close(): void {
    this.#segment?.close()
    this.#segment = undefined
  }

  async #toEnd(): Promise<void> {
    this.#isReading = true
    let since = this.#monotonic()
    try {
      for (let more = true; more; ) {
        more = this.#segment?.read(this.#line) ?? false
        if (this.#segment?.sealed) {
          await this.#moveOn(this.#segment)
          more = true
        }
        if (!more || this.#monotonic() - since < longestStretch) continue
        await turn()
        since = this.#monotonic()
      }
    } finally {
      this.#isReading = false
      this.#reading = undefined
    }
  }

  #read(line: Line): void {
    if (line.type === 'header') this.#readHeader(line as SegmentHeader)
    else this.#host.line(line)
  }

  #readHeader(header: SegmentHeader): void {
    const judged = judgeHeader(header)
    if (header.storeId !== this.#storeId)
      throw new StoreError('STORE', `${this.#layout.segment(this.segment.n)} belongs to another store`)
    if (judged.verdict === 'write') return
    const error = new StoreError('STORE', `${this.#layout.root}: ${judged.reason}`)
    if (judged.verdict === 'refuse') throw error
    this.#host.onlyReads(error)
  }

  /** Behind the seal comes the next segment. Moving on makes none: somebody may be far ahead. */
  async #moveOn(sealed: Segment): Promise<void> {
    const n = sealed.n + 1
    const file = this.#disk.openAppend(this.#layout.segment(n))
    if (file === undefined) {
      if (this.#isLast(sealed.n)) await this.create(n)
      else await this.#enter()
      return
    }
    this.#damagedBefore += sealed.frames.damaged
    this.#left.add(sealed.n)
    this.#leave(sealed)
    this.#segment = new Segment(this.#disk, n, file)
  }

  /** Whether nothing stands behind a segment. */
  #isLast(n: number): boolean {
    const highest = (folder: string): number => numbersIn(this.#disk, folder).at(-1) ?? 0
    return highest(this.#layout.journal) <= n && highest(this.#layout.snapshots) <= n + 1
  }

  /** Begins at the newest snapshot, forgetting what was read. */
  async #enter(): Promise<void> {
    const { state, next } = await readNewestSnapshot(this.#disk, this.#layout, (id) => this.#host.existing(id))
    const path = this.#layout.segment(next)
    let file = this.#disk.openAppend(path)
    if (file === undefined && this.#isLast(next - 1)) {
      await this.create(next)
      file = this.#disk.openAppend(path)
    }
    if (file === undefined) throw new StoreError('STORE', `the journal has a gap: ${path} is missing`)
    if (this.#segment !== undefined) this.#leave(this.#segment)
    this.#segment = new Segment(this.#disk, next, file)
    this.#host.load(state)
  }

  #leave(segment: Segment): void {
    if (this.#syncs > 0) this.#retired.push(segment)
    else segment.close()
  }
}
