/** @module Recipes: named handlers with a schema, so that input is judged before anything runs. */
import type { Rate } from '../actors/rate.ts'
import type { Retry } from '../actors/retry.ts'
import { checkTarget } from '../actors/thread.ts'
import { parseDuration } from '../duration.ts'
import { OffstageError, show, ValidationError } from '../errors.ts'
import { checkFunction, checkId, checkInteger, checkOptions } from '../validate.ts'
import { readRetry } from './retry-options.ts'
import { readTimeout } from './submit-options.ts'
import type { JsonResult, Recipe, RecipeDefinition, Schema, SchemaIssue } from './types.ts'

const known = new Set([
  'name',
  'description',
  'inputSchema',
  'outputSchema',
  'run',
  'thread',
  'export',
  'retry',
  'timeout',
  'maxConcurrent',
  'concurrencyKey',
  'rateLimit',
  'onSettled',
])

/**
 * Defines a recipe: a handler with a name, that a runner runs for whoever submits that name.
 *
 * @param definition The name, the handler (`run`, or a module as `thread`), and how it is to be run.
 * @returns The recipe, frozen; hand it to `new BackgroundRunner({ recipes: [...] })`.
 * @throws {ValidationError} INVALID_OPTION, naming option, rule and value.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, defineRecipe } from 'offstage'
 *
 * const greet = defineRecipe({ name: 'greet', run: async (input: { who: string }) => `Hello ${input.who}` })
 * const runner = new BackgroundRunner({ recipes: [greet] })
 * const task = await runner.submitRecipe(greet, { who: 'Ada' })
 * await task.wait() // 'Hello Ada'
 * ```
 */
export function defineRecipe<I = undefined, R = unknown, G = I>(
  definition: RecipeDefinition<I, R, G> & JsonResult<R>,
): Recipe<I, R, G> {
  checkOptions(definition, known, 'the recipe')
  const { name, inputSchema, outputSchema, run, thread, maxConcurrent, concurrencyKey, onSettled } = definition
  checkId(name, 'name')
  if (thread === undefined) checkFunction(run, 'run')
  else if (!(thread instanceof URL)) throw new ValidationError('thread', "a module's URL", thread)
  else if (run !== undefined) throw new ValidationError('run', 'left out when thread names a module', run)
  else checkTarget({ module: thread.href })
  for (const [option, schema] of Object.entries({ inputSchema, outputSchema })) {
    if (schema !== undefined) checkFunction(schema['~standard']?.validate, `${option}['~standard'].validate`)
  }
  if (maxConcurrent !== undefined) checkInteger(maxConcurrent, 'maxConcurrent', 1, 1_000_000)
  if (concurrencyKey !== undefined) checkFunction(concurrencyKey, 'concurrencyKey')
  if (onSettled !== undefined) checkFunction(onSettled, 'onSettled')
  readRetry(definition.retry)
  readRate(definition as Recipe)
  if (definition.timeout !== undefined) readTimeout(definition.timeout, 'timeout')
  const recipe = Object.freeze({ ...(definition as RecipeDefinition<I, R, G>) })
  defined.add(recipe)
  return recipe
}

/** Recipes whose options were read. */
const defined = new WeakSet<object>()

function readRate({ rateLimit }: Recipe): Rate | undefined {
  if (rateLimit === undefined) return undefined
  checkOptions(rateLimit, new Set(['max', 'per', 'key']), 'rateLimit')
  const { key } = rateLimit
  if (key !== undefined) checkFunction(key, 'rateLimit.key')
  return {
    max: checkInteger(rateLimit.max, 'rateLimit.max', 1, 100_000),
    per: parseDuration(rateLimit.per, 'rateLimit.per'),
    key: key === undefined ? undefined : (input) => String(key(input)),
  }
}

/** A recipe with its options read. */
export interface KnownRecipe {
  readonly recipe: Recipe
  /** What the user handed in, which `defineRecipe` may not have seen. */
  readonly given: unknown
  readonly retry: Retry
  readonly rate: Rate | undefined
}

/** The recipes of a runner, by name. */
export class RecipeBook {
  readonly #recipes = new Map<string, KnownRecipe>()
  readonly #retry: Retry

  constructor(recipes: readonly Recipe[], retry: Retry) {
    this.#retry = retry
    for (const [i, recipe] of recipes.entries()) {
      const { name } = this.add(recipe, `recipes[${i}]`)
      if (recipes.indexOf(recipe) < i) throw duplicate(name)
    }
  }

  /** @throws {OffstageError} DUPLICATE_RECIPE when another recipe has that name. */
  add(given: unknown, option = 'recipe'): Recipe {
    if (typeof given !== 'object' || given === null) throw new ValidationError(option, 'a recipe', given)
    const known = this.#recipes.get((given as Recipe).name)
    if (known?.given === given) return known.recipe
    if (known !== undefined) throw duplicate(known.recipe.name)
    const recipe = defined.has(given) ? (given as Recipe) : defineRecipe(given as Recipe)
    const retry = readRetry(recipe.retry, this.#retry)
    this.#recipes.set(recipe.name, { recipe, given, retry, rate: readRate(recipe) })
    return recipe
  }

  get(name: string): KnownRecipe | undefined {
    return this.#recipes.get(name)
  }

  has(name: string): boolean {
    return this.#recipes.has(name)
  }

  get names(): string[] {
    return [...this.#recipes.keys()]
  }
}

function duplicate(name: string): OffstageError {
  return new OffstageError('DUPLICATE_RECIPE', `there are two recipes of the name ${show(name)}; a name must be unique`)
}

/**
 * Judges a value by a schema.
 *
 * @returns What the schema makes of it.
 * @throws {ValidationError} `code`, naming the path, what is wrong there and the value.
 */
export async function judge<O>(
  schema: Schema<unknown, O> | undefined,
  value: unknown,
  what: string,
  code: 'INVALID_INPUT' | 'INVALID_RESULT',
): Promise<O> {
  if (schema === undefined) return value as O
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return result.value
  throw refused(result.issues, value, what, code)
}

const mostIssues = 5

function refused(
  issues: readonly SchemaIssue[],
  value: unknown,
  what: string,
  code: 'INVALID_INPUT' | 'INVALID_RESULT',
): ValidationError {
  const keysOf = (issue: SchemaIssue): PropertyKey[] =>
    (issue.path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
  const pathOf = (issue: SchemaIssue): string =>
    keysOf(issue).reduce<string>(
      (path, key) => (typeof key === 'number' ? `${path}[${key}]` : `${path}.${String(key)}`),
      what,
    )
  const [first = { message: 'the schema does not say why' }, ...rest] = issues
  const found = keysOf(first).reduce<unknown>(
    (at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  )
  const others = rest.slice(0, mostIssues - 1).map((issue) => `${pathOf(issue)}: ${issue.message}`)
  const rule = [`valid (${first.message})`, ...others].join('; ')
  return new ValidationError(pathOf(first), rule, found, code)
}
