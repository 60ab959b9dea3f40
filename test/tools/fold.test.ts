import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { foldNumber } from '../../src/machines/format.ts'
import { checkFold, type Fold, foldJournal, freshResults, readGolden } from '../../tools/fold.ts'
import { withMutant } from '../machines/sim/mutant.ts'
import { further, type Mutation, named } from '../machines/sim/mutations.ts'
import { fakeTree, told } from './tree.ts'

const limits = { grace: 0, maxAttempts: 1, maxOrphans: 1 }
const journal = [
  { type: 'submit', task: 'a', at: 1, name: 'a', limits },
  { type: 'cancel', task: 'a', at: 2 },
  { type: 'cancel', task: 'a', at: 3 },
  { type: 'rain' },
  { type: 'cancel' },
]
  .map((record) => `${JSON.stringify(record)}\n`)
  .join('')
const path = 'test/golden/a.jsonl'
const state = 'test/golden/a.state'
const golden = (files: Record<string, string>) => {
  const tree = new Map(fakeTree(files))
  tree.delete('package.json')
  return tree
}
const kept = golden({ [path]: journal, [state]: foldJournal(journal) })

/** A fold that takes a cancel for something that never happened. */
const deaf: Fold = {
  number: foldNumber,
  fold: (store, record) =>
    record.type === 'cancel'
      ? { accepted: false, reason: 'STATE', detail: undefined, task: undefined, changes: [], schedule: undefined }
      : foldStore(store, record),
}
const raised = { ...deaf, number: foldNumber + 1 }

describe('the law of the fold number', () => {
  it('is content while journals fold to what they folded to', () => {
    expect(checkFold(kept)).toEqual([])
  })

  it('shows what came of every record, and the state', () => {
    expect(foldJournal(journal).split('\n').slice(0, 7)).toEqual([
      `fold ${foldNumber}`,
      '1 submit: a pending.queued 1',
      '2 cancel: a cancelled 2',
      '3 cancel: void',
      "4 no task's",
      '5 damaged',
      '{"type":"state","lastSeq":1,"tasks":1}',
    ])
  })

  it('finds another result under the same number, where it begins, and says what to do', () => {
    expect(told(checkFold(kept, deaf))).toEqual([
      `${state}:3 the same records fold to another result, but the number of the fold is still ${foldNumber}; if the ` +
        'change is meant, raise foldNumber in src/machines/format.ts, then npm run generate',
    ])
  })

  it('lets nobody write another result under the same number', () => {
    expect(() => freshResults(kept, deaf)).toThrow('raise foldNumber')
  })

  it('asks for new results when the number was raised, and is content with them', () => {
    expect(told(checkFold(kept, raised))).toEqual([
      `${state}:1 not made by fold ${raised.number}; npm run generate makes it again`,
    ])
    expect(checkFold(new Map([...kept, ...freshResults(kept, raised)]), raised)).toEqual([])
  })

  it('finds a journal without a result, a result without a journal, and that there is nothing at all', () => {
    expect(told(checkFold(golden({ [path]: journal })))).toEqual([
      `${path}:1 has no result beside it; npm run generate writes it`,
    ])
    expect(told(checkFold(golden({ [state]: 'fold 1\n' })))).toEqual([
      `${state}:1 a result without its journal: journals are kept for ever`,
    ])
    expect(checkFold(golden({}))).toHaveLength(1)
  })
})

describe('the journals that are kept', () => {
  it.each(Object.entries({ ...named, ...further }))('show it when %s', async (_name: string, { edits }: Mutation) => {
    const found = await withMutant(edits, ({ foldStore: fold }) =>
      checkFold(readGolden('.'), { number: foldNumber, fold }),
    )
    expect(told(found).join('\n')).toContain('fold to another result')
  })
})
