/**
 * @module A recording: a bounded ring of what happened, and what every task and schedule was at any moment that it still
 * reaches. Snapshots are immutable and each change holds the one that it left, so the past costs no copies.
 */
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import type { Change } from '../../machines/fold-store.ts'
import type { StoreRecord } from '../../machines/records.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import { type StoredTask, type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { Mark, Position, Reach, Tally } from '../protocol.ts'
import { afterOf, Chunk, type Item } from './chunk.ts'
import { Counter } from './counter.ts'
import type { Entry, Recorded, ScheduleEntry, ScheduleShot, Track } from './recorded.ts'
import { ScheduleShots } from './schedule-shots.ts'
import { firstAbove } from './search.ts'
import { type OpenTrack, Tracks } from './tracks.ts'

/** Options of a {@link Recording}. */
export interface RecordingOptions {
  readonly epoch: string
  readonly source: Reach['source']
  /** Whether nothing was before the base. */
  readonly complete: boolean
  /** How many entries are kept at most; the oldest go by eighths, at most 1,024 at once. @default 100,000 */
  readonly keep?: number
  /** The tasks as they are now, in submit order; asked for again when views look for tasks after a long while. */
  tasks?(): Iterable<StoredTask>
  readonly schedules?: Iterable<StoredSchedule>
  /** Epoch ms of the base. `@default` that of the first entry */
  readonly at?: number
}

/** How many entries are kept, where nothing else is said. */
export const entriesKept = 100_000
const largestChunk = 1_024
const fewestChunks = 8
/** Over how many ms arrivals are counted. */
const rateOver = 5_000
/** A rate over less than this many ms would say much of little. */
const shortestRate = 1_000

export class Recording implements Recorded {
  readonly epoch: string
  readonly #source: Reach['source']
  readonly #complete: boolean
  readonly #chunkSize: number
  readonly #mostChunks: number
  readonly #present: () => Iterable<StoredTask>
  readonly #shots = new ScheduleShots()
  readonly #now = new Counter()
  #chunks: Chunk[]
  /** The one that is being filled: the last of them. */
  #chunk: Chunk
  #tracks: Tracks | undefined
  /** The moment that it began at. */
  #base: Position = 0
  #first: Position = 0
  #last: Position = 0
  /** The time of `first`, and the running maximum. */
  #firstTime: number | undefined
  #time: number
  #damaged = 0
  #missed = 0
  loading: number | undefined

