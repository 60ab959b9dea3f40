/** @module Sums over states: a parent counts what is in its children, a status what is in its sub-states. */
import type { TaskStatus } from '../../../../machines/task.ts'

export const statuses: readonly TaskStatus[] = ['pending', 'running', 'completed', 'failed', 'cancelled']

/** Whether a dotted state is another one, or inside of it. */
export const isWithin = (state: string, outer: string): boolean => state === outer || state.startsWith(`${outer}.`)

/** All that is counted in a state and inside of it. */
export function sumWithin(counts: Readonly<Record<string, number>>, outer: string): number {
  let sum = 0
  for (const [state, count] of Object.entries(counts)) if (isWithin(state, outer)) sum += count
  return sum
}

export function byStatus(counts: Readonly<Record<string, number>>): Readonly<Record<TaskStatus, number>> {
  return Object.fromEntries(statuses.map((status) => [status, sumWithin(counts, status)])) as Record<TaskStatus, number>
}

/** The status that a state belongs to; undefined for one that no task is seen in. */
export const statusOf = (state: string): TaskStatus | undefined => statuses.find((status) => isWithin(state, status))

/** `12`, `3.4`, `0.2`: a second. */
export const rateOf = (rate: number): string => (rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1))

export interface NamedState {
  readonly id: string
  readonly label: string
}

/** Where there is no chart: the states that are counted, each after those around it. */
export function statesOf(counts: Readonly<Record<string, number>>): readonly NamedState[] {
  const ids = new Set<string>()
  for (const state of Object.keys(counts).sort()) {
    const parts = state.split('.')
    for (let length = 1; length <= parts.length; length++) ids.add(parts.slice(0, length).join('.'))
  }
  return Array.from(ids, (id) => ({ id, label: id.slice(id.lastIndexOf('.') + 1) }))
}
