/** Loops for the tests of their parts, on a simulated clock. */
import { afterEach } from 'vitest'
import type { ScheduleJob } from '../../src/schedule/job.ts'
import { ScheduleLoop } from '../../src/schedule/loop.ts'
import type { ScheduleLoopOptions } from '../../src/schedule/loop-options.ts'
import { testRunner } from '../../src/testing/runner.ts'

/** What is to be ended after a test, in order. */
export const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

export function setUp(options: Partial<ScheduleLoopOptions> = {}, runnerOptions = {}) {
  const { runner, clock } = testRunner(runnerOptions)
  const jobs: ScheduleJob[] = []
  const loop = new ScheduleLoop({ runner, onTrigger: (job) => void jobs.push(job), ...options })
  endings.push(
    () => clock.until(loop.stop({ timeout: 0 })),
    () => clock.until(runner.stop()),
  )
  const add = (name: string, when: string, more = {}) =>
    runner.schedules.add({ name, when, message: `${name}!`, ...more })
  return { runner, clock, loop, jobs, add }
}
export const names = (jobs: readonly ScheduleJob[]): string[] => jobs.map(({ name }) => name)

export const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
