/** @module The options of a runner: what users write, and what the runner works with. */
import type { Inspect } from '../actors/live.ts'
import type { Retry } from '../actors/retry.ts'
import { type Clock, SystemClock } from '../clock.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { ValidationError } from '../errors.ts'
import type { TaskLimits } from '../machines/records.ts'
import { type Random, SystemRandom } from '../random.ts'
import type { Store } from '../store/store.ts'
import { checkBoolean, checkFunction, checkInteger, checkOptions, checkText } from '../validate.ts'
import { type RetryOptions, readRetry } from './retry-options.ts'
import type { ScheduleOptions } from './schedule-types.ts'
import { storeFrom } from './store-from.ts'
import { readTimeout } from './submit-options.ts'
import type { AnyRecipe, Recipe } from './types.ts'

/** A logger of pino's shape; `console` fits too. */
export interface Logger {
  debug(about: object, message: string): void
  info(about: object, message: string): void
  warn(about: object, message: string): void
  error(about: object, message: string): void
}

/** Options of a {@link BackgroundRunner}. */
export interface RunnerOptions {
  /** How many tasks run at once in this runner. @default 5 */
  readonly maxConcurrentTasks?: number
  /** The longest one attempt may take; false = no limit. @default '5m' */
  readonly defaultTimeout?: Duration | false
  /** How long a handler has to end after it was told to stop. @default '5s' */
  readonly gracePeriod?: Duration
  /** Whether finished tasks are forgotten by themselves. @default true */
  readonly autoCleanup?: boolean
  /** How long a finished task is kept in memory. @default '1h' */
  readonly cleanupDelay?: Duration
  /** How long a finished task is kept in a durable store. @default '7d' */
  readonly retention?: Duration
  /** How many finished tasks are kept at most, while `autoCleanup` is on. @default 10_000 */
  readonly keepFinished?: number
  /** How many tasks may be pending; one more is refused. @default 1_000_000 */
  readonly maxPending?: number
  /** Where tasks are kept: a store, or `'file:./folder'`, which is closed when the runner stops. `@default` memory of its own */
  readonly store?: Store | `file:${string}`
  /** The recipes it can run. @default [] */
  readonly recipes?: readonly AnyRecipe[]
  /** Whether it runs tasks; false for processes that only submit. @default true */
  readonly work?: boolean
  /**
   * Whether it fires the schedules of its store while it works; or schedules that are added, or changed, as it begins to.
   * @default true
   */
  readonly schedules?: boolean | readonly ScheduleOptions[]
  /** Whose the declared schedules are: two configs of different names never touch each other's. @default 'offstage' */
  readonly name?: string
  /** How failed tasks are tried again. `@default` one attempt */
  readonly retry?: RetryOptions
  /** Where time comes from. `@default` the machine */
  readonly clock?: Clock
  /** Where randomness comes from. `@default` the machine */
  readonly random?: Random
  /** Hears what nobody else would. `@default` process.emitWarning */
  readonly logger?: Logger
  /** Hears every actor, event and snapshot, as XState's `inspect`. */
  readonly inspect?: Inspect
  /** Whether SIGTERM and SIGINT stop the runner. @default false */
  readonly handleSignals?: boolean
}

const known = new Set([
  'maxConcurrentTasks',
  'defaultTimeout',
  'gracePeriod',
  'autoCleanup',
  'cleanupDelay',
  'retention',
  'keepFinished',
  'maxPending',
  'store',
  'recipes',
  'work',
  'schedules',
  'name',
  'retry',
  'clock',
  'random',
  'logger',
  'inspect',
  'handleSignals',
])

/** {@link RunnerOptions}, read. */
export interface Settings {
  readonly slots: number
  readonly limits: TaskLimits
  readonly retry: Retry
  readonly autoCleanup: boolean
  readonly cleanupDelay: number
  readonly retention: number
  readonly keepFinished: number
  readonly maxPending: number
  readonly store: Store | undefined
  /** Whether the store was made for this runner, which closes it. */
  readonly ownsStore: boolean
  readonly recipes: readonly Recipe[]
  readonly work: boolean
  readonly schedules: boolean
  readonly declared: readonly ScheduleOptions[]
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger | undefined
  readonly inspect: Inspect | undefined
  readonly handleSignals: boolean
}

/** How many deaths of a worker a task survives. */
const maxOrphans = 1

/** @throws {ValidationError} */
export function readRunnerOptions(options: RunnerOptions): Settings {
  checkOptions(options, known, 'the runner options')
  const { clock = new SystemClock(), random = new SystemRandom(), recipes = [] } = options
  const ownsStore = typeof options.store === 'string'
  const store = typeof options.store === 'string' ? storeFrom(options.store) : options.store
  for (const method of ['now', 'monotonic', 'setTimeout', 'clearTimeout'] as const)
    checkFunction(clock[method], `clock.${method}`)
  for (const method of ['next', 'id'] as const) checkFunction(random[method], `random.${method}`)
  for (const method of ['submit', 'claim', 'append', 'subscribe'] as const) {
    if (store !== undefined) checkFunction(store[method], `store.${method}`)
  }
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (options.logger !== undefined) checkFunction(options.logger[level], `logger.${level}`)
  }
  if (!Array.isArray(recipes)) throw new ValidationError('recipes', 'an array of recipes', recipes)
  const retry = readRetry(options.retry)
  return {
    slots: checkInteger(options.maxConcurrentTasks ?? 5, 'maxConcurrentTasks', 1, 100_000),
    limits: Object.freeze({
      timeout: readTimeout(options.defaultTimeout ?? '5m', 'defaultTimeout'),
      grace: parseDuration(options.gracePeriod ?? '5s', 'gracePeriod', { min: 0 }),
      maxAttempts: retry.attempts,
      maxOrphans,
    }),
    retry,
    autoCleanup: checkBoolean(options.autoCleanup ?? true, 'autoCleanup'),
    cleanupDelay: parseDuration(options.cleanupDelay ?? '1h', 'cleanupDelay', { min: 0 }),
    retention: parseDuration(options.retention ?? '7d', 'retention', { min: 0 }),
    keepFinished: checkInteger(options.keepFinished ?? 10_000, 'keepFinished', 0, 100_000_000),
    maxPending: checkInteger(options.maxPending ?? 1_000_000, 'maxPending', 1, 100_000_000),
    store,
    ownsStore,
    recipes: recipes as readonly Recipe[],
    work: checkBoolean(options.work ?? true, 'work'),
    ...readDeclared(options.schedules),
    name: checkText(options.name ?? 'offstage', 'name'),
    clock,
    random,
    logger: options.logger,
    inspect: options.inspect,
    handleSignals: checkBoolean(options.handleSignals ?? false, 'handleSignals'),
  }
}

function readDeclared(given: RunnerOptions['schedules'] = true): Pick<Settings, 'schedules' | 'declared'> {
  if (typeof given === 'boolean') return { schedules: given, declared: [] }
  if (!Array.isArray(given)) throw new ValidationError('schedules', 'true, false, or an array of schedules', given)
  return { schedules: true, declared: given as readonly ScheduleOptions[] }
}
