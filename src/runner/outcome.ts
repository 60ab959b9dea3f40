/** @module How a task ended, as users get it. */
import type { Failure } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Outcome } from '../machines/task.ts'
import { blobValue } from '../store/blob-value.ts'

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

/** The result of a completed task, wherever the store keeps it. */
export function resultOf(outcome: Extract<Outcome, { status: 'completed' }>): unknown {
  return outcome.blob === undefined ? outcome.result : blobValue(outcome.blob)
}

/** The input of a task, wherever the store keeps it. */
export function inputOf({ spec }: StoredTask): unknown {
  return spec.inputBlob === undefined ? spec.input : blobValue(spec.inputBlob)
}

/** The outcome of a task, or undefined while it goes on. */
export function outcomeOf<T>(task: StoredTask): SettledOutcome<T> | undefined {
  const { outcome } = task.snapshot.context
  if (outcome === undefined) return undefined
  if (outcome.status === 'completed') return { ok: true, status: 'completed', result: resultOf(outcome) as T }
  return { ok: false, ...outcome }
}
