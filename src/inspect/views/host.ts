/** @module What views are made from, besides the query. */
import type { Awaitable, StreamEntry } from '../../index.ts'
import type { ActorsView, Position, Query } from '../protocol.ts'
import type { Recorded, ScheduleShot } from '../recording/recorded.ts'

export interface ViewHost {
  readonly recorded: Recorded
  readonly live: boolean
  /** What the viewer of a task has got already. */
  readonly sent?: { readonly happening: Position; readonly line: number } | undefined
  now(): number
  /** The kept lines of a task after a number. */
  lines(task: string, after: number): Awaitable<readonly StreamEntry[]>
  /** Why a task is where it is. */
  explain(task: string): Promise<string | undefined>
  actors(query: Query): ActorsView
  /** The state of the runner, where there is one here. */
  readonly runnerState?: string | undefined
  describeWhen(when: ScheduleShot['definition']['when']): string
  nextSlots(when: ScheduleShot['definition']['when'], after: number, count: number): readonly number[]
  redact(text: string): string
}
