/**
 * @module The way through the segments of a journal: each up to its seal, then the next.
 * A record in a segment exists only for a reader that has read the seal of the one before.
 */
import { dirname } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { foldNumber, format, judgeHeader, minReader, minWriter, type SegmentHeader } from '../../machines/format.ts'
import type { StoredTask, StoreState } from '../../machines/store-state.ts'
import type { Disk, FileHandle } from './disk.ts'
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

/** What a walk is begun with. */
export interface WalkOptions {
  readonly disk: Disk
  readonly layout: Layout
  readonly storeId: string
  readonly host: WalkHost
  readonly monotonic: () => number
  /** Whether nothing may be made. */
  readonly readOnly: boolean
}

/** How long one may fold, in ms, before others get a turn. */
const longestStretch = 8
/** How many segments that were left stay open until they are synced. */
const mostLeftOpen = 8
/** How often the beginning is looked for: one that is stopped meanwhile finds that others have taken it away. */
const mostTries = 8
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

export class Walk {
  readonly #disk: Disk
  readonly #layout: Layout
  readonly #storeId: string
  readonly #host: WalkHost
  readonly #monotonic: () => number
  readonly #readOnly: boolean
  readonly #line = (line: Line): void => this.#read(line)
  #segment: Segment | undefined
  #reading: Promise<void> | undefined
  #isReading = false
  #isFolding = false
  /** Lines that were skipped in segments that are over. */
  #damagedBefore = 0
  /**
   * Segments that were left, whose seals may not be on the medium yet. The first ones are open still: a sync that fails
   * is told to those who had the file open then, and to nobody who opens it later.
   */
  readonly #left = new Map<number, Segment | undefined>()
  #syncs = 0
  /** The segment whose name is on the medium. */
  #named: Segment | undefined
  #closed = false
  /** Why there is nothing behind the seal of the segment: no room for it. */
  stuck: unknown

  constructor({ disk, layout, storeId, host, monotonic, readOnly }: WalkOptions) {
    this.#disk = disk
    this.#layout = layout
    this.#storeId = storeId
    this.#host = host
    this.#monotonic = monotonic
    this.#readOnly = readOnly
  }

  /** The segment that is being read, which nobody is known to have sealed. */
  get segment(): Segment {
    return this.#segment as Segment
  }

  get damaged(): number {
    return this.#damagedBefore + (this.#segment?.frames.damaged ?? 0)
  }

  /** Whether the segment holds bytes that were not read: others have written, perhaps not to an end. */
  get hasGrown(): boolean {
    const { segment } = this
    if (segment === undefined || segment.sealed) return false
    try {
      return this.#disk.stat(segment.file).size > segment.frames.next
    } catch {
      // whoever reads will be told
      return true
    }
  }

  /** Finds the newest snapshot and the segment behind it, and reads to the end. */
  async open(): Promise<void> {
    await this.#enter()
    await this.toEnd()
  }

