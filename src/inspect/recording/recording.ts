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
import { afterOf, type Chunk, type Item } from './chunk.ts'
import { Counter } from './counter.ts'
import type { Entry, Recorded, ScheduleShot, Track } from './recorded.ts'
import { Ring } from './ring.ts'
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
/** Over how many ms arrivals are counted. */
const rateOver = 5_000
/** A rate over less than this many ms would say much of little. */
const shortestRate = 1_000

export class Recording implements Recorded {
  readonly epoch: string
  readonly #source: Reach['source']
  readonly #complete: boolean
  readonly #present: () => Iterable<StoredTask>
  readonly #shots = new ScheduleShots()
  readonly #now = new Counter()
  readonly #ring: Ring
  #tracks: Tracks | undefined
  /** The moment that it began at. */
  #base: Position = 0
  #damaged = 0
  #missed = 0
  loading: number | undefined

  constructor({ epoch, source, complete, keep = entriesKept, tasks, schedules = [], at }: RecordingOptions) {
    this.epoch = epoch
    this.#source = source
    this.#complete = complete
    this.#present = tasks ?? (() => [])
    for (const task of this.#present()) this.#now.begin(task.snapshot)
    this.#shots.begin(schedules)
    this.#ring = new Ring(keep, at, this.#now, (chunk) => this.#dropped(chunk))
  }

  get first(): Position {
    return this.#ring.first
  }

  get last(): Position {
    return this.#ring.last
  }

  get reach(): Reach {
    return {
      source: this.#source,
      first: this.first,
      last: this.last,
      since: this.#ring.firstTime,
      complete: this.#complete && this.first === 0 && this.#missed === 0,
      ...(this.loading !== undefined && { loading: this.loading }),
      damaged: this.#damaged,
      missed: this.#missed,
    }
  }

  /** A task moved. */
  add(change: Change): void {
    const after = afterOf(change)
    this.#ring.add(change, after, change.event.at)
    this.#now.move(change.before, change.event.type, after)
  }

  addSchedule(change: ScheduleChange): void {
    const n = this.last + 1
    this.#ring.addSchedule({ kind: 'schedule', n, at: change.record.at, change, shot: this.#shots.add(change, n) })
  }

  addVoid(record: StoreRecord, reason: string): void {
    this.#ring.add({ kind: 'void', n: this.last + 1, at: record.at, record, reason }, undefined, record.at)
  }

  /** Lines that could not be read: nobody knows when they were written. */
  addDamage(where: string, lines: number): void {
    this.#damaged += lines
    this.#ring.add({ kind: 'damage', n: this.last + 1, at: this.#ring.time, where, lines }, undefined, this.#ring.time)
  }

  addWorker(worker: string, at: number): void {
    this.#ring.add({ kind: 'worker', n: this.last + 1, at, worker }, undefined, at)
  }

  /** Changes happened that nobody told of: the present is what the store says, and what is known begins here. */
  resync(missed: number, schedules: Iterable<StoredSchedule>): void {
    this.#missed += missed
    this.#tracks = undefined
    this.#now.reset()
    for (const task of this.#present()) this.#now.begin(task.snapshot)
    this.#shots.begin(schedules)
    // a moment of its own: what stood at the one before is not true any more
    this.#ring.skip(Math.max(1, missed))
    this.#base = this.last
  }

  timeAt(n: Position): number {
    return this.#ring.timeAt(n)
  }

  entry(n: Position): Entry | undefined {
    return this.#ring.entry(n)
  }

  *entries(after: Position, upTo: Position): Generator<Entry> {
    for (let n = Math.max(after, this.first) + 1; n <= Math.min(upTo, this.last); n += 1) {
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
    const chunk = this.#ring.chunkOf(following) as Chunk
    const { before } = chunk.items[following - chunk.after - 1] as Change
    return before === taskChart.initial ? undefined : before
  }

  schedulesAt(n: Position): readonly ScheduleShot[] {
    return this.#shots.at(n)
  }

  /** @param now For the newest moment: rates go down while nothing happens. */
  tallyAt(n: Position, now = 0): Omit<Tally, 'slots'> {
    const counter = this.#ring.counterAt(n)
    const time = Math.max(this.timeAt(n), now)
    const from = this.#ring.positionAt(time - rateOver)
    // what has not fallen out covers less than the usual time when very much happens
    const isCut = from === this.first && from > this.#base
    const covered = Math.min(Math.max(time - this.timeAt(from), isCut ? 1 : shortestRate), rateOver)
    return counter.tally(from >= n ? undefined : this.#ring.counterAt(from), covered / 1_000)
  }

  /** The recording in `count` slices. */
  marks(count: number): Mark[] {
    const span = this.last - this.first
    const slices = Math.min(count, span)
    const marks: Mark[] = []
    let failed = this.#ring.failedAt(this.first)
    let previous = this.first
    for (let i = 1; i <= slices; i += 1) {
      const n = this.first + Math.round((span * i) / slices)
      const now = this.#ring.failedAt(n)
      marks.push({ n, time: this.timeAt(n), happened: n - previous, failed: now - failed })
      failed = now
      previous = n
    }
    return marks
  }

  #dropped({ schedules }: Chunk): void {
    for (const { shot } of schedules) this.#shots.trim(shot, this.first)
    if (this.#tracks !== undefined) this.#tracks.first = this.first
  }

  /** The tracks, up to date: made anew when so much has happened since they were asked for that not all of it is kept. */
  #indexed(): Tracks {
    const known = this.#tracks
    if (known?.indexed === this.last) return known
    const isFresh = known === undefined || known.indexed < this.first
    const tracks = isFresh ? new Tracks(this.first, this.#present()) : known
    for (let n = tracks.indexed + 1; n <= this.last; n += 1) {
      const { items, snapshots, after } = this.#ring.chunkOf(n) as Chunk
      const item = items[n - after - 1] as Item
      if (!('kind' in item)) tracks.add(item.task, n, snapshots[n - after - 1])
    }
    tracks.indexed = this.last
    if (isFresh) tracks.sort()
    else tracks.tidy()
    this.#tracks = tracks
    return tracks
  }
}
