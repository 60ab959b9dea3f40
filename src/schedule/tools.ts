/** @module Tools with which an agent keeps schedules: its own, and nobody else's. */
import { ValidationError } from '../errors.ts'
import { type BackgroundRunner, coreOf } from '../runner/runner.ts'
import { checkId, checkInteger, checkOptions, checkText } from '../validate.ts'
import { ScheduleVerbs } from './schedule-verbs.ts'
import { askingRunner, type ScheduleSource } from './source.ts'
import { longestInput, type TaskTools, taskTools } from './task-tools.ts'
import { defineTool, type ToolOf } from './tool.ts'
import { integer, optional, text } from './tool-schemas.ts'
import { isZone } from './zone.ts'

/** Options of {@link scheduleTools}. */
export interface ScheduleToolsOptions {
  /**
   * Whose schedules they are: take it from the session, never from what a model wrote. `@default` nobody's: the tools see
   * the schedules that have no owner
   */
  readonly owner?: string
  /** The time zone of schedules that name none. `@default` OFFSTAGE_TZ, else UTC */
  readonly tz?: string
  /** Names of recipes that the agent may run and schedule. @default [] */
  readonly recipes?: readonly string[]
  /** How many schedules there may be at once. @default 100 */
  readonly maxSchedules?: number
}

const forms =
  "'hourly', 'daily', 'every 5 minutes', 'every day at 9am', 'weekdays at 9am', 'every mon,wed,fri at 18:30', " +
  "'on the 1st at 9am', 'in 20 minutes', 'tomorrow at 5pm', 'at:2030-01-31T09:00', 'cron:0 7 * * *'"
const longestName = 200
const longestWhen = 256
const longestMessage = 4_000

const nameField = { name: text('The name of the schedule.', longestName) }
const timing = {
  tz: optional(text("The IANA time zone, such as 'Europe/Rome'. Null for the user's.", 64)),
  max_runs: optional(integer('After how many runs it ends. Null for no such limit.', 1, 1_000_000)),
  until: optional(text('The ISO time after which it does not run. Null for no such limit.', 64)),
}
const message = 'What to do or to tell when it runs, as you would be asked then.'
const addFields = {
  ...nameField,
  schedule: text(`When it runs: ${forms}.`, longestWhen),
  message: text(message, longestMessage),
  ...timing,
}
const addRecipeFields = {
  ...addFields,
  message: optional(text(`${message} Null if it runs a recipe.`, longestMessage)),
  recipe: optional(text('The recipe that it runs. Null if it has a message.', 80)),
  input: optional(text('The input of the recipe, as JSON text. Null for none.', longestInput)),
}
const updateFields = {
  ...nameField,
  schedule: optional(text(`When it runs: ${forms}. Null to leave it.`, longestWhen)),
  message: optional(text(`${message} Null to leave it.`, longestMessage)),
  tz: optional(text('The IANA time zone. Null to leave it.', 64)),
  max_runs: optional(integer('After how many runs it ends. Null to leave it.', 1, 1_000_000)),
  until: optional(text('The ISO time after which it does not run. Null to leave it.', 64)),
}

/** The tools for schedules. */
export type ScheduleTools = {
  readonly schedule_add: ToolOf<typeof addRecipeFields>
  readonly schedule_list: ToolOf<Record<never, never>>
  readonly schedule_remove: ToolOf<typeof nameField>
  readonly schedule_pause: ToolOf<typeof nameField>
  readonly schedule_resume: ToolOf<typeof nameField>
  readonly schedule_update: ToolOf<typeof updateFields>
}

/**
 * Tools with which an agent sets reminders and schedules, and runs chosen recipes. They see what belongs to `owner` alone;
 * no argument names an owner, a module or a command. What goes wrong is told to the model in words.
 *
 * @param source Where schedules are: the runner, or the store, that a `ScheduleLoop` or a worker fires from.
 * @returns The tools by name; the ones for tasks only with `recipes`. `Object.values` gives an array of them.
 * @throws {ValidationError} INVALID_OPTION, also for an `owner` that is there but undefined: a session without a user must
 * not see everybody's.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, scheduleTools } from 'offstage'
 *
 * const runner = new BackgroundRunner()
 * const tools = scheduleTools(runner, { owner: 'ada', tz: 'Europe/Rome' })
 * await tools.schedule_add.execute({ name: 'mail', schedule: 'every day at 7am', message: 'Check email' })
 * await tools.schedule_list.execute({}) // 'Found 1 schedule(s): ...'
 * ```
 */
