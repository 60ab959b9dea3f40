/** @module The options of a schedule loop. */
import type { BackgroundRunner } from '../runner/runner.ts'
import type { Logger } from '../runner/runner-options.ts'
import type { ScheduleJob } from './job.ts'
import type { ScheduleSource } from './source.ts'

/** Options of a `ScheduleLoop`. */
export interface ScheduleLoopOptions {
  /** Called with each firing of a schedule that has a `message`. What it throws fails that task alone. */
  readonly onTrigger: (job: ScheduleJob) => unknown
  /** Where the schedules are. `@default` the folder of a `FileStore` */
  readonly store?: ScheduleSource
  /** How often it looks for what others have changed, in seconds. Firings do not wait for that. @default 30 */
  readonly tickSeconds?: number
  /** Instead of `store`: the runner whose schedules are meant, and that runs the recipes of schedules. The loop starts it. */
  readonly runner?: BackgroundRunner
  /** How many callbacks run at once. `@default` the `maxConcurrentTasks` of `runner`, else 5 */
  readonly maxConcurrentTasks?: number
  /** Hears of callbacks that fail. `@default` process.emitWarning, or the runner's */
  readonly logger?: Logger
  /** Whether it keeps the process alive. @default false */
  readonly ref?: boolean
}
