/** @module How a task ended, as users get it. */
import type { Failure } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'

/** The end of a task, without throwing: what `settled()` resolves with. */
export type SettledOutcome<T> =
  | { readonly ok: true; readonly status: 'completed'; readonly result: T }
  | { readonly ok: false; readonly status: 'failed'; readonly error: Failure }
  | {
      readonly ok: false
      readonly status: 'cancelled'
      readonly reason: string | undefined
      readonly by: string | undefined
    }

/** The outcome of a task, or undefined while it goes on. */
export function outcomeOf<T>(task: StoredTask): SettledOutcome<T> | undefined {
  const { outcome } = task.snapshot.context
  if (outcome === undefined) return undefined
  if (outcome.status === 'completed') return { ok: true, status: 'completed', result: outcome.result as T }
  return { ok: false, ...outcome }
}
