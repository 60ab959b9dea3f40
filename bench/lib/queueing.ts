/** @module What is measured of a queue, ours or another's. */
import { BackgroundRunner, type Store } from 'offstage'
import { noop } from './recipes.ts'

/** How many tasks run at once, and how many callers wait at once. */
export const concurrency = 50
/** How many finished tasks each side keeps. */
export const kept = 10_000

/** A queue of tasks that do nothing, with its worker in the same process. */
export interface Queueing {
  /** Begins to run tasks. */
  start(): void
  /** Submits one, and resolves when its result is known. */
  roundTrip(input: number): Promise<void>
  /** Submits one, and resolves when it is accepted. */
  add(input: number): Promise<void>
  addMany(inputs: readonly number[]): Promise<void>
  /** Runs what waits; resolves when `count` tasks have ended. */
  drained(count: number): Promise<void>
  pause(): Promise<void> | void
  close(): Promise<void>
}

/** A runner of ours, working or only submitting. */
export function openOffstage(store: Store): Queueing {
  const runner = new BackgroundRunner({
    store,
    recipes: [noop],
    maxConcurrentTasks: concurrency,
    keepFinished: kept,
  })
  runner.pause()
  return {
    start: () => runner.resume(),
    async roundTrip(input) {
      const task = await runner.submitRecipe(noop, input)
      await task.wait()
    },
    async add(input) {
      await runner.submitRecipe(noop, input)
    },
    async addMany(inputs) {
      await runner.submitMany(inputs.map((input) => ({ recipe: noop, input })))
    },
    async drained() {
      runner.resume()
      await runner.onIdle()
    },
    pause: () => runner.pause(),
    async close() {
      await runner.stop()
      await store.close()
    },
  }
}

/** As many callers as slots that each submit one, wait for its result, and begin again: `count` round trips in all. */
export async function callers(queueing: Queueing, count: number): Promise<void> {
  let left = count
  const caller = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await queueing.roundTrip(left)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, caller))
}
