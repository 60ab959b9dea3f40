/**
 * @module The journal: records that many processes append to one file, in one order for all.
 * A record is acknowledged when it was read back whole, the fold has judged it, and it is on the medium where it must.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { type OffstageError, StoreError, show } from '../../errors.ts'
import type { Verdict } from '../../machines/fold-store.ts'
import { readRecord } from '../../machines/read-record.ts'
import type { StoreRecord } from '../../machines/records.ts'
import type { StoredTask, StoreState } from '../../machines/store-state.ts'
import type { Disk } from './disk.ts'
import { frames, largestRecord } from './frame.ts'
import { GroupSync } from './group-sync.ts'
import type { Layout } from './layout.ts'
import type { Line } from './segment.ts'
import { Walk } from './walk.ts'

/** What a journal is opened with. */
export interface JournalOptions {
  readonly disk: Disk
  readonly layout: Layout
  readonly storeId: string
  /** Unique among all processes: event ids begin with it. */
  readonly writer: string
  readonly monotonic: () => number
  readonly now: () => number
  /** Whether acknowledged means on the medium, or only with the system. */
  readonly durability: 'fsync' | 'os'
  /** A segment is sealed when it holds so much. */
  readonly segmentBytes: number
  readonly segmentEvents: number
  readonly readOnly: boolean
  readonly host: JournalHost
}

/** Whom the journal tells. */
export interface JournalHost {
  fold(record: StoreRecord): Verdict
  existing(id: string): StoredTask | undefined
  load(state: StoreState | undefined): void
  /** A segment was sealed by this process; `next` follows it. */
  sealed(next: number): void
  lost(error: OffstageError): void
}

/** Records that are acknowledged together. */
interface Group {
  readonly verdicts: Verdict[]
  left: number
  readonly resolve: (verdicts: readonly Verdict[]) => void
  readonly reject: (error: unknown) => void
}

/** A record on its way. */
interface Entry {
  readonly e: string
  readonly text: string
  readonly record: StoreRecord
  readonly group: Group
  readonly place: number
  verdict: Verdict | undefined
}

/** What is written at a time, at most. */
const batchBytes = 1024 * 1024
const batchEntries = 2_000
/** How often a record is appended that cannot be found afterwards. */
const mostTries = 8

const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
/** What keeps a segment from being sealed now, and says nothing against it. */
const passing: ReadonlySet<unknown> = new Set([...full, 'EMFILE', 'ENFILE', 'EACCES'])

/** Records that count as soon as they were read back: power loss merely repeats what they stand for. */
const unsynced = new Set(['start', 'shutdown', 'release', 'expire', 'abandon', 'freed', 'ask', 'progress'])

export class Journal {
  readonly #options: JournalOptions
  readonly #walk: Walk
  readonly #sync: GroupSync
  readonly #inFlight = new Map<string, Entry>()
  #queue: Entry[] = []
  /** The batch that is being written and acknowledged. */
  #batch: readonly Entry[] = []
  #working: Promise<void> | undefined
  #events = 0
  #readOnly: StoreError | undefined
  /** Something unknown was read: what follows cannot be judged. */
  #halted = false
  #lost: OffstageError | undefined

  constructor(options: JournalOptions) {
    const { disk, layout, storeId, host, monotonic } = options
    this.#options = options
    if (options.readOnly) this.#readOnly = new StoreError('STORE', `${layout.root} was opened to be read only`)
    const walkHost = {
      line: (line: Line) => this.#line(line),
      existing: (id: string) => host.existing(id),
      load: (state: StoreState | undefined) => host.load(state),
      onlyReads: (error: StoreError) => {
        this.#readOnly ??= error
      },
    }
    this.#walk = new Walk({ disk, layout, storeId, host: walkHost, monotonic, readOnly: options.readOnly })
    this.#sync = new GroupSync(() => this.#walk.sync())
  }

  /** Lines that were skipped since the journal was opened. */
  get damaged(): number {
    return this.#walk.damaged
  }

  /** The segment that is written to, and how far it was read. */
  get position(): { readonly segment: number; readonly offset: number; readonly unfinished: number } {
    const { n, frames: read } = this.#walk.segment
    return { segment: n, offset: read.position, unfinished: read.unfinished }
  }

  /** Whether there is something that was not read. */
  get hasGrown(): boolean {
    return this.#lost === undefined && this.#walk.hasGrown
  }

  get isLost(): boolean {
    return this.#lost !== undefined
  }

  async open(): Promise<void> {
    try {
      await this.#walk.open()
    } catch (error) {
      await this.#walk.close()
      throw error
    }
  }

