/** @module Concurrency keys: who holds one, who lends one, and whether there is room for one more. */
import type { KeyLimit } from './records.ts'
import { type Claim, type KeyState, keysOf, type StoredTask, type StoreState } from './store-state.ts'

/** Marks the key that a user gave, and the one that a recipe's own limit is, among a task's keys. */
export const userKey = 'key:'
export const recipeKey = 'recipe:'
/** Marks the key that lets the tasks of one schedule run one after another. */
export const scheduleKey = 'schedule:'

/** Takes the keys of a claim that was won. */
export function holdKeys(state: StoreState, claim: Claim): void {
  for (const { key, limit } of keysOf(claim.task)) {
    const held: KeyState = state.keys.get(key) ?? { holders: new Set(), limits: new Map() }
    held.holders.add(claim)
    held.limits.set(limit, (held.limits.get(limit) ?? 0) + 1)
    state.keys.set(key, held)
  }
}

/** Gives the keys of a claim back. */
export function freeKeys(state: StoreState, claim: Claim): void {
  for (const { key, limit } of keysOf(claim.task)) {
    const held = state.keys.get(key)
    if (held === undefined) continue
    held.holders.delete(claim)
    const left = (held.limits.get(limit) ?? 1) - 1
    if (left > 0) held.limits.set(limit, left)
    else held.limits.delete(limit)
    if (held.holders.size === 0) state.keys.delete(key)
  }
}

/** The first key of the task that has no room for it, with the limit in force, or undefined when it may start. */
export function fullKey(state: StoreState, task: StoredTask): KeyLimit | undefined {
  for (const own of keysOf(task)) {
    const held = state.keys.get(own.key)
    if (held === undefined) continue
    // the smallest limit among the holders and the newcomer holds
    const limit = Math.min(own.limit, ...held.limits.keys())
    if (held.holders.size >= limit && placesWith(state, held, task) > limit) return { key: own.key, limit }
  }
  return undefined
}

/**
 * How many places of a key are taken once the newcomer has it. Who waits lends its place to one whom it waits for, and
 * nobody borrows two: so a family counts once, and there is room for all who go on when a child ends.
 */
function placesWith(state: StoreState, held: KeyState, newcomer: StoredTask): number {
  if (state.waiters.size === 0) return held.holders.size + 1
  const users = new Set<string>([newcomer.id])
  for (const { task } of held.holders) users.add(task.id)
  const lenders = new Map<string, StoredTask>()
  const lend = (lender: StoredTask, asked: Set<string>): boolean => {
    for (const user of awaited(state, lender, users)) {
      if (asked.has(user)) continue
      asked.add(user)
      const other = lenders.get(user)
      // another lender may serve somebody else instead
      if (other !== undefined && !lend(other, asked)) continue
      lenders.set(user, lender)
      return true
    }
    return false
  }
  for (const { task } of held.holders) lend(task, new Set())
  return users.size - lenders.size
}

/** Those of the users whom the task waits for, over any number of steps. */
function awaited(state: StoreState, task: StoredTask, users: ReadonlySet<string>): string[] {
  const seen = new Set<string>()
  const open: StoredTask[] = [task]
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    for (const { wait } of each.snapshot.context.waits) {
      if (wait.kind !== 'child' || seen.has(wait.child)) continue
      seen.add(wait.child)
      const child = state.tasks.get(wait.child)
      if (child !== undefined) open.push(child)
    }
  }
  return [...seen].filter((id) => users.has(id))
}
