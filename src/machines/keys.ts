/** @module Concurrency keys: who holds one, who lends one, and whether there is room for one more. */
import type { KeyLimit } from './records.ts'
import { type Claim, type KeyState, keysOf, type StoredTask, type StoreState } from './store-state.ts'

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
    if (!held?.holders.delete(claim)) continue
    const left = (held.limits.get(limit) ?? 1) - 1
    if (left > 0) held.limits.set(limit, left)
    else held.limits.delete(limit)
    if (held.holders.size === 0) state.keys.delete(key)
  }
}

/** The first key of the task that has no room for it, or undefined when it may start. */
export function fullKey(state: StoreState, task: StoredTask): KeyLimit | undefined {
  for (const own of keysOf(task)) {
    const held = state.keys.get(own.key)
    if (held === undefined) continue
    // the smallest limit among the holders and the newcomer holds
    const limit = Math.min(own.limit, ...held.limits.keys())
    if (holdersFor(state, held, task) >= limit) return own
  }
  return undefined
}

/** How many hold the key, not counting those who lend it to the newcomer or to another holder: a family counts once. */
function holdersFor(state: StoreState, held: KeyState, newcomer: StoredTask): number {
  if (state.waiters.size === 0) return held.holders.size
  const users = new Set<string>([newcomer.id])
  for (const holder of held.holders) users.add(holder.task.id)
  let count = 0
  for (const holder of held.holders) if (!lends(state, holder.task, users, new Set())) count += 1
  return count
}

/** Tells whether the task waits, over any number of steps, for one of the users. */
function lends(state: StoreState, task: StoredTask, users: ReadonlySet<string>, seen: Set<string>): boolean {
  if (seen.has(task.id)) return false
  seen.add(task.id)
  return task.snapshot.context.waits.some(({ wait }) => {
    if (wait.kind !== 'child') return false
    if (users.has(wait.child)) return true
    const child = state.tasks.get(wait.child)
    return child !== undefined && lends(state, child, users, seen)
  })
}
