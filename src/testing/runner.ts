/** @module Runners for tests: on a simulated clock, with randomness that repeats. */
import { ValidationError } from '../errors.ts'
import { seededRandom } from '../random.ts'
import type { TaskFeedEvent } from '../runner/feed.ts'
import type { SettledOutcome } from '../runner/outcome.ts'
import { BackgroundRunner, coreOf } from '../runner/runner.ts'
import type { RunnerOptions } from '../runner/runner-options.ts'
import type { AnyRecipe, RecipeArgs, RecipeResult } from '../runner/types.ts'
import { VirtualClock } from './virtual-clock.ts'

/** Options of {@link testRunner}: a runner's, but for `clock` and `random`. */
export interface TestRunnerOptions extends Omit<RunnerOptions, 'clock' | 'random'> {
  /** When it is. @default '2030-01-01T00:00:00.000Z' */
  readonly now?: number | Date | string
  /** What the randomness repeats. @default 1 */
  readonly seed?: number
}

/**
 * A runner on a simulated clock. Nothing waits in real time: `clock.advance('1h')` makes an hour pass, `clock.until(promise)`
 * skips time until the promise settles, and names what still runs when that never happens.
 *
 * @throws {ValidationError} as `new BackgroundRunner`.
 *
 * @example
 * ```ts
 * import { testRunner } from 'offstage/testing'
 *
 * const { runner, clock } = testRunner()
 * const task = runner.submit(async ({ sleep }) => { await sleep('1h'); return 'rested' }, { timeout: '2h' })
 * await clock.until(task.wait()) // 'rested', at once
 * ```
 */
export function testRunner({ now = '2030-01-01T00:00:00.000Z', seed = 1, ...options }: TestRunnerOptions = {}): {
  runner: BackgroundRunner
  clock: VirtualClock
} {
  if (!Number.isInteger(seed)) throw new ValidationError('seed', 'a whole number', seed)
  for (const own of ['clock', 'random'])
    if (own in options) throw new ValidationError(own, 'left out: a test runner has its own', Reflect.get(options, own))
  let runner: BackgroundRunner | undefined
  const running = (): string =>
    (runner?.runningTasks ?? []).map(({ name, id, state }) => `${name} (${id}) is ${state}`).join(', ')
  const clock = new VirtualClock({
    now,
    describe: () => running() || 'no task runs',
    busy: () => hasThread(runner, false),
    ending: () => hasThread(runner, true),
  })
  runner = new BackgroundRunner({ ...options, clock, random: seededRandom(seed) })
  return { runner, clock }
}

/** Whether a thread computes for the runner, or is being ended, which the event loop cannot see. One that was told to stop has its grace only. */
function hasThread(runner: BackgroundRunner | undefined, ending: boolean): boolean {
  if (runner === undefined) return false
  for (const { job, over, stopCause, terminating } of coreOf(runner).supervisor.attempts.values()) {
    if (job.terminate !== undefined && !over && (ending ? terminating : stopCause === undefined)) return true
  }
  return false
}

/**
 * Runs a recipe once on a simulated clock, retries and all.
 *
 * @returns How it ended, and everything that happened.
 *
 * @example
 * ```ts
 * import { defineRecipe } from 'offstage'
 * import { testRecipe } from 'offstage/testing'
 *
 * const greet = defineRecipe({ name: 'greet', run: async (input: { who: string }) => `Hello ${input.who}` })
 * const { outcome, events } = await testRecipe(greet, { who: 'Ada' })
 * outcome.ok // true
 * ```
 */
export async function testRecipe<P extends AnyRecipe>(
  recipe: P,
  ...rest: RecipeArgs<P>
): Promise<{ outcome: SettledOutcome<RecipeResult<P>>; events: TaskFeedEvent[] }> {
  const { runner, clock } = testRunner({ recipes: [recipe] })
  // nothing may happen before somebody listens
  runner.pause()
  const task = await runner.submitRecipe(recipe, ...rest)
  const events: TaskFeedEvent[] = []
  const heard = (async () => {
    for await (const event of task.events()) events.push(event)
  })()
  runner.resume()
  const outcome = await clock.until(task.settled())
  await heard
  await clock.until(runner.stop())
  return { outcome: outcome as SettledOutcome<RecipeResult<P>>, events }
}
