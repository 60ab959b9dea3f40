/** @module Which tasks a query means. */
import type { StoredTask } from '../machines/store-state.ts'
import type { TaskQuery } from './store.ts'

/** Makes a test of a query. */
export function matcher(query: TaskQuery): (task: StoredTask) => boolean {
  const { status, recipe, name, owner, tags = [] } = query
  const statuses = status === undefined ? undefined : new Set(typeof status === 'string' ? [status] : status)
  return (task) =>
    (statuses === undefined || statuses.has(task.status)) &&
    (recipe === undefined || task.spec.recipe === recipe) &&
    (name === undefined || task.spec.name === name) &&
    (owner === undefined || task.spec.owner === owner) &&
    tags.every((tag) => task.spec.tags?.includes(tag))
}
