/** @module Which tasks a query means. */
import { ValidationError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import { checkInteger, checkOneOf } from '../validate.ts'
import { defaultPage, type ListRequest, largestPage, type TaskQuery } from './store.ts'

const allStatuses: readonly TaskStatus[] = ['pending', 'running', 'completed', 'failed', 'cancelled']
const cursorForm = /^\d{1,15}$/

/**
 * Makes a test of a query.
 *
 * @throws {ValidationError} for a status that is none, and for tags that are no list.
 */
export function matcher(query: TaskQuery): (task: StoredTask) => boolean {
  const { status, recipe, name, owner, tags = [] } = query
  if (!Array.isArray(tags)) throw new ValidationError('tags', 'an array', tags)
  const statuses = status === undefined ? undefined : new Set(typeof status === 'string' ? [status] : status)
  for (const each of statuses ?? []) checkOneOf(each, 'status', allStatuses)
  if (tags.length === 0 && (statuses ?? recipe ?? name ?? owner) === undefined) return all
  return (task) =>
    (statuses === undefined || statuses.has(task.status)) &&
    (recipe === undefined || task.spec.recipe === recipe) &&
    (name === undefined || task.spec.name === name) &&
    (owner === undefined || task.spec.owner === owner) &&
    tags.every((tag) => task.spec.tags?.includes(tag))
}

const all = (): boolean => true

/**
 * Reads which page is asked for, where a cursor is a place in submit order.
 *
 * @returns The largest number of tasks, and the place after which it begins.
 * @throws {ValidationError} for a limit or cursor that cannot be.
 */
export function readPage({ limit = defaultPage, after }: ListRequest): { limit: number; after: number } {
  checkInteger(limit, 'limit', 1, largestPage)
  if (after === undefined) return { limit, after: 0 }
  if (typeof after !== 'string' || !cursorForm.test(after))
    throw new ValidationError('after', 'the cursor of a page', after)
  return { limit, after: Number(after) }
}
