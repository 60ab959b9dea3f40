import { describe, expect, it } from 'vitest'
import { foldStore, type Verdict } from '../../src/machines/fold-store.ts'
import type { ScheduleAddRecord } from '../../src/machines/schedule-records.ts'
import { exhaustedKept, firingsKept, historyKept } from '../../src/machines/schedule-state.ts'
import { emptyStore, type StoreState } from '../../src/machines/store-state.ts'
import { write } from './state-dump.ts'

const definition = { when: { every: 1 }, target: { recipe: 'r' }, misfire: 'once', overlap: 'skip' } as const
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }

const add = (state: StoreState, uid: string, more: Partial<ScheduleAddRecord> = {}): Verdict =>
  foldStore(state, { type: 'scheduleAdd', uid, at: 0, name: uid, ...definition, ...more })
const fire = (state: StoreState, uid: string, slot: number, rev = 1, more: object = {}): Verdict =>
  foldStore(state, {
    type: 'submit',
    task: `${uid}-${slot}`,
    at: slot,
    name: 'x',
    limits,
    ...more,
    schedule: { uid, rev, slot },
  })

describe('a firing that does not count', () => {
  it.each([
    ['comes from an older revision', (state: StoreState) => fire(state, 'a', 5, 1), 'it was changed meanwhile'],
    ['has a slot that was used up', (state: StoreState) => fire(state, 'a', 2, 2), 'its newest slot is 3'],
    ['is of a paused schedule', (state: StoreState) => fire(state, 'p', 5), 'it is paused'],
    ['is of a schedule that is over', (state: StoreState) => fire(state, 'o', 5), 'it is exhausted'],
  ])('says why when it %s, and changes nothing', (_what, late, detail) => {
    const state = emptyStore()
    add(state, 'a')
    foldStore(state, { type: 'scheduleUpdate', uid: 'a', rev: 1, at: 1, ...definition })
    fire(state, 'a', 3, 2)
    add(state, 'p', { paused: true })
    add(state, 'o', { maxRuns: 1 })
    fire(state, 'o', 4)
    const before = write(state)
    const { accepted, reason, detail: told, schedule } = late(state)
    expect([accepted, reason, told, schedule?.change]).toEqual([false, 'SCHEDULE', detail, undefined])
    expect(write(state)).toBe(before)
  })

  it('uses its slot up when the submit is refused, and the history says why', () => {
    const state = emptyStore()
    add(state, 'a')
    const { accepted, reason, schedule } = fire(state, 'a', 5, 1, { needs: ['nobody'] })
    expect([accepted, reason, schedule?.change?.schedule.lastSlot]).toEqual([false, 'UNKNOWN_DEPENDENCY', 5])
    expect(state.schedules.get('a')?.history).toMatchObject([{ slot: 5, reason: 'UNKNOWN_DEPENDENCY' }])
  })
})

describe('a task that a schedule makes', () => {
  it('that ends as it is made leaves nothing open', () => {
    const state = emptyStore()
    foldStore(state, { type: 'submit', task: 'need', at: 1, name: 'need', limits })
    foldStore(state, { type: 'cancel', task: 'need', at: 2 })
    add(state, 'a')
    fire(state, 'a', 5, 1, { needs: ['need'] })
    const schedule = state.schedules.get('a')
    expect([schedule?.open.size, schedule?.history[0]?.status]).toEqual([0, 'failed'])
    expect(fire(state, 'a', 6).accepted).toBe(true)
  })

  it('outlives its schedule, and ends without it', () => {
    const state = emptyStore()
    add(state, 'a')
    fire(state, 'a', 5)
    foldStore(state, { type: 'scheduleRemove', uid: 'a', rev: 1, at: 6 })
    expect(foldStore(state, { type: 'cancel', task: 'a-5', at: 7 }).accepted).toBe(true)
    expect([state.schedules.size, state.tasks.get('a-5')?.state]).toEqual([0, 'cancelled'])
  })

  it('cannot say of itself what its schedule is called', () => {
    const state = emptyStore()
    add(state, 'a', { name: 'real' })
    const schedule = { uid: 'a', rev: 1, slot: 5, name: 'forged', previous: 4 }
    foldStore(state, { type: 'submit', task: 't', at: 5, name: 't', limits, schedule })
    expect(state.tasks.get('t')?.spec.schedule).toEqual({ uid: 'a', rev: 1, slot: 5, name: 'real' })
  })

  it('cancels those before it in the order in which they were made, and only after it was made', () => {
    const state = emptyStore()
    add(state, 'a', { overlap: 'cancel-previous' })
    add(state, 'b', { overlap: 'cancel-previous' })
    fire(state, 'b', 1)
    fire(state, 'a', 1)
    foldStore(state, { type: 'start', task: 'a-1', at: 2, run: 1, claim: 'c', worker: 'w' })
    fire(state, 'a', 3)
    const { changes } = fire(state, 'a', 4)
    expect(changes.map(({ task, event }) => `${event.type} ${task.id}`)).toEqual(['submit a-4', 'cancel a-3'])
    expect(state.tasks.get('b-1')?.state).toBe('pending.queued')
  })
})

describe('what is kept', () => {
  it(`is the newest ${exhaustedKept} schedules that are over, and all that are not`, () => {
    const state = emptyStore()
    add(state, 'live')
    for (let i = 0; i < exhaustedKept + 3; i += 1) {
      add(state, `s${i}`, { maxRuns: 1 })
      fire(state, `s${i}`, 5)
    }
    expect([state.schedules.size, state.exhausted.size]).toEqual([exhaustedKept + 1, exhaustedKept])
    expect([state.scheduleNames.size, state.schedules.has('live')]).toEqual([exhaustedKept + 1, true])
    expect(['s2', 's3'].map((uid) => state.schedules.has(uid))).toEqual([false, true])
  })

  it('of each history is less, the more schedules there are, but never nothing', () => {
    expect([1, 10_000, 20_000, 100_000, 10_000_000].map(historyKept)).toEqual([firingsKept, firingsKept, 25, 5, 5])
  })
})
