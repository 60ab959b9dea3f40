/** @module What commands about the past share: the journal, the task that is meant, and moments as people write them. */
import { parseDuration } from '../duration.ts'
import { show } from '../errors.ts'
import { type BackgroundRunner, type HistoryStep, OffstageError, type Store, SystemClock } from '../index.ts'
import { type Call, textOption } from './command.ts'
import { usageError } from './exit.ts'
import { findTask } from './tasks.ts'

/** The id that is meant. One that was forgotten must be whole: only the journal may know it. */
export async function pastTask(runner: BackgroundRunner, id: string): Promise<string> {
  try {
    return (await findTask(runner, id)).id
  } catch (error) {
    if (OffstageError.is(error, 'NOT_FOUND')) return id
    throw error
  }
}

/** Reads the journal of a store from its beginning. @throws {OffstageError} USAGE for a store without one. */
export function journalOf(store: Store): () => AsyncIterable<HistoryStep> {
  if (!store.durable || store.history === undefined)
    throw usageError(`there is no journal to read: ${store.name}; --store names the folder of a store`)
  return () => store.history?.() as AsyncIterable<HistoryStep>
}

const isoForm = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?$/

/** An option that is a moment: ISO 8601, or how long ago. @throws {OffstageError} USAGE */
export function momentOption(call: Call, name: string, flag: string): number | undefined {
  const given = textOption(call, name)
  if (given === undefined) return undefined
  const at = isoForm.test(given) ? Date.parse(given) : Number.NaN
  if (Number.isFinite(at)) return at
  try {
    return new SystemClock().now() - parseDuration(given, flag, { min: 0 })
  } catch (cause) {
    throw usageError(
      `${flag} must be a time as 2026-11-23T08:00:00Z, or how long ago, as 10m; got ${show(given)}`,
      cause,
    )
  }
}
