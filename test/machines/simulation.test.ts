import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { recordTypes } from '../../src/machines/records.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import { simulate, worldAfter } from './sim/simulate.ts'

const machines = { foldStore, emptyStore }
const seeds = 2_000
const steps = 150

describe('workers, clients, a canceller and an observer, none of them careful', () => {
  it(`break no rule in ${seeds} worlds of ${steps} steps, after which all settles and nothing is left`, {
    timeout: 60_000,
  }, () => {
    for (let seed = 1; seed <= seeds; seed += 1) expect(simulate(machines, seed, steps)?.story).toBeUndefined()
  })

  it('meet every record that counts and every reason why one does not', () => {
    const seen = new Map<string, number>()
    for (let seed = 1; seed <= 100; seed += 1) simulate(machines, seed, steps, seen)
    const derived = ['unblock', 'needFailed']
    const accepted = recordTypes.filter((type) => !derived.includes(type)).map((type) => `${type} accepted`)
    const refused = [
      'submit DEDUP',
      'submit ID_CONFLICT',
      'submit KEY_CONFLICT',
      'submit GONE',
      'submit PARENT_ENDED',
      'submit UNKNOWN_DEPENDENCY',
      'submit CYCLIC_DEPENDENCY',
      'start FENCED',
      'start STATE',
      'start KEY_FULL',
      'ask DEADLOCK',
      'ask STATE',
      'complete FENCED',
      'freed FENCED',
      'expire FENCED',
      'forget NEEDED',
      'cancel STATE',
    ]
    expect([...seen.keys()]).toEqual(expect.arrayContaining([...accepted, ...refused]))
  })
})

describe('a journal', () => {
  it.each([1, 2, 3, 4])('folds to the same state for every reader (seed %i)', (seed) => {
    const { log, state } = worldAfter(machines, seed, 400)
    const again = emptyStore()
    for (const record of log) foldStore(again, record)
    expect(again).toEqual(state)
  })
})
