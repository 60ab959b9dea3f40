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
import { Counter } from './counter.ts'
import type { Entry, Recorded, ScheduleShot, Track } from './recorded.ts'
import { ScheduleShots } from './schedule-shots.ts'
import { firstAbove } from './search.ts'
import { Tracks } from './tracks.ts'

/** Options of a {@link Recording}. */
export interface RecordingOptions {
  readonly epoch: string
  readonly source: Reach['source']
  /** Whether nothing was before the base. */
  readonly complete: boolean
  /** How many entries are kept. @default 100,000 */
  readonly keep?: number
  readonly tasks?: Iterable<StoredTask>
  readonly schedules?: Iterable<StoredSchedule>
  /** Epoch ms of the base. @default 0 */
  readonly at?: number
}

interface Checkpoint {
  readonly n: Position
  readonly counter: Counter
}

/** How many entries are kept, where nothing else is said. */
export const entriesKept = 100_000
/** A checkpoint stands at every so many entries. */
const checkpointEvery = 1_024
/** Over how many ms arrivals are counted. */
const rateOver = 5_000

export class Recording implements Recorded {
  readonly epoch: string
  readonly #source: Reach['source']
  readonly #complete: boolean
  readonly #keep: number
  /** Entry n stands at n % keep. */
  readonly #entries: (Entry | undefined)[] = []
  readonly #times: number[] = []
  readonly #tracks = new Tracks()
  readonly #shots = new ScheduleShots()
  readonly #now = new Counter()
  /** By position, rising: the counts just after it. */
  #checkpoints: Checkpoint[] = []
  #first: Position = 0
  #last: Position = 0
  /** The time of `first`, and the running maximum. */
  #firstTime: number
  #time: number
  #damaged = 0
  #missed = 0
  loading: number | undefined

