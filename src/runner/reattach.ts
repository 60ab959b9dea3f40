/** @module How the actor of a task finds it again after its machine was restored, without ever running the work twice. */
import { OffstageError } from '../errors.ts'
import { type BackgroundRunner, coreOf } from './runner.ts'
import type { BackgroundTask } from './task.ts'

/** What a persisted snapshot says of a task. */
export interface Kept {
  readonly taskId: string
  /** Whether the submit had been acknowledged when the snapshot was taken; mostly it had not. */
  readonly submitted: boolean
  /** When the actor was made, in epoch ms. */
  readonly since: number
}

/**
 * The task of a restored actor, or undefined where it never got to the store and may be submitted now, under the same id:
 * the store refuses the ids that it has forgotten last.
 *
 * @throws {OffstageError} GONE when the task was there and is not any more, or may have been.
 */
export async function findAgain(
  runner: BackgroundRunner,
  { taskId, submitted, since }: Kept,
): Promise<BackgroundTask<unknown> | undefined> {
  const task = await runner.get(taskId)
  if (task !== undefined) return task
  if (submitted) throw new OffstageError('GONE', `the store has forgotten the task ${taskId}`)
  if (mayBeForgotten(runner, since))
    throw new OffstageError('GONE', `the store has no task ${taskId}, and may have forgotten it`)
  return undefined
}

/** Whether retention, by age or by number, can have taken a task that was submitted then. */
function mayBeForgotten(runner: BackgroundRunner, since: number): boolean {
  const { store, settings } = coreOf(runner)
  const { completed, failed, cancelled } = store.counts
  const keptFor = store.durable ? settings.retention : settings.cleanupDelay
  const isYoung = settings.clock.now() - since < keptFor
  return !isYoung || completed + failed + cancelled >= settings.keepFinished
}
