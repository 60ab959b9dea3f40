/** @module From a schedule to the task that it makes, and back. */
import type { SubmitRecord } from '../machines/records.ts'
import type { Firing, ScheduleTarget } from '../machines/schedule-records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { ContextHost } from './context.ts'
import { messageRecipe, type ScheduledSubmit } from './schedule-types.ts'
import type { SubmitRecipeOptions } from './types.ts'

/** The submit of a firing. @throws {ValidationError} for what a submit refuses. */
export async function firingRecord(
  host: Pick<ContextHost, 'scheduled'>,
  schedule: StoredSchedule,
  firing: Firing,
): Promise<SubmitRecord> {
  const { name, owner, definition } = schedule
  const { target, metadata } = definition
  const { recipe = messageRecipe, message } = target
  const options: SubmitRecipeOptions = {
    name,
    // whoever hears the message gets what stands beside it
    ...(message !== undefined && metadata !== undefined && { metadata }),
    ...submitOf(target),
    ...(owner !== undefined && { owner }),
  }
  const input = message === undefined ? target.input : { message }
  const record = await host.scheduled(recipe, input, options)
  return { ...record, schedule: firing }
}

/** What a schedule says about its tasks, as options of a submit. */
export function submitOf(target: ScheduleTarget): ScheduledSubmit {
  const { timeout, attempts, retry, deadline, priority, tags, concurrencyKey, config, sessionId, metadata } = target
  const tries =
    attempts === undefined && retry === undefined
      ? undefined
      : { ...retry, ...(attempts !== undefined && { attempts }) }
  return {
    ...(timeout !== undefined && { timeout: timeout === null ? (false as const) : timeout }),
    ...(tries !== undefined && { retry: tries }),
    ...(deadline !== undefined && { deadline }),
    ...(priority !== undefined && { priority }),
    ...(tags !== undefined && { tags }),
    ...(concurrencyKey !== undefined && { concurrencyKey }),
    ...(config !== undefined && { config }),
    ...(sessionId !== undefined && { sessionId }),
    ...(metadata !== undefined && { metadata }),
  }
}