  constructor({ epoch, source, complete, keep = entriesKept, tasks, schedules = [], at }: RecordingOptions) {
    this.epoch = epoch
    this.#source = source
    this.#complete = complete
    this.#chunkSize = Math.max(1, Math.min(largestChunk, Math.floor(keep / fewestChunks)))
    this.#mostChunks = Math.floor(keep / this.#chunkSize)
    this.#present = tasks ?? (() => [])
    this.#firstTime = at
    this.#time = at ?? 0
    for (const task of this.#present()) this.#now.begin(task.snapshot)
    this.#shots.begin(schedules)
    this.#chunk = new Chunk(0, this.#now.copy(), this.#chunkSize)
    this.#chunks = [this.#chunk]
  }

  get first(): Position {
    return this.#first
  }

  get last(): Position {
    return this.#last
  }

  get reach(): Reach {
    return {
      source: this.#source,
      first: this.#first,
      last: this.#last,
      since: this.#firstTime,
      complete: this.#complete && this.#first === 0 && this.#missed === 0,
      ...(this.loading !== undefined && { loading: this.loading }),
      damaged: this.#damaged,
      missed: this.#missed,
    }
  }

  /** A task moved. */
  add(change: Change): void {
    const after = afterOf(change)
    this.#push(change, after, change.event.at)
    this.#now.move(change.before, change.event.type, after)
  }

  addSchedule(change: ScheduleChange): void {
    const n = this.#last + 1
    const entry: ScheduleEntry = { kind: 'schedule', n, at: change.record.at, change, shot: this.#shots.add(change, n) }
    this.#push(entry, undefined, entry.at)
    this.#chunk.schedules.push(entry)
  }

  addVoid(record: StoreRecord, reason: string): void {
    this.#push({ kind: 'void', n: this.#last + 1, at: record.at, record, reason }, undefined, record.at)
  }

  /** Lines that could not be read: nobody knows when they were written. */
  addDamage(where: string, lines: number): void {
    this.#damaged += lines
    this.#push({ kind: 'damage', n: this.#last + 1, at: this.#time, where, lines }, undefined, this.#time)
  }

  addWorker(worker: string, at: number): void {
    this.#push({ kind: 'worker', n: this.#last + 1, at, worker }, undefined, at)
  }

  /** Changes happened that nobody told of: the present is what the store says, and what is known begins here. */
  resync(missed: number, schedules: Iterable<StoredSchedule>): void {
    this.#missed += missed
    // a moment of its own: what stood at the one before is not true any more
    this.#last += Math.max(1, missed)
    this.#base = this.#last
    this.#first = this.#last
    this.#firstTime = this.#time
    this.#tracks = undefined
    this.#now.reset()
    for (const task of this.#present()) this.#now.begin(task.snapshot)
    this.#shots.begin(schedules)
    this.#chunk = new Chunk(this.#last, this.#now.copy(), this.#chunkSize)
    this.#chunks = [this.#chunk]
  }

  timeAt(n: Position): number {
    const chunk = n <= this.#first ? undefined : this.#chunkOf(Math.min(n, this.#last))
    return chunk?.times[Math.min(n, this.#last) - chunk.after - 1] ?? this.#firstTime ?? 0
  }

  entry(n: Position): Entry | undefined {
    return n > this.#first && n <= this.#last ? this.#chunkOf(n)?.entry(n) : undefined
  }

  *entries(after: Position, upTo: Position): Generator<Entry> {
    for (let n = Math.max(after, this.#first) + 1; n <= Math.min(upTo, this.#last); n += 1) {
      const entry = this.entry(n)
      if (entry !== undefined) yield entry
    }
  }

  tracks(): Iterable<Track> {
    return this.#indexed().newestFirst()
  }

  track(id: string): Track | undefined {
    return this.#indexed().get(id)
  }

  snapshotAt(track: Track, n: Position): TaskSnapshot | undefined {
    const tracks = this.#indexed()
    const open = (track as OpenTrack).owner === tracks ? (track as OpenTrack) : tracks.get(track.task.id)
    if (open === undefined) return undefined
    const { positions } = open
    const following = positions[firstAbove(positions, n)]
    if (following === undefined) return open.latest
    const chunk = this.#chunkOf(following) as Chunk
    const { before } = chunk.items[following - chunk.after - 1] as Change
    return before === taskChart.initial ? undefined : before
  }

  schedulesAt(n: Position): readonly ScheduleShot[] {
    return this.#shots.at(n)
  }

  /** @param now For the newest moment: rates go down while nothing happens. */
  tallyAt(n: Position, now = 0): Omit<Tally, 'slots'> {
    const counter = this.#counterAt(n)
    const time = Math.max(this.timeAt(n), now)
    const from = this.#positionAt(time - rateOver)
    // what has not fallen out covers less than the usual time when very much happens
    const isCut = from === this.#first && from > this.#base
    const covered = Math.min(Math.max(time - this.timeAt(from), isCut ? 1 : shortestRate), rateOver)
    return counter.tally(from >= n ? undefined : this.#counterAt(from), covered / 1_000)
  }

  /** The recording in `count` slices. */
  marks(count: number): Mark[] {
    const span = this.#last - this.#first
    const slices = Math.min(count, span)
    const marks: Mark[] = []
    let failed = this.#failedAt(this.#first)
    let previous = this.#first
    for (let i = 1; i <= slices; i += 1) {
      const n = this.#first + Math.round((span * i) / slices)
      const now = this.#failedAt(n)
      marks.push({ n, time: this.timeAt(n), happened: n - previous, failed: now - failed })
      failed = now
      previous = n
    }
    return marks
  }

  #push(item: Item, after: TaskSnapshot | undefined, at: number): void {
    if (this.#chunk.size === this.#chunkSize) this.#turn()
    if (at > this.#time) this.#time = at
    this.#firstTime ??= at
    this.#last += 1
    this.#chunk.add(item, after, this.#time)
  }

  /** Begins a new chunk, and lets the oldest fall out where they would be too many. */
  #turn(): void {
    if (this.#chunks.length === this.#mostChunks) this.#dropOldest()
    this.#chunk = new Chunk(this.#last, this.#now.copy(), this.#chunkSize)
    this.#chunks.push(this.#chunk)
  }

  #dropOldest(): void {
    const oldest = this.#chunks.shift() as Chunk
    this.#first = oldest.after + oldest.size
    this.#firstTime = oldest.times[oldest.size - 1]
    for (const { shot } of oldest.schedules) this.#shots.trim(shot, this.#first)
    if (this.#tracks !== undefined) this.#tracks.first = this.#first
  }

  /** The tracks, up to date: made anew when so much has happened since they were asked for that not all of it is kept. */
  #indexed(): Tracks {
    const known = this.#tracks
    if (known?.indexed === this.#last) return known
    const isFresh = known === undefined || known.indexed < this.#first
    const tracks = isFresh ? new Tracks(this.#first, this.#present()) : known
    for (let n = tracks.indexed + 1; n <= this.#last; n += 1) {
      const { items, snapshots, after } = this.#chunkOf(n) as Chunk
      const item = items[n - after - 1] as Item
      if (!('kind' in item)) tracks.add(item.task, n, snapshots[n - after - 1])
    }
    tracks.indexed = this.#last
    if (isFresh) tracks.sort()
    else tracks.tidy()
    this.#tracks = tracks
    return tracks
  }

  /** Of a kept entry. All chunks but the last are full. */
  #chunkOf(n: Position): Chunk | undefined {
    const base = this.#chunks[0]?.after ?? 0
    return this.#chunks[Math.floor((n - base - 1) / this.#chunkSize)]
  }

  #failedAt(n: Position): number {
    return n >= this.#last ? this.#now.failed : (this.#chunkOf(n + 1) as Chunk).failedAt(n)
  }

  #counterAt(n: Position): Counter {
    if (n >= this.#last) return this.#now
    const at = Math.max(n, this.#first)
    return (this.#chunkOf(at + 1) as Chunk).counterAt(at)
  }

  /** The newest moment up to a time. */
  #positionAt(time: number): Position {
    let low = this.#first
    let high = this.#last
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (this.timeAt(middle) <= time) low = middle
      else high = middle - 1
    }
    return low
  }
}