  /** Reads all there is. What is appended meanwhile is read too. */
  toEnd(): Promise<void> {
    if (this.#reading !== undefined) return this.#reading
    // whoever is told of a record asks for more: first all that was read is folded, in its order
    if (this.#isReading || this.#isFolding) return Promise.resolve().then(() => this.toEnd())
    const reading = this.#toEnd()
    // a pass that is over must not be joined: it has not read what was appended since
    if (this.#isReading) this.#reading = reading
    return reading
  }

  /** Makes a segment. False when there is one. */
  async create(n: number): Promise<boolean> {
    const header: SegmentHeader = {
      type: 'header',
      format,
      fold: foldNumber,
      minReader,
      minWriter,
      storeId: this.#storeId,
    }
    for (let tries = 1; ; tries += 1) {
      try {
        return await publish(this.#disk, this.#layout.segment(n), frames([JSON.stringify(header)]))
      } catch (error) {
        // one that is stopped meanwhile finds its temporary file tidied away
        if ((error as { code?: unknown }).code !== 'ENOENT' || tries === mostTries) throw error
      }
    }
  }

  /** Folds what was read without the walk, and reads nothing meanwhile. */
  fold(each: () => void): void {
    this.#isFolding = true
    try {
      each()
    } finally {
      this.#isFolding = false
    }
  }

  /** Forces all that was read so far to the medium, whoever wrote it. One at a time. */
  async sync(): Promise<void> {
    this.#syncs += 1
    try {
      do {
        for (const [n, kept] of this.#left) await this.#syncLeft(n, kept)
        const { segment } = this
        // whoever made it may not have come so far, or have failed in it
        if (this.#named !== segment) await this.#disk.syncFolder(this.#layout.journal)
        this.#named = segment
        await this.#disk.sync(segment.file)
      } while (this.#left.size > 0)
    } finally {
      this.#syncs -= 1
    }
  }

  async #syncLeft(n: number, kept: Segment | undefined): Promise<void> {
    const file = kept?.file ?? this.#open(n)
    try {
      // one that is gone was replaced by a snapshot, which is on the medium
      if (file !== undefined) await this.#disk.sync(file)
    } finally {
      this.#left.delete(n)
      if (file !== undefined) this.#disk.close(file)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#reading?.catch(() => {})
    for (const segment of this.#left.values()) segment?.close()
    this.#left.clear()
    this.#segment?.close()
    this.#segment = undefined
  }

  async #toEnd(): Promise<void> {
    this.#isReading = true
    let since = this.#monotonic()
    try {
      for (let more = true; more && !this.#closed; ) {
        more = this.#segment?.read(this.#line) ?? false
        if (this.#segment?.sealed) more = await this.#moveOn(this.#segment)
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

  /** Behind the seal comes the next segment. Moving on makes none: somebody may be far ahead. False when there is none. */
  async #moveOn(sealed: Segment): Promise<boolean> {
    const n = sealed.n + 1
    const file = this.#open(n)
    if (file === undefined) {
      if (!this.#isLast(sealed.n)) await this.#enter()
      else if (this.#readOnly) return false
      else return await this.#heal(n)
      return true
    }
    this.#leave(sealed)
    this.#segment = new Segment(this.#disk, n, file)
    return true
  }

  /** The next segment is missing, and no higher one exists. */
  async #heal(n: number): Promise<boolean> {
    try {
      await this.create(n)
      this.stuck = undefined
      return true
    } catch (error) {
      if (!full.has((error as { code?: unknown }).code)) throw error
      this.stuck = error
      return false
    }
  }

  #open(n: number): FileHandle | undefined {
    const path = this.#layout.segment(n)
    return this.#readOnly ? this.#disk.openRead(path) : this.#disk.openAppend(path)
  }

  /** Whether nothing stands behind a segment. */
  #isLast(n: number): boolean {
    const highest = (folder: string): number => numbersIn(this.#disk, folder).at(-1) ?? 0
    return highest(this.#layout.journal) <= n && highest(this.#layout.snapshots) <= n + 1
  }

  /** Begins at the newest snapshot, forgetting what was read. */
  async #enter(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      const { state, next } = await readNewestSnapshot(this.#disk, this.#layout, (id) => this.#host.existing(id))
      let file = this.#open(next)
      if (file === undefined && !this.#readOnly && this.#isLast(next - 1)) {
        if (next === 1) await this.#syncAbove()
        await this.create(next)
        file = this.#open(next)
      }
      if (file !== undefined) {
        if (this.#segment !== undefined) this.#leave(this.#segment)
        this.#segment = new Segment(this.#disk, next, file)
        this.#host.load(state)
        return
      }
      if (tries === mostTries)
        throw new StoreError('STORE', `the journal has a gap: ${this.#layout.segment(next)} is missing`)
    }
  }

  /** Whoever made the folders of a new store may have failed before their names were on the medium. */
  async #syncAbove(): Promise<void> {
    const { root } = this.#layout
    await this.#disk.syncFolder(root)
    try {
      await this.#disk.syncFolder(dirname(root))
    } catch (error) {
      // somebody made it for this user, where this user may not look
      if ((error as { code?: unknown }).code !== 'EACCES') throw error
    }
  }

  #leave(segment: Segment): void {
    this.#damagedBefore += segment.frames.damaged
    const stays = this.#left.size < mostLeftOpen || this.#syncs > 0
    this.#left.set(segment.n, stays ? segment : undefined)
    if (!stays) segment.close()
  }
}
