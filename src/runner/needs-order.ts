/** @module The order in which tasks that need each other are submitted. */
import { OffstageError, show } from '../errors.ts'
import type { SubmitRecord } from '../machines/records.ts'

/** The records with needs behind what they need. @throws {OffstageError} CYCLIC_DEPENDENCY */
export function inOrderOfNeeds(records: readonly SubmitRecord[]): readonly SubmitRecord[] {
  if (records.every(({ needs }) => needs === undefined)) return records
  const byId = new Map(records.map((record) => [record.task, record]))
  const ordered: SubmitRecord[] = []
  const state = new Map<SubmitRecord, 'open' | 'done'>()
  // not by recursion: a chain of needs may be longer than the stack is deep
  const path = records.toReversed()
  for (let record = path.at(-1); record !== undefined; record = path.at(-1)) {
    const seen = state.get(record)
    if (seen !== undefined) {
      path.pop()
      if (seen === 'open') ordered.push(record)
      state.set(record, 'done')
      continue
    }
    state.set(record, 'open')
    for (const need of record.needs?.toReversed() ?? []) {
      const needed = byId.get(need)
      if (needed === undefined || state.get(needed) === 'done') continue
      if (state.get(needed) === 'open')
        throw new OffstageError('CYCLIC_DEPENDENCY', `${show(needed.name)} (${needed.task}) needs itself, over others`)
      path.push(needed)
    }
  }
  return ordered
}
