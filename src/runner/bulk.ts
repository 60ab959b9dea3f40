/** @module Verbs that mean many tasks: those of this runner, or all that this process knows. */
import { WaitTimeoutError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Store } from '../store/store.ts'
import type { RunnerCore } from './core.ts'
import type { BackgroundTask } from './task.ts'

/** Cancels what is unfinished. Answers with how many accepted it. */
export async function cancelAll(core: RunnerCore, all: boolean, reason: string | undefined): Promise<number> {
  const tasks = unfinished(core, all)
  const answers = await Promise.all(tasks.map(({ store, task }) => core.handles.cancel(task, store, reason)))
  return answers.filter(Boolean).length
}

/** Forgets what is finished. Answers with how many. */
export async function clearCompleted(core: RunnerCore, all: boolean): Promise<number> {
  const accepts = (task: StoredTask): boolean => all || core.isOwn(task)
  const at = core.settings.clock.now()
  const answers = await Promise.all(core.stores.map((store) => store.forget({ at, accepts })))
  return answers.reduce((sum, { forgotten }) => sum + forgotten, 0)
}

/**
 * Waits until what is unfinished now has ended.
 *
 * @param timeout In ms; undefined = for ever.
 * @throws {WaitTimeoutError}
 */
export async function waitAll(
  core: RunnerCore,
  all: boolean,
  timeout: number | undefined,
): Promise<BackgroundTask<unknown>[]> {
  const tasks = unfinished(core, all).map(({ store, task }) => core.handle<unknown>(store, task))
  const outcomes = await Promise.all(tasks.map((task) => task.settled(timeout === undefined ? {} : { timeout })))
  const open = outcomes.filter((outcome) => outcome === undefined).length
  if (open > 0) throw new WaitTimeoutError(`${open} of ${tasks.length} tasks`, timeout as number)
  return tasks
}

/**
 * Waits until nothing is left to do: on a durable store, which others may use too, nothing that could start here now.
 *
 * @param timeout In ms; undefined = for ever.
 */
export async function untilIdle(core: RunnerCore, timeout: number | undefined): Promise<void> {
  const done = core.waits()
  await new Promise<void>((resolve) => {
    const cancel = timeout === undefined ? () => {} : core.handles.after(timeout, resolve, () => resolve())
    const idle = core.store.durable ? core.supervisor.whenDry() : core.onIdle()
    void idle.then(() => {
      cancel()
      resolve()
    })
  })
  done()
}

const unfinished = (core: RunnerCore, all: boolean): { store: Store; task: StoredTask }[] =>
  core.knownTasks().filter(({ task }) => !task.settled && (all || core.isOwn(task)))
