/** What the tests of a runner on a store that answers later begin with. */
import { setImmediate as turn } from 'node:timers/promises'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { LateStore } from '../contract/late-store.ts'
import { deferred, silent } from './work.ts'

type Handler = (input: { n: number }, ctx: TaskContext) => unknown

/** A runner on a store that answers later, with one recipe, and what it warned of. */
export function bench(
  run: Handler,
  { onSettled, ...options }: Partial<RunnerOptions> & { onSettled?: () => void } = {},
) {
  const store = new LateStore()
  const warnings: string[] = []
  const logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) }
  const recipe = defineRecipe<{ n: number }, unknown>({
    name: 'work',
    run: run as never,
    ...(onSettled && { onSettled }),
  })
  const { runner, clock } = testRunner({ store, recipes: [recipe], logger, ...options })
  const submit = (n = 0, wish: object = {}): Promise<BackgroundTask<unknown>> =>
    runner.submitRecipe(recipe, { n }, wish)
  /** Lets the store answer all that it was asked. */
  const quiet = async (): Promise<void> => {
    for (let still = 0; still < 3; still = store.open > 0 ? 0 : still + 1) await turn()
  }
  return { store, runner, clock, submit, quiet, recipe, warnings }
}

/** Holds the first call of a method up, until it is let go. */
export function hold(store: LateStore, method: string) {
  const [reached, go] = [deferred(), deferred()]
  store.before = (name) => {
    if (name !== method) return undefined
    store.before = () => {}
    reached.resolve()
    return go.promise
  }
  return { reached: reached.promise, go: () => go.resolve() }
}
