/**
 * @module The law of the fold number: a journal folds to what it always folded to, or the number was raised.
 * Journals lie in test/golden, never to be edited, and beside each what comes of it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { foldStore, type Verdict } from '../src/machines/fold-store.ts'
import { foldNumber } from '../src/machines/format.ts'
import { readRecord } from '../src/machines/read-record.ts'
import type { StoreRecord } from '../src/machines/records.ts'
import { StateReader, writeState } from '../src/machines/state-json.ts'
import { emptyStore, type StoreState } from '../src/machines/store-state.ts'
import type { Tree, Violation } from './tree.ts'

/** Where the journals lie. */
export const goldenFolder = 'test/golden'

/** What folds, so that a test can feed another. */
export interface Fold {
  readonly number: number
  fold(state: StoreState, record: StoreRecord): Verdict
}

const current: Fold = { number: foldNumber, fold: foldStore }
const resultOf = (journal: string): string => journal.replace(/\.jsonl$/, '.state')
const head = (number: number): string => `fold ${number}\n`

/** The journals and their results, by path. */
export function readGolden(root: string): Tree {
  const folder = join(root, goldenFolder)
  const names = existsSync(folder) ? readdirSync(folder).sort() : []
  const read = (name: string) => [`${goldenFolder}/${name}`, readFileSync(join(folder, name), 'utf8')] as const
  return new Map(names.filter((name) => /\.(?:jsonl|state)$/.test(name)).map(read))
}

/**
 * What comes of a journal: the number of the fold, then a line for each record that says what it moved, then the state.
 * A record may leave no trace in the last state, so that alone would not do.
 */
export function foldJournal(journal: string, { number, fold }: Fold = current): string {
  const state = emptyStore()
  const lines = journal.trimEnd().split('\n')
  const trace = lines.map((line, i) => {
    const record = readRecord(JSON.parse(line))
    if (record === undefined) return `${i + 1} damaged`
    if (record === 'unknown' || record.type === 'header') return `${i + 1} no task's`
    return `${i + 1} ${record.type}: ${told(fold(state, record))}`
  })
  return `${head(number)}${[...trace, ...writeState(state)].join('\n')}\n`
}

/** Only what becomes of tasks and schedules: why a record is void may be told in other words any time. */
function told({ accepted, changes, schedule }: Verdict): string {
  const moved = changes.map(({ task }) => {
    const zombie = task.zombie === undefined ? '' : ' still runs'
    return `${task.id} ${task.state} ${task.snapshot.context.version}${zombie}`
  })
  const change = schedule?.change
  // a firing that makes no task moves its schedule nevertheless
  if (change !== undefined) moved.push(`schedule ${change.schedule.uid} ${change.schedule.status}`)
  if (!accepted) return ['void', ...moved].join(', ')
  return moved.join(', ') || 'nobody'
}

/** Finds journals that fold to another result under the same number, and results that are missing or out of date. */
export function checkFold(golden: Tree, by: Fold = current): Violation[] {
  const found: Violation[] = []
  const tell = (path: string, message: string, line = 1): number => found.push({ path, line, message })
  for (const [path, journal] of journalsOf(golden)) {
    const stored = golden.get(resultOf(path))
    const fresh = foldJournal(journal, by)
    if (stored === undefined) tell(path, 'has no result beside it; npm run generate writes it')
    else if (!stored.startsWith(head(by.number)))
      tell(resultOf(path), `not made by fold ${by.number}; npm run generate makes it again`)
    else if (stored !== fresh) tell(resultOf(path), changed(by.number), firstDifference(stored, fresh))
    else if (!isReadAgain(fresh)) tell(resultOf(path), 'its state does not say the same when it was read again')
  }
  for (const path of golden.keys()) {
    const journal = path.replace(/\.state$/, '.jsonl')
    if (!golden.has(journal)) tell(path, 'a result without its journal: journals are kept for ever')
  }
  if (found.length === 0 && golden.size === 0) tell(goldenFolder, 'no journals are there')
  return found
}

/**
 * The results as they should be.
 *
 * @throws `Error` when one has changed though the number is the same: then somebody must say that this is meant.
 */
export function freshResults(golden: Tree, by: Fold = current): Tree {
  const fresh = new Map<string, string>()
  for (const [path, journal] of journalsOf(golden)) {
    const result = foldJournal(journal, by)
    const stored = golden.get(resultOf(path))
    if (stored?.startsWith(head(by.number)) && stored !== result)
      throw new Error(`${resultOf(path)}:${firstDifference(stored, result)} ${changed(by.number)}`)
    fresh.set(resultOf(path), result)
  }
  return fresh
}

const journalsOf = (golden: Tree): [path: string, text: string][] =>
  [...golden].filter(([path]) => path.endsWith('.jsonl'))

const changed = (number: number): string =>
  `the same records fold to another result, but the number of the fold is still ${number}; if the change is meant, ` +
  'raise foldNumber in src/machines/format.ts, then npm run generate'

function firstDifference(a: string, b: string): number {
  const others = b.split('\n')
  return a.split('\n').findIndex((line, i) => line !== others[i]) + 1 || 1
}

function isReadAgain(result: string): boolean {
  const state = result.slice(result.indexOf('\n{"type":"state"') + 1).trimEnd()
  const reader = new StateReader()
  for (const line of state.split('\n')) reader.line(line)
  return [...writeState(reader.end())].join('\n') === state
}
