import { describe, expect, it } from 'vitest'
import { Recording } from '../../../src/inspect/recording/recording.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { emptyStore } from '../../../src/machines/store-state.ts'

const definition = { when: { every: 10 }, target: { message: 'go' }, misfire: 'once', overlap: 'queue' } as const
const add = (uid: string, at: number): StoreRecord => ({ type: 'scheduleAdd', uid, at, name: uid, ...definition })
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const fire = (uid: string, slot: number): StoreRecord => {
  const schedule = { uid, rev: 1, slot }
  return { type: 'submit', task: `${uid}-${slot}`, at: slot, name: uid, limits, schedule }
}

/** A recording of schedules alone, which tells what they were at each of its moments. */
function recorded(keep = 1_000) {
  const state = emptyStore()
  const recording = new Recording({ epoch: 'e', source: 'journal', complete: true, keep })
  const fold = (...records: StoreRecord[]): void => {
    for (const record of records) {
      const change = foldStore(state, record).schedule?.change
      if (change !== undefined) recording.addSchedule(change)
    }
  }
  const at = (n: number): unknown[] =>
    recording.schedulesAt(n).map(({ schedule, status, snapshot }) => [schedule.uid, status, snapshot.context.fired])
  return { recording, fold, at, state }
}

describe('the schedules of a recording', () => {
  it('are what they were at each moment', () => {
    const { fold, at } = recorded()
    fold(add('a', 1), fire('a', 10), add('b', 11))
    fold({ type: 'schedulePause', uid: 'a', rev: 1, at: 12 }, { type: 'scheduleRemove', uid: 'a', rev: 2, at: 13 })
    expect([0, 1, 2, 3, 4, 5].map(at)).toEqual([
      [],
      [['a', 'active', 0]],
      [['a', 'active', 1]],
      [
        ['a', 'active', 1],
        ['b', 'active', 0],
      ],
      [
        ['a', 'paused', 1],
        ['b', 'active', 0],
      ],
      [['b', 'active', 0]],
    ])
  })

  it('show the firings of their moment, the newest few', () => {
    const { fold, recording } = recorded()
    fold(add('a', 1))
    for (let slot = 10; slot <= 400; slot += 10) fold(fire('a', slot))
    expect(recording.schedulesAt(3)[0]?.history.map(({ slot }) => slot)).toEqual([10, 20])
    expect(recording.schedulesAt(41)[0]?.history.map(({ slot }) => slot)).toEqual(
      Array.from({ length: 10 }, (_, i) => 310 + 10 * i),
    )
  })

  it('are known as far back as entries are, and gone ones are let go', () => {
    const { fold, at, recording } = recorded(80)
    fold(add('a', 1), add('gone', 1), { type: 'scheduleRemove', uid: 'gone', rev: 1, at: 2 })
    for (let slot = 10; slot <= 2_000; slot += 10) fold(fire('a', slot))
    const { first, last } = recording
    expect(first).toBeGreaterThan(100)
    expect(at(first)).toEqual([['a', 'active', first - 3]])
    expect(at(last)).toEqual([['a', 'active', 200]])
  })

  it('begin with those that were there', () => {
    const { state, fold } = recorded()
    fold(add('a', 1), fire('a', 10))
    const schedules = state.schedules.values()
    const live = new Recording({ epoch: 'e', source: 'attached', complete: false, schedules })
    expect(live.schedulesAt(0)).toMatchObject([{ status: 'active', history: [{ slot: 10 }] }])
    fold(fire('a', 20))
    live.resync(3, state.schedules.values())
    expect(live.schedulesAt(live.last)).toMatchObject([{ history: [{ slot: 10 }, { slot: 20 }] }])
    expect(live.reach).toMatchObject({ missed: 3, first: 3, last: 3 })
  })
})
