/** @module Tools with which an agent runs chosen recipes in the background: submit, status, cancel. */
import { show, ValidationError } from '../errors.ts'
import type { BackgroundRunner } from '../runner/runner.ts'
import type { BackgroundTask } from '../runner/task.ts'
import { defineTool, type ToolOf } from './tool.ts'
import { choice, optional, text } from './tool-schemas.ts'

/** How many characters of a result, and of a recipe's input, pass between a model and a task. */
const longestResult = 8_000
export const longestInput = 16_384
const longestId = 80

const submitFields = (recipes: readonly string[]) => ({
  recipe: choice('Which recipe to run.', recipes),
  input: optional(text('The input of the recipe, as JSON text. Null for none.', longestInput)),
})
const idField = { id: text('The id of the task, as task_submit told it.', longestId) }
const cancelFields = { ...idField, reason: optional(text('Why, for people. Null for none.', 200)) }

/** The tools for tasks. */
export type TaskTools = {
  readonly task_submit: ToolOf<ReturnType<typeof submitFields>>
  readonly task_status: ToolOf<typeof idField>
  readonly task_cancel: ToolOf<typeof cancelFields>
}

export interface TaskToolsOptions {
  readonly runner: BackgroundRunner
  readonly owner: string | undefined
  /** Names of recipes; tasks of others do not exist here. */
  readonly recipes: readonly string[]
  readonly warn: (message: string, cause: unknown) => void
}

/** @returns Tools that see tasks of this owner and of these recipes, and no others. */
export function taskTools({ runner, owner, recipes, warn }: TaskToolsOptions): TaskTools {
  const find = async (id: string): Promise<BackgroundTask<unknown> | undefined> => {
    const task = await runner.get(id, owner === undefined ? {} : { owner })
    if (task === undefined || task.owner !== owner) return undefined
    const { recipe } = task.toJSON()
    return recipe !== undefined && recipes.includes(recipe) ? task : undefined
  }
  return {
    task_submit: defineTool({
      name: 'task_submit',
      description: 'Run a recipe in the background. Answers with the id of its task at once.',
      fields: submitFields(recipes),
      doing: 'submitting task',
      warn,
      run: async ({ recipe, input }) => {
        const { id } = await runner.submitRecipe(recipe, jsonInput(input), owner === undefined ? {} : { owner })
        return `Task '${recipe}' submitted (id: ${id}).`
      },
    }),
    task_status: defineTool({
      name: 'task_status',
      description: 'Tell how far a background task is, and its result once it has one.',
      fields: idField,
      doing: 'reading task',
      warn,
      run: async ({ id }) => {
        const task = await find(id)
        return task === undefined ? notFound(id) : statusOf(task)
      },
    }),
    task_cancel: defineTool({
      name: 'task_cancel',
      description: 'Cancel a background task.',
      fields: cancelFields,
      doing: 'cancelling task',
      warn,
      run: async ({ id, reason }) => {
        const task = await find(id)
        if (task === undefined) return notFound(id)
        if (await task.cancel(reason ?? undefined)) return `Task ${id} cancelled.`
        return `Task ${id} is already ${task.status}.`
      },
    }),
  }
}

/** @throws {ValidationError} INVALID_INPUT */
export function jsonInput(input: string | null): unknown {
  if (input === null) return undefined
  try {
    return JSON.parse(input)
  } catch (cause) {
    throw new ValidationError('input', 'JSON text', input, 'INVALID_INPUT', { cause })
  }
}

const notFound = (id: string): string => `Task ${show(id)} not found.`

function statusOf({ id, name, status, progress, result, error, outcome }: BackgroundTask<unknown>): string {
  const about = `Task ${id} (${show(name)}) is ${status}`
  if (status === 'completed') return `${about}. Result: ${short(result)}`
  if (error !== undefined) return `${about}: ${short(error.message)}`
  if (outcome !== undefined && !outcome.ok && outcome.status === 'cancelled' && outcome.reason !== undefined)
    return `${about}: ${short(outcome.reason)}`
  if (progress === undefined || progress === 0) return `${about}.`
  return `${about}, ${Math.round(progress * 100)} % done.`
}

function short(value: unknown): string {
  const told = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none')
  return told.length > longestResult ? `${told.slice(0, longestResult).toWellFormed()}... (cut)` : told
}