  /** Reads what others have written. */
  async catchUp(): Promise<void> {
    if (this.#lost !== undefined) throw this.#lost
    try {
      await this.#walk.toEnd()
    } catch (error) {
      this.#lose(error)
      throw this.#lost
    }
  }

  /** Resolves when all that was folded so far is on the medium; undefined when it is. */
  sync(): Promise<void> | undefined {
    if (this.#lost !== undefined) return Promise.reject(this.#lost)
    if (this.#options.durability === 'os') return undefined
    return this.#sync.wait()?.catch((error: unknown) => {
      this.#lose(error)
      throw this.#unknown(error)
    })
  }

  /**
   * Appends records, in order.
   *
   * @returns The verdicts, when all of them are acknowledged.
   * @throws {StoreError} TOO_LARGE for a record above 256 KiB: nothing is appended then.
   */
  append(records: readonly StoreRecord[]): Promise<readonly Verdict[]> {
    const refused = this.#lost ?? this.#readOnly
    if (refused !== undefined) return Promise.reject(refused)
    if (records.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const group: Group = { verdicts: [], left: records.length, resolve, reject }
      const entries = records.map((record, place) => this.#entry(record, group, place))
      for (const entry of entries) this.#queue.push(entry)
      this.#working ??= this.#work()
    })
  }

  /** Seals the segment that is written to, and goes on in the next. */
  async rotate(): Promise<void> {
    const { disk, host, now } = this.#options
    const { segment } = this.#walk
    // first the next, then the seal: whoever reads the seal finds where to go on
    if (!(await this.#makeNext(segment.n + 1))) return
    // somebody else has sealed it meanwhile
    if (this.#walk.segment !== segment) return
    try {
      disk.append(segment.file, frames([JSON.stringify({ e: this.#nextId(), type: 'seal', at: now() })]))
    } catch (error) {
      if (codeOf(error) === 'EROFS') throw error
    }
    await this.#walk.toEnd()
    this.#sync.touch()
    await this.#sync.wait()
    if (segment.sealed && !this.#halted) host.sealed(segment.n + 1)
  }

  /** False when there is no room for one: a segment may grow beyond its measure, and the next batch tries again. */
  async #makeNext(n: number): Promise<boolean> {
    try {
      await this.#walk.create(n)
      return true
    } catch (error) {
      if (passing.has(codeOf(error))) return false
      throw error
    }
  }

  /** Ends when what was appended so far is acknowledged, or refused. */
  async close(): Promise<void> {
    await this.#working
    this.#lost ??= new StoreError('STORE', 'the store was closed')
    await this.#sync.wait()?.catch(() => {})
    await this.#walk.close()
  }

  #nextId(): string {
    this.#events += 1
    return `${this.#options.writer}.${this.#events.toString(36)}`
  }

  #entry(record: StoreRecord, group: Group, place: number): Entry {
    const e = this.#nextId()
    const text = `{"e":"${e}",${JSON.stringify(record).slice(1)}`
    // three bytes for each unit at most: most texts need not be measured
    if (text.length * 3 > largestRecord && Buffer.byteLength(text) > largestRecord)
      throw new StoreError(
        'TOO_LARGE',
        `a record of at most ${largestRecord} bytes fits the journal; this ${record.type} of ${show(subjectOf(record))} has ${Buffer.byteLength(text)}`,
      )
    return { e, text, record, group, place, verdict: undefined }
  }

  async #work(): Promise<void> {
    // all that is asked for in this turn goes out by one write
    await turn()
    try {
      while (this.#queue.length > 0) {
        await this.#write(this.#take())
        await this.#rotateWhenFull()
      }
    } catch (error) {
      this.#lose(error)
    } finally {
      this.#working = undefined
    }
  }

  #take(): Entry[] {
    let bytes = 0
    let count = 0
    for (const { text } of this.#queue) {
      if (count === batchEntries || (count > 0 && bytes + text.length > batchBytes)) break
      bytes += text.length
      count += 1
    }
    return count === this.#queue.length ? this.#queue.splice(0) : this.#queue.splice(0, count)
  }

  async #write(batch: readonly Entry[]): Promise<void> {
    this.#batch = batch
    let open = batch
    for (let tries = 0; open.length > 0; tries += 1) {
      if (this.#walk.segment.sealed) await this.#walk.toEnd()
      if (this.#lost !== undefined) throw this.#lost
      if (this.#readOnly !== undefined)
        return this.#refuse(open, this.#halted ? this.#unknown(this.#readOnly) : this.#readOnly)
      const failure = await this.#tryToWrite(open)
      const missing = open.filter(({ verdict }) => verdict === undefined)
      if (missing.length > 0) this.#refuseOrTryAgain(missing, failure, tries)
      const judged = missing.length === 0 ? open : open.filter(({ verdict }) => verdict !== undefined)
      await this.#acknowledge(judged)
      open = missing.filter(({ group }) => group.left > 0)
    }
    this.#batch = []
  }

  /** One write, and one look at what has become of it. */
  async #tryToWrite(entries: readonly Entry[]): Promise<unknown> {
    const { segment } = this.#walk
    const bytes = frames(entries.map(({ text }) => text))
    let failure: unknown
    if (segment.sealed) return this.#walk.stuck
    try {
      this.#options.disk.append(segment.file, bytes)
      if (segment.isNext(bytes, entries.length)) {
        this.#sync.touch()
        this.#walk.fold(() => {
          for (const entry of entries) entry.verdict = this.#options.host.fold(entry.record)
        })
        return undefined
      }
    } catch (error) {
      if (codeOf(error) === 'EROFS') throw error
      failure = error
    }
    for (const entry of entries) this.#inFlight.set(entry.e, entry)
    try {
      await this.#walk.toEnd()
    } finally {
      for (const entry of entries) this.#inFlight.delete(entry.e)
    }
    return failure
  }

  /** Not to be found after reading all there is: it was not recorded. */
  #refuseOrTryAgain(missing: readonly Entry[], failure: unknown, tries: number): void {
    const isFull = full.has(codeOf(failure))
    if (!isFull && tries < mostTries - 1) return
    const { root } = this.#options.layout
    const error = isFull
      ? new StoreError('STORE_FULL', `${root} is full: nothing was recorded; what is there can still be read`, {
          cause: failure,
        })
      : new StoreError('STORE', `${root}: a record could not be written in ${mostTries} tries`, { cause: failure })
    this.#refuse(missing, error)
  }

  #refuse(entries: readonly Entry[], error: StoreError): void {
    for (const { group } of entries) {
      group.left = 0
      group.reject(error)
    }
  }

  async #acknowledge(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    // one that was stopped may find that others have sealed, replaced and removed it
    for (let tries = 1; this.#isGone; tries += 1) {
      if (tries === mostTries) throw new StoreError('STORE', 'the journal was removed or replaced while it was open')
      await this.#walk.toEnd()
    }
    const fsync = this.#options.durability === 'fsync'
    const later: Entry[] = []
    for (const entry of entries) {
      if (fsync && !unsynced.has(entry.record.type)) later.push(entry)
      else settle(entry)
    }
    if (later.length === 0) return
    await this.#sync.wait()
    for (const entry of later) settle(entry)
  }

  /** A record counts only in a file that others find, too. */
  get #isGone(): boolean {
    const { disk, layout } = this.#options
    const { file, n } = this.#walk.segment
    const mine = disk.stat(file)
    const named = disk.lstat(layout.segment(n))
    return mine.nlink === 0 || named?.ino !== mine.ino
  }