  constructor({ epoch, source, complete, keep = entriesKept, tasks = [], schedules = [], at = 0 }: RecordingOptions) {
    this.epoch = epoch
    this.#source = source
    this.#complete = complete
    this.#keep = keep
    this.#firstTime = at
    this.#time = at
    for (const task of tasks) {
      this.#tracks.begin(task, task.snapshot)
      this.#now.begin(task.snapshot)
    }
    this.#shots.begin(schedules)
    this.#checkpoints.push({ n: 0, counter: this.#now.copy() })
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
      since: this.#last === 0 && this.#firstTime === 0 ? undefined : this.#firstTime || this.timeAt(this.#first + 1),
      complete: this.#complete && this.#first === 0 && this.#missed === 0,
      ...(this.loading !== undefined && { loading: this.loading }),
      damaged: this.#damaged,
      missed: this.#missed,
    }
  }

  /** A task moved. */
  add(change: Change): void {
    const { task, event, before } = change
    const after = event.type === 'forget' ? undefined : afterOf(change)
    const entry: Entry = { kind: 'task', n: this.#last + 1, at: event.at, change, to: after?.leaf.name as never }
    this.#push(entry)
    this.#tracks.add(task, entry.n, after, before === taskChart.initial)
    this.#now.move(before, event.type, after)
    this.#checkpoint()
  }

  addSchedule(change: ScheduleChange): void {
    const n = this.#last + 1
    const shot = this.#shots.add(change, n)
    this.#push({ kind: 'schedule', n, at: change.record.at, change, shot })
    this.#checkpoint()
  }

  /** So many schedules changed that nobody told which. */
  resetSchedules(schedules: Iterable<StoredSchedule>): void {
    this.#shots.begin(schedules)
  }

  addVoid(record: StoreRecord, reason: string): void {
    this.#push({ kind: 'void', n: this.#last + 1, at: record.at, record, reason })
    this.#checkpoint()
  }

  addDamage(where: string, lines: number): void {
    this.#damaged += lines
    this.#push({ kind: 'damage', n: this.#last + 1, at: this.#time, where, lines })
    this.#checkpoint()
  }

  addWorker(worker: string, at: number): void {
    this.#push({ kind: 'worker', n: this.#last + 1, at, worker })
    this.#checkpoint()
  }

  /** More happened than could be kept: the present is what the store says, and the past begins here. */
  skip(missed: number, tasks: Iterable<StoredTask>, schedules: Iterable<StoredSchedule>): void {
    this.#missed += missed
    this.#last += missed
    this.#first = this.#last
    this.#firstTime = this.#time
    this.#entries.length = 0
    this.#times.length = 0
    this.#now.reset()
    this.#tracks.reset()
    for (const task of tasks) {
      this.#tracks.begin(task, task.snapshot)
      this.#now.begin(task.snapshot)
    }
    this.#shots.begin(schedules)
    this.#checkpoints = [{ n: this.#last, counter: this.#now.copy() }]
  }

  timeAt(n: Position): number {
    if (n <= this.#first) return this.#firstTime
    return this.#times[Math.min(n, this.#last) % this.#keep] ?? this.#firstTime
  }

  entry(n: Position): Entry | undefined {
    return n > this.#first && n <= this.#last ? this.#entries[n % this.#keep] : undefined
  }

  *entries(after: Position, upTo: Position): Generator<Entry> {
    const last = Math.min(upTo, this.#last)
    for (let n = Math.max(after, this.#first) + 1; n <= last; n += 1) yield this.#entries[n % this.#keep] as Entry
  }

  tracks(): Iterable<Track> {
    return this.#tracks.newestFirst()
  }

  track(id: string): Track | undefined {
    return this.#tracks.get(id)
  }

  get size(): number {
    return this.#tracks.size
  }

  snapshotAt(track: Track, n: Position): TaskSnapshot | undefined {
    const next = firstAbove(track.positions, n)
    const following = track.positions[next]
    if (following === undefined) return this.#tracks.latestOf(track)
    const entry = this.entry(following)
    if (entry?.kind !== 'task' || entry.change.before === taskChart.initial) return undefined
    return entry.change.before
  }

  schedulesAt(n: Position): readonly ScheduleShot[] {
    return this.#shots.at(n)
  }

  tallyAt(n: Position): Omit<Tally, 'slots'> {
    const counter = this.#counterAt(n)
    const time = this.timeAt(n)
    const from = this.#positionAt(time - rateOver)
    // a short recording, or one that is full: what it covers is what counts
    const seconds = Math.min(Math.max(time - this.timeAt(from), 1_000), rateOver) / 1_000
    return counter.tally(from >= n ? undefined : this.#counterAt(from), seconds)
  }

  /** The recording in `count` slices. */
  marks(count: number): Mark[] {
    const span = this.#last - this.#first
    const slices = Math.min(count, span)
    const marks: Mark[] = []
    let before = this.#counterAt(this.#first)
    for (let i = 1; i <= slices; i += 1) {
      const n = this.#first + Math.round((span * i) / slices)
      const counter = this.#counterAt(n)
      const previous = marks.at(-1)?.n ?? this.#first
      marks.push({ n, time: this.timeAt(n), happened: n - previous, failed: counter.failed - before.failed })
      before = counter
    }
    return marks
  }

  #push(entry: Entry): void {
    const place = entry.n % this.#keep
    if (this.#last - this.#first === this.#keep) this.#dropOldest()
    this.#last = entry.n
    if (entry.at > this.#time) this.#time = entry.at
    this.#entries[place] = entry
    this.#times[place] = this.#time
  }

  #dropOldest(): void {
    const n = this.#first + 1
    const place = n % this.#keep
    const oldest = this.#entries[place] as Entry
    this.#firstTime = this.#times[place] as number
    this.#first = n
    if (oldest.kind === 'task') this.#tracks.trim(oldest.change.task, n)
    else if (oldest.kind === 'schedule') this.#shots.trim(oldest.shot, n)
    while ((this.#checkpoints[1]?.n ?? Number.POSITIVE_INFINITY) <= n) this.#checkpoints.shift()
  }

  #checkpoint(): void {
    if (this.#last % checkpointEvery === 0) this.#checkpoints.push({ n: this.#last, counter: this.#now.copy() })
  }

  #counterAt(n: Position): Counter {
    if (n >= this.#last) return this.#now
    const at = Math.max(n, this.#first)
    const place = this.#checkpoints.findLastIndex((each) => each.n <= at)
    const { n: from, counter } = this.#checkpoints[place] as Checkpoint
    const copy = counter.copy()
    // a checkpoint may lie before the first entry that is kept: then the next one, backwards
    if (from < this.#first) return this.#counterBack(at)
    for (const entry of this.entries(from, at)) if (entry.kind === 'task') copy.apply(entry)
    return copy
  }

  #counterBack(n: Position): Counter {
    const next = this.#checkpoints.find((each) => each.n >= n)
    const copy = (next?.counter ?? this.#now).copy()
    for (let at = next?.n ?? this.#last; at > n; at -= 1) {
      const entry = this.entry(at)
      if (entry?.kind === 'task') copy.undo(entry)
    }
    return copy
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

/** What the change led to: what the task is now, unless it has gone on before this was told. */
function afterOf({ task, event, before }: Change): TaskSnapshot {
  const { snapshot } = task
  if (snapshot.context.version === before.context.version + 1 || snapshot === before) return snapshot
  return event.type === 'forget' ? before : taskChart.next(before, event)
}
