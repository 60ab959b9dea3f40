/** @module The config of a project: what workers and the command line share. */
import { SystemClock } from '../clock.ts'
import { OffstageError, show, ValidationError } from '../errors.ts'
import { checkFunction, checkOptions, checkText } from '../validate.ts'
import type { Agent } from './agent.ts'
import { RecipeBook } from './recipe.ts'
import { type RunnerOptions, readRunnerOptions } from './runner-options.ts'
import { readSchedule } from './schedule-options.ts'
import type { ScheduleOptions } from './schedule-types.ts'

/** What `offstage.config.ts` exports: the options of its runners, and what surrounds them. */
export interface Config extends Omit<RunnerOptions, 'schedules'> {
  /** The folder of the store, from the config's folder. Not together with `store`. @default '.offstage' */
  readonly dir?: string
  /** Files of variables, from the config's folder; variables that exist already win. @default '.env' */
  readonly envFile?: string | readonly string[] | false
  /** Agents by name, for the command line and for schedules. @default {} */
  readonly agents?: Readonly<Record<string, Agent>>
  /** What is to be submitted when. @default [] */
  readonly schedules?: readonly ScheduleOptions[]
}

const ofRunner: Readonly<Record<keyof RunnerOptions, true>> = {
  maxConcurrentTasks: true,
  defaultTimeout: true,
  gracePeriod: true,
  autoCleanup: true,
  cleanupDelay: true,
  retention: true,
  keepFinished: true,
  maxPending: true,
  store: true,
  recipes: true,
  work: true,
  retry: true,
  clock: true,
  random: true,
  logger: true,
  inspect: true,
  handleSignals: true,
  schedules: true,
  name: true,
}
const known = new Set([...Object.keys(ofRunner), 'dir', 'envFile', 'agents'])

/** Configs whose options were read. */
const defined = new WeakSet<object>()

/**
 * Checks the config of a project; export what it gives as the default of `offstage.config.ts`.
 *
 * @returns The config, frozen.
 * @throws {ValidationError} INVALID_OPTION, naming option, rule and value.
 * @throws {OffstageError} UNKNOWN_OPTION, listing the options; DUPLICATE_RECIPE for two recipes of one name.
 *
 * @example
 * ```ts
 * import { defineConfig, defineRecipe } from 'offstage'
 *
 * const hello = defineRecipe({ name: 'hello', run: async (input: { who: string }) => `Hello ${input.who}` })
 * const config = defineConfig({ recipes: [hello], maxConcurrentTasks: 3 })
 * ```
 */
export function defineConfig(config: Config): Config {
  if (config === undefined) throw new ValidationError('the config', 'an object', config)
  checkOptions(config, known, 'the config')
  const { name, dir, envFile, agents = {}, schedules = [], store } = config
  if (name !== undefined) checkText(name, 'name')
  if (dir !== undefined) checkPath(dir, 'dir')
  if (dir !== undefined && store !== undefined)
    throw new ValidationError('dir', 'left out when store says where tasks are kept', dir)
  for (const file of envFiles({ envFile })) checkPath(file, 'envFile')
  if (typeof agents !== 'object' || agents === null || Array.isArray(agents))
    throw new ValidationError('agents', 'an object of agents by name', agents)
  checkSchedules(schedules)
  const settings = readRunnerOptions(runnerOptions(config))
  checkRecipes(settings.recipes, settings.retry)
  const frozen = Object.freeze({ ...config })
  defined.add(frozen)
  return frozen
}

/** What of a config is for its runners. */
export function runnerOptions(config: Config): RunnerOptions {
  return Object.fromEntries(Object.entries(config).filter(([option]) => option in ofRunner)) as RunnerOptions
}

/** The files of variables that a config names, in order. */
export function envFiles({ envFile = '.env' }: { readonly envFile?: Config['envFile'] | undefined }): string[] {
  if (envFile === false) return []
  return Array.isArray(envFile) ? envFile : [envFile as string]
}

/** Reads what a file exports as its config. @throws {OffstageError} as {@link defineConfig}, and CONFIG when there is none. */
export function readConfig(exported: unknown): Config {
  const { default: config } = (exported ?? {}) as { default?: unknown }
  if (config === undefined)
    throw new OffstageError('CONFIG', 'it has no default export; write: export default defineConfig({ recipes: [] })')
  if (typeof config === 'object' && config !== null && defined.has(config)) return config
  return defineConfig(config as Config)
}

/** Judged as they would be added now, so that a config that is wrong is told before anything begins. */
function checkSchedules(schedules: readonly ScheduleOptions[]): void {
  if (!Array.isArray(schedules)) throw new ValidationError('schedules', 'an array', schedules)
  const names = new Set<string>()
  for (const each of schedules) {
    const { name, owner } = readSchedule(each, { now: new SystemClock().now(), tz: 'UTC' })
    const full = JSON.stringify([name, owner])
    if (names.has(full))
      throw new OffstageError('DUPLICATE_SCHEDULE', `there are two schedules of the name ${show(name)}`)
    names.add(full)
  }
}

function checkPath(value: unknown, option: string): void {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return
  throw new ValidationError(option, 'a path', value)
}

function checkRecipes(recipes: readonly unknown[], retry: ConstructorParameters<typeof RecipeBook>[1]): void {
  for (const [i, recipe] of recipes.entries()) {
    const { run, thread } = (recipe ?? {}) as { run?: unknown; thread?: unknown }
    if (thread === undefined) checkFunction(run, `recipes[${i}].run`)
  }
  new RecipeBook(recipes as ConstructorParameters<typeof RecipeBook>[0], retry)
}
