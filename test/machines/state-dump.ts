/** @module Everything that a state holds, as text, whatever the order in which it came there. */
import type { Verdict } from '../../src/machines/fold-store.ts'
import { StateReader, writeState } from '../../src/machines/state-json.ts'
import type { StoredTask, StoreState } from '../../src/machines/store-state.ts'

export const write = (state: StoreState): string => [...writeState(state)].join('\n')

export function read(text: string, existing?: (id: string) => StoredTask | undefined): StoreState {
  const reader = new StateReader(existing)
  for (const line of text.split('\n')) reader.line(line)
  return reader.end()
}

const ids = (some: Iterable<{ readonly id: string }>): string[] => Array.from(some, ({ id }) => id).sort()
const sorted = <T>(rows: Iterable<readonly [string, T]>): (readonly [string, T])[] =>
  [...rows].sort(([a], [b]) => (a < b ? -1 : 1))

/** What a state says of its tasks, whole: also what is the same when it was left out twice. */
export function tasksOf(state: StoreState): string[] {
  return Array.from(state.tasks.values(), ({ id, seq, snapshot, transitions, zombie }) =>
    JSON.stringify([id, seq, snapshot.leaf.name, snapshot.context, transitions, zombie]),
  )
}

/** The indexes of a state. */
export function indexesOf(state: StoreState): Record<string, unknown> {
  return {
    claims: Array.from(state.claims.values(), ({ id, task, worker }) => [id, task.id, worker].join(' ')).sort(),
    workers: sorted(Array.from(state.workers, ([worker, claims]) => [worker, ids(claims)] as const)),
    keys: sorted(
      Array.from(state.keys, ([key, { holders, limits }]) => [key, [ids(holders), [...limits].sort()]] as const),
    ),
    idempotent: sorted(state.idempotent),
    dependants: sorted(Array.from(state.dependants, ([need, by]) => [need, [...by]] as const)),
    openNeeds: sorted(state.openNeeds),
    children: sorted(Array.from(state.children, ([parent, of]) => [parent, [...of].sort()] as const)),
    waiters: sorted(
      Array.from(state.waiters, ([child, of]) => [child, of.map((each) => Object.values(each).join(' ')).sort()]),
    ),
    expired: [...state.expired],
    forgotten: [...state.forgotten],
    scheduleNames: sorted(state.scheduleNames),
    exhausted: [...state.exhausted],
    openTasks: Array.from(state.schedules.values(), ({ uid, open }) => [uid, ...open]),
  }
}

/** What a verdict says, as text. */
export function told({ accepted, reason, detail, task, changes }: Verdict): string {
  const moved = changes.map((change) => [change.task.id, change.event.type, change.before.leaf.name, change.task.state])
  return JSON.stringify([accepted, reason, detail, task?.id, moved])
}
