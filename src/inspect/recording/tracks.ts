/** @module The tasks of a recording, each with the places where something happened to it. */
import type { StoredTask, TaskSnapshot } from '../../machines/store-state.ts'
import type { Position } from '../protocol.ts'
import type { Track } from './recorded.ts'

interface OpenTrack extends Track {
  readonly positions: Position[]
  /** What it is after its newest entry; undefined once it was forgotten. */
  latest: TaskSnapshot | undefined
  place: number
}

/** Holes in the order are closed when there are so many, and as many as tasks. */
const fewHoles = 1_024

export class Tracks {
  readonly #tracks = new Map<string, OpenTrack>()
  /** In submit order. */
  #order: (OpenTrack | undefined)[] = []

  get size(): number {
    return this.#tracks.size
  }

  get(id: string): Track | undefined {
    return this.#tracks.get(id)
  }

  /** A task that was there before the first entry. */
  begin(task: StoredTask, latest: TaskSnapshot): void {
    this.#make(task, latest)
  }

  add(task: StoredTask, n: Position, after: TaskSnapshot | undefined, isNew: boolean): void {
    let track = this.#tracks.get(task.id)
    // a journal may submit an id again that was forgotten long ago
    if (track === undefined || (isNew && track.task !== task)) track = this.#make(task, after)
    track.positions.push(n)
    track.latest = after
  }

  /** The entry `n` of the task has fallen out. */
  trim(task: StoredTask, n: Position): void {
    const track = this.#tracks.get(task.id)
    if (track === undefined || track.positions[0] !== n) return
    track.positions.shift()
    if (track.latest === undefined && track.positions.length === 0) this.#drop(track)
  }

  latestOf(track: Track): TaskSnapshot | undefined {
    return (track as OpenTrack).latest
  }

  *newestFirst(): Generator<Track> {
    for (let i = this.#order.length - 1; i >= 0; i -= 1) {
      const track = this.#order[i]
      if (track !== undefined) yield track
    }
  }

  reset(): void {
    this.#tracks.clear()
    this.#order = []
  }

  #make(task: StoredTask, latest: TaskSnapshot | undefined): OpenTrack {
    const known = this.#tracks.get(task.id)
    if (known !== undefined) this.#order[known.place] = undefined
    const track: OpenTrack = { task, positions: [], latest, place: this.#order.length }
    this.#tracks.set(task.id, track)
    this.#order.push(track)
    return track
  }

  #drop(track: OpenTrack): void {
    this.#tracks.delete(track.task.id)
    this.#order[track.place] = undefined
    const holes = this.#order.length - this.#tracks.size
    if (holes < fewHoles || holes < this.#tracks.size) return
    this.#order = [...this.#order].filter((each) => each !== undefined)
    this.#order.forEach((each, place) => {
      if (each !== undefined) each.place = place
    })
  }
}
