/** @module The schedules that a config declares, as a runner begins to work. */
import { SystemClock } from '../clock.ts'
import { OffstageError } from '../errors.ts'
import type { RunnerCore } from './core.ts'
import { readSchedule } from './schedule-options.ts'
import type { ScheduleOptions } from './schedule-types.ts'
import type { Schedules } from './schedules.ts'

/** Adds and changes what is declared, and tells it. Never rejects: a worker works without it. */
export async function declareSchedules(core: RunnerCore, schedules: Schedules): Promise<void> {
  const { declared, name, logger } = core.settings
  try {
    const { added, updated } = await schedules.sync(declared, { source: name })
    if (added.length + updated.length === 0) return
    const told = [
      added.length > 0 ? `added ${added.join(', ')}` : '',
      updated.length > 0 ? `changed ${updated.join(', ')}` : '',
    ]
    logger?.info({ added, updated }, `schedules of ${name}: ${told.filter(Boolean).join('; ')}`)
  } catch (error) {
    if (!OffstageError.is(error, 'RUNNER_STOPPED')) core.warn(`the schedules of ${name} could not be declared`, error)
  }
}

/**
 * Checks a schedule for `schedules` of a config, or of a runner.
 *
 * @returns The same options, frozen.
 * @throws {ValidationError} INVALID_SCHEDULE, INVALID_OPTION or UNKNOWN_OPTION.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, defineRecipe, defineSchedule } from 'offstage'
 *
 * const report = defineRecipe({ name: 'report', run: async () => 'done' })
 * const daily = defineSchedule({ name: 'daily', when: 'every day at 9am', tz: 'Europe/Berlin', recipe: report })
 * const runner = new BackgroundRunner({ recipes: [report], schedules: [daily] })
 * await runner.stop()
 * ```
 */
export function defineSchedule(options: ScheduleOptions): ScheduleOptions {
  readSchedule(options, { now: new SystemClock().now(), tz: 'UTC' })
  return Object.freeze({ ...options })
}