export function scheduleTools(
  source: BackgroundRunner | ScheduleSource,
  options: ScheduleToolsOptions & { readonly recipes: readonly string[] },
): ScheduleTools & TaskTools
export function scheduleTools(source: BackgroundRunner | ScheduleSource, options?: ScheduleToolsOptions): ScheduleTools
export function scheduleTools(
  source: BackgroundRunner | ScheduleSource,
  options: ScheduleToolsOptions = {},
): ScheduleTools | (ScheduleTools & TaskTools) {
  const { owner, tz, recipes, maxSchedules } = readOptions(options)
  const { runner } = askingRunner(source)
  const warn = (what: string, cause: unknown): void => coreOf(runner).warn(what, cause)
  const verbs = new ScheduleVerbs({ schedules: runner.schedules, owner, tz, recipes, maxSchedules })
  const tools = toolsOf(verbs, recipes.length > 0, warn)
  return Object.freeze(recipes.length > 0 ? { ...tools, ...taskTools({ runner, owner, recipes, warn }) } : tools)
}

function readOptions(options: ScheduleToolsOptions) {
  checkOptions(options, new Set(['owner', 'tz', 'recipes', 'maxSchedules']), 'the options of schedule tools')
  const { owner, tz, recipes = [], maxSchedules = 100 } = options
  if ('owner' in options) checkText(owner, 'owner')
  if (tz !== undefined && !isZone(checkText(tz, 'tz'))) throw new ValidationError('tz', 'an IANA time zone', tz)
  if (!Array.isArray(recipes)) throw new ValidationError('recipes', 'an array of names', recipes)
  for (const [i, recipe] of recipes.entries()) checkId(recipe, `recipes[${i}]`)
  checkInteger(maxSchedules, 'maxSchedules', 1, 100_000)
  return { owner, tz, recipes: [...recipes] as readonly string[], maxSchedules }
}

function toolsOf(
  verbs: ScheduleVerbs,
  withRecipes: boolean,
  warn: (message: string, cause: unknown) => void,
): ScheduleTools {
  return {
    schedule_add: defineTool({
      name: 'schedule_add',
      description: 'Add a reminder or schedule: at its times the message is acted on.',
      fields: (withRecipes ? addRecipeFields : addFields) as typeof addRecipeFields,
      doing: 'adding schedule',
      warn,
      run: (input) => verbs.add(input),
    }),
    schedule_list: defineTool({
      name: 'schedule_list',
      description: 'List all schedules, with their names, times and next runs.',
      fields: {},
      doing: 'listing schedules',
      warn,
      run: () => verbs.list(),
    }),
    schedule_remove: defineTool({
      name: 'schedule_remove',
      description: 'Remove a schedule for good.',
      fields: nameField,
      doing: 'removing schedule',
      warn,
      run: ({ name }) => verbs.remove(name),
    }),
    schedule_pause: defineTool({
      name: 'schedule_pause',
      description: 'Pause a schedule: it does not run until it is resumed.',
      fields: nameField,
      doing: 'pausing schedule',
      warn,
      run: ({ name }) => verbs.pause(name),
    }),
    schedule_resume: defineTool({
      name: 'schedule_resume',
      description: 'Resume a paused schedule.',
      fields: nameField,
      doing: 'resuming schedule',
      warn,
      run: ({ name }) => verbs.resume(name),
    }),
    schedule_update: defineTool({
      name: 'schedule_update',
      description: 'Change when a schedule runs, or its message. What is null stays as it is.',
      fields: updateFields,
      doing: 'updating schedule',
      warn,
      run: (input) => verbs.update(input),
    }),
  }
}
