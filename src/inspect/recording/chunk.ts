/** @module A piece of a recording: so many entries in a row, and the counts before the first of them. */
import type { Change } from '../../machines/fold-store.ts'
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { Position } from '../protocol.ts'
import type { Counter } from './counter.ts'
import type { Entry, ScheduleEntry, TaskEntry } from './recorded.ts'

/** A change as it was told, or an entry that is none. */
export type Item = Change | Exclude<Entry, TaskEntry>

export class Chunk {
  /** The moment before its first entry, and what was counted then. */
  readonly after: Position
  readonly counter: Counter
  readonly items: Item[]
  /** What each change led to. */
  readonly snapshots: (TaskSnapshot | undefined)[]
  /** The running maximum of the times. */
  readonly times: number[]
  /** Those of the items that are about schedules. */
  readonly schedules: ScheduleEntry[] = []
  size = 0

  constructor(after: Position, counter: Counter, room: number) {
    this.after = after
    this.counter = counter
    // lists that grow are copied again and again
    this.items = new Array(room)
    this.snapshots = new Array(room)
    this.times = new Array(room)
  }

  add(item: Item, snapshot: TaskSnapshot | undefined, time: number): void {
    const place = this.size
    this.items[place] = item
    this.snapshots[place] = snapshot
    this.times[place] = time
    this.size = place + 1
  }

  entry(n: Position): Entry | undefined {
    const place = n - this.after - 1
    const item = this.items[place]
    if (item === undefined || 'kind' in item) return item
    const to = this.snapshots[place]?.leaf.name as TaskEntry['to']
    return { kind: 'task', n, at: item.event.at, change: item, to }
  }

  /** How many tasks had failed at a moment within it. */
  failedAt(n: Position): number {
    let { failed } = this.counter
    const places = Math.min(n - this.after, this.size)
    for (let place = 0; place < places; place += 1) {
      const snapshot = this.snapshots[place]
      if (snapshot !== undefined && isFailure(snapshot) && !isFailure((this.items[place] as Change).before)) failed += 1
    }
    return failed
  }

  /** What was counted at a moment within it. */
  counterAt(n: Position): Counter {
    const counter = this.counter.copy()
    const places = Math.min(n - this.after, this.size)
    for (let place = 0; place < places; place += 1) {
      const item = this.items[place] as Item
      if (!('kind' in item)) counter.move(item.before, item.event.type, this.snapshots[place])
    }
    return counter
  }
}

const isFailure = ({ leaf }: TaskSnapshot): boolean => leaf.name === 'failed'

/**
 * What a change led to: what the task is now, unless it has gone on before this was told. Of a jump, after others have
 * gone on too far to be followed, the last step alone is told: it led to the present.
 */
export function afterOf({ task, event, before }: Change): TaskSnapshot | undefined {
  if (event.type === 'forget') return undefined
  const { snapshot } = task
  if (snapshot.context.version === before.context.version + 1) return snapshot
  const next = taskChart.next(before, event)
  return next === before ? snapshot : next
}
