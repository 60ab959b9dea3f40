/** @module Which firing of which schedule a task is. */
import type { SubmitRecord } from '../machines/records.ts'

/** Which firing a task is. */
export interface ScheduledRun {
  readonly id: string
  readonly name: string
  /** The slot; for a firing by hand the time of its submit. */
  readonly scheduledAt: Date
  /** The slot that fired before. */
  readonly previousAt?: Date
}

/** Which firing of which schedule a task is; undefined for one that no schedule made. */
export function scheduledRun({ schedule, at }: SubmitRecord): ScheduledRun | undefined {
  if (schedule === undefined) return undefined
  const { uid, name = '', slot = at, previous } = schedule
  const run = { id: uid, name, scheduledAt: new Date(slot) }
  return previous === undefined ? run : { ...run, previousAt: new Date(previous) }
}
