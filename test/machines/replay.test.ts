import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { Replay } from '../../src/machines/replay.ts'
import { writeState } from '../../src/machines/state-json.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import { goldenJournals } from '../inspect/export/history-of.ts'

const limits = { grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submit = { type: 'submit', task: 'a', at: 0, name: 'a', limits }

describe('a replay', () => {
  it('says of each record whether it counted, or why not, and of each task where it is', () => {
    const replay = new Replay()
    expect(replay.task('a')).toBeUndefined()
    expect(replay.apply(submit)).toBe('accepted')
    expect(replay.apply({ type: 'start', task: 'a', at: 1, run: 1, claim: 'c', worker: 'w' })).toBe('accepted')
    expect(replay.apply({ type: 'complete', task: 'a', at: 2, claim: 'other' })).toBe('FENCED')
    expect(replay.task('a')).toEqual({ state: 'running.executing', run: 1, outcome: undefined })
    expect(replay.apply({ type: 'complete', task: 'a', at: 3, claim: 'c', result: 7 })).toBe('accepted')
    expect(replay.apply({ type: 'cancel', task: 'a', at: 4 })).toBe('STATE')
    expect(replay.task('a')).toEqual({ state: 'completed', run: 1, outcome: { status: 'completed', result: 7 } })
  })

  it.each([undefined, null, 'submit', {}, { type: 'unheard of' }, { type: 'submit' }, { type: 'header' }])(
    'refuses %j, which is no record',
    (record) => expect(() => new Replay().apply(record)).toThrow('a record of a journal'),
  )

  it.each([[[null]], [[{}]], [[{ seq: 1 }]], [[{ seq: 1, schedule: 's' }]], [['text']]])(
    'refuses the base %j',
    (base) => {
      expect(() => new Replay(base)).toThrow()
    },
  )
})

describe.each(goldenJournals())('a replay of %s', (_, records) => {
  it.each([0, 0.3, 0.7])('goes on from any moment as the fold does: %f', (part) => {
    const state = emptyStore()
    const begin = Math.floor(records.length * part)
    for (const record of records.slice(0, begin)) foldStore(state, record)
    const base = [...writeState(state)].slice(1, -1).map((line) => JSON.parse(line))
    const replay = new Replay(base)
    for (const record of records.slice(begin))
      expect(replay.apply(record)).toBe(foldStore(state, record).reason ?? 'accepted')
    for (const { id, state: at, snapshot } of state.tasks.values()) {
      const { run, outcome } = snapshot.context
      expect(replay.task(id)).toEqual({ state: at, run, outcome })
    }
  })
})
