/** @module A firing of a schedule with a message, as callbacks and pollers get it. */
import type { StoredTask } from '../machines/store-state.ts'

/** A schedule with a message that is due. */
export interface ScheduleJob {
  /** The id of the schedule. */
  readonly id: string
  readonly name: string
  readonly message: string
  readonly owner: string | undefined
  /** The nominal time, however late it is; for a firing by hand the time of that. */
  readonly scheduledAt: Date
  /** The nominal time of the firing before. */
  readonly previousAt: Date | undefined
  /** What the schedule was given as `metadata`. */
  readonly metadata: Readonly<Record<string, unknown>> | undefined
  /** Aborted when the task of this firing is cancelled, or runs out of time, or is given to somebody else. */
  readonly signal: AbortSignal
  /** The task of this firing. With the attempt its id makes an idempotency key for effects. */
  readonly task: { readonly id: string; readonly name: string; readonly attempt: number }
}

/** The job of a task that was made for a message. */
export function jobOf({ id: task, spec, snapshot }: StoredTask, signal: AbortSignal): ScheduleJob {
  const { name, owner, input, metadata, schedule, at } = spec
  const { uid = '', slot = at, previous } = schedule ?? {}
  const { message } = (input ?? {}) as { message?: unknown }
  return Object.freeze({
    id: uid,
    name: schedule?.name ?? name,
    message: String(message ?? ''),
    owner,
    scheduledAt: new Date(slot),
    previousAt: previous === undefined ? undefined : new Date(previous),
    metadata,
    signal,
    task: Object.freeze({ id: task, name, attempt: snapshot.context.run }),
  })
}
