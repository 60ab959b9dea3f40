/** @module The runner that a whole process shares, and what stands on it. */
import { OffstageError } from '../errors.ts'
import type { Agent } from './agent.ts'
import { loadConfig } from './load-config.ts'
import { BackgroundRunner } from './runner.ts'
import type { RunnerOptions } from './runner-options.ts'
import type { BackgroundTask } from './task.ts'
import type { AnyRecipe, RecipeInput, RecipeResult, SubmitOptions, SubmitRecipeOptions } from './types.ts'

const place = Symbol.for('offstage.runner')
const beginning = Symbol.for('offstage.runner.beginning')
const shared = globalThis as { [place]?: BackgroundRunner; [beginning]?: Promise<BackgroundRunner> | undefined }

/**
 * The runner of this process: made at the first call, the same for every copy of the library, as hot reload makes them.
 *
 * @param options For the first call. @throws {OffstageError} INVALID_OPTION when the runner exists already.
 *
 * @example
 * ```ts
 * import { getBackgroundRunner } from 'offstage'
 *
 * const task = getBackgroundRunner().submit(() => 'done')
 * await task.wait()
 * ```
 */
export function getBackgroundRunner(options?: RunnerOptions): BackgroundRunner {
  const known = living()
  if (known !== undefined) {
    if (options === undefined) return known
    throw new OffstageError(
      'INVALID_OPTION',
      'options must be given at the first call of getBackgroundRunner; the runner exists already',
    )
  }
  const runner = new BackgroundRunner(options)
  shared[place] = runner
  return runner
}

function living(): BackgroundRunner | undefined {
  const known = shared[place]
  const state = known?.stats.state
  return state === 'draining' || state === 'stopped' ? undefined : known
}

/** The runner of this process; one that is made for it knows the recipes and the store of the config, if there is one. */
async function runnerOfProject(): Promise<BackgroundRunner> {
  const known = living()
  if (known !== undefined) return known
  shared[beginning] ??= begin().finally(() => {
    shared[beginning] = undefined
  })
  return shared[beginning]
}

async function begin(): Promise<BackgroundRunner> {
  const loaded = await loadConfig()
  // somebody may have asked for it meanwhile
  return living() ?? getBackgroundRunner(loaded?.runner)
}

/** Options of `recipe.runBackground`. */
export interface RunBackgroundOptions<I> extends SubmitRecipeOptions {
  readonly input?: I
}

/**
 * Recipes on the runner of this process. Where there is none yet and a config is found, it is made with the recipes of that
 * config, on its store.
 *
 * @example
 * ```ts
 * import { defineRecipe, recipe } from 'offstage'
 *
 * const shout = defineRecipe({ name: 'shout', run: async (input: { text: string }) => input.text.toUpperCase() })
 * const task = await recipe.runBackground(shout, { input: { text: 'hello' }, timeout: '30s' })
 * await task.wait() // 'HELLO'
 * ```
 */
export const recipe = Object.freeze({
  /** Submits a recipe, by itself or by name, to the runner of this process. */
  async runBackground<P extends AnyRecipe>(
    given: P | string,
    { input, ...options }: RunBackgroundOptions<RecipeInput<P>> = {},
  ): Promise<BackgroundTask<RecipeResult<P>>> {
    const runner = await runnerOfProject()
    const submit = runner.submitRecipe.bind(runner) as (
      recipe: AnyRecipe | string,
      input: unknown,
      options: SubmitRecipeOptions,
    ) => Promise<BackgroundTask<unknown>>
    return submit(given, input, options) as Promise<BackgroundTask<RecipeResult<P>>>
  },
})

/** What {@link withBackground} adds to an agent. */
export interface Background {
  readonly runner: BackgroundRunner
  /** Runs the agent, or another one, as a task. */
  submitAgent(prompt: string, options?: Omit<SubmitOptions, 'args' | 'thread' | 'export'>): BackgroundTask<unknown>
}

/**
 * Gives an agent a `background` property, with which it is submitted.
 *
 * @param runner `@default` the runner of this process
 * @returns The same agent.
 * @throws {OffstageError} UNSUPPORTED_AGENT at the submit, listing what was looked for.
 *
 * @example
 * ```ts
 * import { withBackground } from 'offstage'
 *
 * const agent = withBackground({ name: 'echo', start: async (prompt: string) => `You said ${prompt}` })
 * const task = agent.background.submitAgent('hello')
 * await task.wait() // 'You said hello'
 * ```
 */
export function withBackground<A extends object & Agent>(
  agent: A,
  runner?: BackgroundRunner,
): A & { readonly background: Background } {
  const background: Background = {
    get runner() {
      return runner ?? getBackgroundRunner()
    },
    submitAgent: (prompt, options) => background.runner.submitAgent(agent, prompt, options),
  }
  // not enumerable: frameworks that copy or print their agents need not meet it
  return Object.defineProperty(agent, 'background', { value: background, configurable: true }) as A & {
    readonly background: Background
  }
}
