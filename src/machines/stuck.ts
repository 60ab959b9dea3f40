/** @module Deadlocks over keys: tasks that wait for a key of tasks that wait for them. */
import { fullKey } from './keys.ts'
import type { StoredTask, StoreState } from './store-state.ts'

/** One step of a deadlock: the task cannot move before `on` does. */
export interface Link {
  readonly task: string
  readonly waits: 'key' | 'child' | 'need'
  readonly on: string
  /** The key that `on` holds. */
  readonly key: string | undefined
}

/** What a task waits for; with `any`, one of the links is enough to let it go on. */
interface Held {
  readonly any: boolean
  readonly links: readonly Link[]
}

const free: Held = { any: true, links: [] }

/** The deadlock that keeps a task where it is, as the cycle it ends in, or undefined when there is none. */
export function stuckOver(state: StoreState, task: StoredTask): readonly Link[] | undefined {
  const stuck = new Map<string, Held>()
  const open = [task.id]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (stuck.has(id)) continue
    const held = heldBy(state, id)
    if (held.links.length === 0 && id === task.id) return undefined
    stuck.set(id, held)
    for (const { on } of held.links) open.push(on)
  }
  for (let before = -1; before !== stuck.size; ) {
    before = stuck.size
    for (const [id, { any, links }] of stuck) {
      const still = any
        ? links.length > 0 && links.every(({ on }) => stuck.has(on))
        : links.some(({ on }) => stuck.has(on))
      if (!still) stuck.delete(id)
    }
  }
  return stuck.has(task.id) ? cycleFrom(stuck, task.id) : undefined
}

function heldBy(state: StoreState, id: string): Held {
  const task = state.tasks.get(id)
  if (task === undefined) return free
  if (task.state === 'running.waiting') {
    const links = task.snapshot.context.waits.flatMap(({ wait }) => {
      return wait.kind === 'child' ? [{ task: id, waits: 'child', on: wait.child, key: undefined } as const] : []
    })
    return { any: false, links }
  }
  if (task.state === 'pending.blocked') {
    const links = (task.spec.needs ?? []).map((on) => ({ task: id, waits: 'need', on, key: undefined }) as const)
    return { any: false, links }
  }
  const full = task.status === 'pending' ? fullKey(state, task) : undefined
  if (full === undefined) return free
  const holders = [...(state.keys.get(full.key)?.holders ?? [])]
  const links = holders.map((claim) => ({ task: id, waits: 'key', on: claim.task.id, key: full.key }) as const)
  return { any: true, links }
}

function cycleFrom(stuck: ReadonlyMap<string, Held>, start: string): readonly Link[] {
  const path: Link[] = []
  const seen = new Map<string, number>()
  for (let id = start; !seen.has(id); ) {
    seen.set(id, path.length)
    const link = stuck.get(id)?.links.find(({ on }) => stuck.has(on))
    if (link === undefined) break
    path.push(link)
    id = link.on
    if (seen.has(id)) return path.slice(seen.get(id))
  }
  return path
}
