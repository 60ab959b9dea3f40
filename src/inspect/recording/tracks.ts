/**
 * @module The tasks of a recording, each with the places where something happened to it. They are looked for only when a
 * view asks for tasks: what is recorded meanwhile costs nothing here.
 */
import type { StoredTask, TaskSnapshot } from '../../machines/store-state.ts'
import type { Position } from '../protocol.ts'
import type { Track } from './recorded.ts'
import { firstAbove } from './search.ts'

const nowhere: Position[] = []
/** So many places that are not kept any more may stand in a list, or as many as are kept. */
const fewStale = 8
/** Holes in the order are closed when there are so many, and as many as tasks. */
const fewHoles = 1_024

/** A task of {@link Tracks}. */
export class OpenTrack implements Track {
  readonly task: StoredTask
  /** Where it belongs: after a rebuild there is another one of the same task. */
  readonly owner: Tracks
  /** What it is after its newest entry; undefined once it was forgotten. */
  latest: TaskSnapshot | undefined
  isDropped = false
  #positions = nowhere
  /** How long the list may be before it is trimmed. */
  #room = fewStale

  constructor(task: StoredTask, owner: Tracks, latest: TaskSnapshot | undefined) {
    this.task = task
    this.owner = owner
    this.latest = latest
  }

  get positions(): readonly Position[] {
    if ((this.#positions[0] ?? Number.POSITIVE_INFINITY) <= this.owner.first) this.#trim()
    return this.#positions
  }

  add(n: Position): void {
    const [a, b, c] = this.#positions
    // most tasks have few: an array that grows would take room for seventeen
    if (a === undefined) this.#positions = [n]
    else if (b === undefined) this.#positions = [a, n]
    else if (c === undefined) this.#positions = [a, b, n]
    else if (this.#positions.push(n) > this.#room) {
      this.#trim()
      this.#room = fewStale + 2 * this.#positions.length
    }
  }

  /** Into a new list: a view may be reading the old one. */
  #trim(): void {
    this.#positions = this.#positions.slice(firstAbove(this.#positions, this.owner.first))
  }
}

export class Tracks {
  /** The moment before the oldest entry that is kept. */
  first: Position
  /** All up to here was looked at. */
  indexed: Position
  readonly #byId = new Map<string, OpenTrack>()
  /** An id that was forgotten long ago may be submitted again: the lives before the newest. */
  readonly #earlier = new Map<StoredTask, OpenTrack>()
  /** In submit order. */
  #order: OpenTrack[] = []
  #holes = 0
  /** In the order of their being forgotten. */
  #forgotten: { readonly n: Position; readonly track: OpenTrack }[] = []

  /** @param present The tasks as they are now, in submit order; what is kept of the past is added afterwards. */
  constructor(first: Position, present: Iterable<StoredTask>) {
    this.first = first
    this.indexed = first
    // no two of them have the same id
    for (const task of present) {
      const track = new OpenTrack(task, this, task.snapshot)
      this.#order.push(track)
      this.#byId.set(task.id, track)
    }
  }

  get(id: string): OpenTrack | undefined {
    return this.#byId.get(id)
  }

  /** @param after Undefined: it was forgotten. */
  add(task: StoredTask, n: Position, after: TaskSnapshot | undefined): void {
    let track = this.#byId.get(task.id)
    if (track?.task !== task) track = this.#earlier.get(task) ?? this.#make(task, after)
    track.add(n)
    track.latest = after
    if (after === undefined) this.#forgotten.push({ n, track })
  }

  /** Lets go of tasks that no kept moment knows. */
  tidy(): void {
    const { first } = this
    let gone = 0
    for (const { n, track } of this.#forgotten) {
      if (n > first) break
      this.#drop(track)
      gone += 1
    }
    if (gone > 0) this.#forgotten = this.#forgotten.slice(gone)
    if (this.#holes < fewHoles || this.#holes * 2 < this.#order.length) return
    this.#order = this.#order.filter(({ isDropped }) => !isDropped)
    this.#holes = 0
  }

  /** In submit order: tasks that are not there any more were added after those that are. */
  sort(): void {
    this.#order.sort((a, b) => a.task.seq - b.task.seq)
  }

  *newestFirst(): Generator<OpenTrack> {
    const order = this.#order
    for (let i = order.length - 1; i >= 0; i -= 1) {
      const track = order[i]
      if (track !== undefined && !track.isDropped) yield track
    }
  }

  #make(task: StoredTask, latest: TaskSnapshot | undefined): OpenTrack {
    const track = new OpenTrack(task, this, latest)
    this.#order.push(track)
    const other = this.#byId.get(task.id)
    if (other !== undefined && other.task.seq > task.seq) this.#earlier.set(task, track)
    else {
      if (other !== undefined) this.#earlier.set(other.task, other)
      this.#byId.set(task.id, track)
    }
    return track
  }

  #drop(track: OpenTrack): void {
    track.isDropped = true
    this.#holes += 1
    this.#earlier.delete(track.task)
    if (this.#byId.get(track.task.id) === track) this.#byId.delete(track.task.id)
  }
}
