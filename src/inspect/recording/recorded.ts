/** @module A recording as the views read it: what happened, in one order, and what every task and schedule was at any moment. */
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import type { Change } from '../../machines/fold-store.ts'
import type { StoreRecord } from '../../machines/records.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import type { StoredTask } from '../../machines/store-state.ts'
import type { Position, Reach, Tally } from '../protocol.ts'

type Snapshot = StoredTask['snapshot']
type State = StoredTask['state']

interface Placed {
  readonly n: Position
  /** What its writer said, in epoch ms. */
  readonly at: number
}
export interface TaskEntry extends Placed {
  readonly kind: 'task'
  readonly change: Change
  /** Undefined: it was forgotten. */
  readonly to: State | undefined
}
/** A schedule at one moment; the stored one goes on. */
export interface ScheduleShot {
  readonly schedule: StoredSchedule
  readonly status: StoredSchedule['status']
  readonly definition: StoredSchedule['definition']
  readonly snapshot: StoredSchedule['snapshot']
  /** The newest few. */
  readonly history: StoredSchedule['history']
}
export interface ScheduleEntry extends Placed {
  readonly kind: 'schedule'
  readonly change: ScheduleChange
  readonly shot: ScheduleShot
}
export interface VoidEntry extends Placed {
  readonly kind: 'void'
  readonly record: StoreRecord
  readonly reason: string
}
export interface DamageEntry extends Placed {
  readonly kind: 'damage'
  readonly where: string
  readonly lines: number
}
export interface WorkerEntry extends Placed {
  readonly kind: 'worker'
  readonly worker: string
}
export type Entry = TaskEntry | ScheduleEntry | VoidEntry | DamageEntry | WorkerEntry

/** A task, and where in the recording something happened to it. */
export interface Track {
  readonly task: StoredTask
  /** The positions of its kept entries, rising. */
  readonly positions: readonly Position[]
}

/** What is known of the past, up to the newest moment. A moment `n` is the one just after the entry `n`. */
export interface Recorded {
  /** Of another recording, positions mean nothing. */
  readonly epoch: string
  /** The oldest and the newest moment that can be asked for: `first` is the one before the oldest kept entry. */
  readonly first: Position
  readonly last: Position
  readonly reach: Reach
  /** The running maximum of the times up to a moment; never goes back. */
  timeAt(n: Position): number
  entry(n: Position): Entry | undefined
  /** The kept entries after one moment up to another, oldest first. */
  entries(after: Position, upTo: Position): Iterable<Entry>
  /** All tasks that any kept moment knows, the newest first. */
  tracks(): Iterable<Track>
  track(id: string): Track | undefined
  /** What a task was at a moment; undefined where it was not there. */
  snapshotAt(track: Track, n: Position): Snapshot | undefined
  /** The schedules at a moment, in the order in which they were added. */
  schedulesAt(n: Position): readonly ScheduleShot[]
  /** All but `slots`, which is not a matter of the past. */
  tallyAt(n: Position): Omit<Tally, 'slots'>
}
