/** @module The entries of a recording, in chunks: the oldest chunk falls out where there would be too many. */
import type { TaskSnapshot } from '../../machines/store-state.ts'
import type { Position } from '../protocol.ts'
import { Chunk, type Item } from './chunk.ts'
import type { Counter } from './counter.ts'
import type { Entry, ScheduleEntry } from './recorded.ts'
import { lastWhere } from './search.ts'

const largestChunk = 1_024
const fewestChunks = 8

export class Ring {
  first: Position
  last: Position
  /** The time of `first`, and the running maximum. */
  firstTime: number | undefined
  time: number
  readonly #now: Counter
  readonly #dropped: (chunk: Chunk) => void
  readonly #chunkSize: number
  readonly #mostChunks: number
  #chunks: Chunk[]
  /** The one that is being filled: the last of them. */
  #chunk: Chunk

  /**
   * @param keep How many entries are kept at most; the oldest go by eighths, at most 1,024 at once.
   * @param now The counts after the newest entry: they go on after each that was added.
   * @param dropped Told of the entries that fall out.
   */
  constructor(keep: number, at: number | undefined, now: Counter, dropped: (chunk: Chunk) => void) {
    this.#chunkSize = Math.max(1, Math.min(largestChunk, Math.floor(keep / fewestChunks)))
    this.#mostChunks = Math.floor(keep / this.#chunkSize)
    this.#now = now
    this.#dropped = dropped
    this.first = 0
    this.last = 0
    this.firstTime = at
    this.time = at ?? 0
    this.#chunk = new Chunk(0, now.copy(), this.#chunkSize)
    this.#chunks = [this.#chunk]
  }

  /** @param after What a change led to. */
  add(item: Item, after: TaskSnapshot | undefined, at: number): void {
    if (this.#chunk.size === this.#chunkSize) this.#turn()
    if (at > this.time) this.time = at
    // damage has no time where nothing was before it
    if (at > 0) this.firstTime ??= at
    this.last += 1
    this.#chunk.add(item, after, this.time)
  }

  addSchedule(entry: ScheduleEntry): void {
    this.add(entry, undefined, entry.at)
    this.#chunk.schedules.push(entry)
  }

  /** All that was falls out, and so many positions are skipped. */
  skip(count: number): void {
    this.last += count
    this.first = this.last
    this.firstTime = this.time
    this.#chunk = new Chunk(this.last, this.#now.copy(), this.#chunkSize)
    this.#chunks = [this.#chunk]
  }

  /** The chunk of a kept entry. All but the last are full. */
  chunkOf(n: Position): Chunk | undefined {
    const base = this.#chunks[0]?.after ?? 0
    return this.#chunks[Math.floor((n - base - 1) / this.#chunkSize)]
  }

  entry(n: Position): Entry | undefined {
    return n > this.first && n <= this.last ? this.chunkOf(n)?.entry(n) : undefined
  }

  timeAt(n: Position): number {
    const at = Math.min(n, this.last)
    const chunk = at <= this.first ? undefined : this.chunkOf(at)
    return chunk?.times[at - chunk.after - 1] ?? this.firstTime ?? 0
  }

  /** The newest moment up to a time. */
  positionAt(time: number): Position {
    return lastWhere(this.first, this.last, (n) => this.timeAt(n) <= time)
  }

  counterAt(n: Position): Counter {
    if (n >= this.last) return this.#now
    const at = Math.max(n, this.first)
    return (this.chunkOf(at + 1) as Chunk).counterAt(at)
  }

  failedAt(n: Position): number {
    return n >= this.last ? this.#now.failed : (this.chunkOf(n + 1) as Chunk).failedAt(n)
  }

  #turn(): void {
    if (this.#chunks.length === this.#mostChunks) this.#dropOldest()
    this.#chunk = new Chunk(this.last, this.#now.copy(), this.#chunkSize)
    this.#chunks.push(this.#chunk)
  }

  #dropOldest(): void {
    const oldest = this.#chunks.shift() as Chunk
    this.first = oldest.after + oldest.size
    this.firstTime = oldest.times[oldest.size - 1]
    this.#dropped(oldest)
  }
}
