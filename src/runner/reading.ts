/** @module Tasks as handles, out of the stores of a runner. */
import type { ListRequest } from '../store/store.ts'
import type { RunnerCore } from './core.ts'
import type { BackgroundTask } from './task.ts'

/** The task of that id; undefined if there is none, or if it belongs to another owner. */
export async function findTask(
  core: RunnerCore,
  id: string,
  owner: string | undefined,
): Promise<BackgroundTask<unknown> | undefined> {
  for (const store of core.stores.filter((each) => core.watchers.lossOf(each) === undefined)) {
    const task = await store.get(id)
    if (task !== undefined)
      return owner === undefined || task.spec.owner === owner ? core.handle(store, task) : undefined
  }
  // it may be there, and functions are found all the same
  for (const store of core.stores) core.refuseIfLost(store)
  return undefined
}

/** A page of the store, and with the first one the functions in memory. */
export async function listTasks(
  core: RunnerCore,
  request: ListRequest,
): Promise<{ tasks: BackgroundTask<unknown>[]; cursor: string | undefined }> {
  const { store, local } = core
  const tasks: BackgroundTask<unknown>[] = []
  let cursor: string | undefined
  for (const each of store === local || request.after !== undefined ? [store] : [local, store]) {
    core.refuseIfLost(each)
    const page = await each.list(request)
    cursor = page.cursor
    tasks.push(...page.tasks.map((task) => core.handle<unknown>(each, task)))
  }
  return { tasks, cursor }
}