  async #rotateWhenFull(): Promise<void> {
    const { segmentBytes, segmentEvents } = this.#options
    const { segment } = this.#walk
    if (segment.frames.position < segmentBytes && segment.events < segmentEvents) return
    await this.rotate()
  }

  #line(line: Line): void {
    if (this.#halted) return
    const own = line.e === undefined ? undefined : this.#inFlight.get(line.e)
    const record = own === undefined ? readRecord(line) : own.record
    if (record === 'unknown') {
      this.#halted = true
      this.#readOnly ??= new StoreError('STORE', `this store holds records of a newer version (${show(line.type)})`)
      return
    }
    if (record === undefined || !('type' in record) || record.type === 'header') {
      this.#walk.segment.frames.damaged += 1
      return
    }
    this.#sync.touch()
    const verdict = this.#options.host.fold(record)
    if (own !== undefined && own.verdict === undefined) own.verdict = verdict
  }

  /** Nobody knows what was recorded: nothing more is, and nothing is tried again. */
  #lose(error: unknown): void {
    if (this.#lost !== undefined) return
    this.#lost = new StoreError('STORE_LOST', `${this.#options.layout.root} is lost to this process: ${show(error)}`, {
      cause: error,
    })
    const unknown = this.#unknown(error)
    for (const { group } of [...this.#batch, ...this.#queue.splice(0)]) group.reject(unknown)
    this.#options.host.lost(this.#lost)
  }

  #unknown(cause: unknown): StoreError {
    return new StoreError('UNKNOWN_OUTCOME', 'it may have been recorded, or not: the store was lost meanwhile', {
      cause,
    })
  }
}

function settle({ group, place, verdict }: Entry): void {
  group.verdicts[place] = verdict as Verdict
  group.left -= 1
  if (group.left === 0) group.resolve(group.verdicts)
}

function subjectOf(record: StoreRecord): string {
  if ('task' in record) return record.task
  return 'worker' in record ? record.worker : record.uid
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? (error as { code?: string }).code : undefined
}
