/** @module `offstage submit`: hands a task to the workers of the store. */
import type { BackgroundRunner, SubmitRecipeOptions } from '../../index.ts'
import { type Call, textOption } from '../command.ts'
import { tellEnding } from '../ending.ts'
import { Exit, usageError } from '../exit.ts'
import { durationOption, integerOption, jsonOption, timeoutOption } from '../input.ts'
import { openSession } from '../session.ts'
import { styled } from '../text.ts'
import { tellWorkers } from '../workers.ts'

export async function submit(call: Call): Promise<Exit> {
  const name = recipeOf(call)
  const input = await jsonOption(call, 'input', '--input')
  const options = await optionsOf(call)
  const { runner } = await openSession(call, { config: true, write: true })
  const submitRecipe: Submit = runner.submitRecipe.bind(runner)
  const task = await submitRecipe(name, input, options)
  const { out } = call
  if (task.deduplicated) out.note(styled('yellow', 'known'), ' a task of this key is there already')
  await tellWorkers(out, runner, task)
  if (call.options.wait === true) return tellEnding(out, task, await task.settled())
  if (out.json) out.data(task)
  else out.line(task.id)
  return Exit.DONE
}

/** By name, its input is whatever was given. */
export type Submit = (
  recipe: string,
  input: unknown,
  options: SubmitRecipeOptions,
) => ReturnType<BackgroundRunner['submitRecipe']>

/** The recipe that is meant. @throws {OffstageError} USAGE */
export function recipeOf(call: Call): string {
  const [name] = call.args
  const option = textOption(call, 'recipe')
  if (name !== undefined && option !== undefined && name !== option)
    throw usageError(`which recipe: ${JSON.stringify(name)} or --recipe ${JSON.stringify(option)}?`)
  const recipe = name ?? option
  if (recipe !== undefined) return recipe
  throw usageError('which recipe? give its name, as in offstage submit hello')
}

/** What the options of the command say for the task. */
export async function optionsOf(call: Call): Promise<SubmitRecipeOptions> {
  const options = {
    config: await jsonOption(call, 'recipeConfig', '--recipe-config'),
    sessionId: textOption(call, 'sessionId'),
    timeout: timeoutOption(call),
    idempotencyKey: textOption(call, 'key'),
    delay: durationOption(call, 'delay', '--delay', 0),
    priority: integerOption(call, 'priority', '--priority', -1_000, 1_000),
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
