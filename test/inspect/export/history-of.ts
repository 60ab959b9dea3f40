/** Records as the history of a store, from any place on. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { foldStore } from '../../../src/machines/fold-store.ts'
import { readRecord } from '../../../src/machines/read-record.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { StateReader, writeState } from '../../../src/machines/state-json.ts'
import { emptyStore } from '../../../src/machines/store-state.ts'
import type { HistoryStep } from '../../../src/store/store.ts'

const golden = fileURLToPath(new URL('../../golden', import.meta.url))

/** The records of all journals that are kept to compare folds. */
export function goldenJournals(): [name: string, records: StoreRecord[]][] {
  const names = readdirSync(golden).filter((name) => name.endsWith('.jsonl'))
  return names.map((name) => {
    const lines = readFileSync(`${golden}/${name}`, 'utf8').trim().split('\n')
    return [name, lines.map((line) => readRecord(JSON.parse(line))).filter(isRecord)]
  })
}

type Read = ReturnType<typeof readRecord>
const isRecord = (read: Read): read is StoreRecord => typeof read === 'object' && read.type !== 'header'

/** The history that begins behind the first `gone` records. */
export function historyOf(records: readonly StoreRecord[], gone = 0): () => AsyncGenerator<HistoryStep> {
  return async function* history() {
    const before = emptyStore()
    for (const record of records.slice(0, gone)) foldStore(before, record)
    const reader = new StateReader()
    for (const line of writeState(before)) reader.line(line)
    const state = reader.end()
    yield { type: 'base', state, complete: gone === 0 }
    for (const [i, record] of records.entries()) {
      if (i < gone) continue
      const verdict = foldStore(state, record)
      yield { type: 'record', record, verdict, where: { segment: 1, line: i + 1 } }
    }
    yield { type: 'level' }
  }
}
