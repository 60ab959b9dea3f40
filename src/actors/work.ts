/** @module What the face of a runner gives to its supervisor, and hears from it. */
import type { Clock } from '../clock.ts'
import type { OffstageError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Random } from '../random.ts'
import type { Store, StoreChange } from '../store/store.ts'
import type { Job } from './attempt.ts'
import type { Recipes } from './gate.ts'
import type { Inspect } from './live.ts'
import type { Retry } from './retry.ts'
import type { Telemetry } from './telemetry.ts'
import type { Timers } from './timer.ts'

/** What the supervisor asks of the face above it. */
export interface Work extends Recipes {
  /** The handler of a task, or undefined when it is not known any more. */
  jobOf(task: StoredTask): Job | undefined
  retryOf(task: StoredTask): Retry
  /** After a change was seen and acted on. */
  changed(change: StoreChange, store: Store): void
  /** An attempt began or ended, or a slot was given back. */
  moved(): void
  /** Whether it runs tasks at all: who only submits claims nothing. */
  readonly working: boolean
  /** The recipes that it knows, for people. */
  recipeNames(): readonly string[]
  /** Nothing can be recorded in that store any more, and nobody knows what was. Told once. */
  lost(store: Store, error: OffstageError): void
  warn(message: string, cause?: unknown): void
}

export interface SupervisorOptions {
  readonly stores: readonly Store[]
  readonly work: Work
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly slots: number
  readonly inspect: Inspect | undefined
  readonly telemetry: Telemetry
}
