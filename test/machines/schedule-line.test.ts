import { describe, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { foldStore } from '../../src/machines/fold-store.ts'
import { readRecord } from '../../src/machines/read-record.ts'
import type { StoreRecord } from '../../src/machines/records.ts'
import { emptyStore, type StoreState } from '../../src/machines/store-state.ts'
import { damage, nested } from './junk.ts'
import { Dice } from './sim/dice.ts'
import { runSchedules } from './sim/schedules.ts'
import { indexesOf, read, write } from './state-dump.ts'

const machines = { foldStore, emptyStore }
const steps = 120
const timeout = 60_000
const definition = { when: { every: 1 }, target: { recipe: 'r' }, misfire: 'once', overlap: 'skip' } as const
const add = { type: 'scheduleAdd', uid: 'u', at: 1, name: 'a', ...definition } as const
const of = { uid: 'u', rev: 1, at: 2 } as const
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submit = { type: 'submit', task: 't', at: 9, name: 't', limits, schedule: { uid: 'u', rev: 1, slot: 5 } } as const

const folded = (records: readonly StoreRecord[]): StoreState => {
  const state = emptyStore()
  for (const each of records) foldStore(state, each)
  return state
}

describe('a record about a schedule', () => {
  const whole: readonly StoreRecord[] = [
    add,
    { ...add, owner: 'o', source: 'c', paused: true, jitter: 1, maxRuns: 2, until: 3, metadata: { a: 1 } },
    { ...add, target: { message: 'm', timeout: null, deadline: 5, tags: ['x'], retry: { backoff: 'fixed' } } },
    { type: 'scheduleUpdate', ...of, ...definition },
    { type: 'schedulePause', ...of },
    { type: 'scheduleResume', ...of },
    { type: 'scheduleRemove', ...of },
    { type: 'scheduleExhaust', ...of },
    { type: 'scheduleSkip', ...of, slot: 5, reason: 'MISSED', missed: 3 },
    submit,
    { ...submit, schedule: { uid: 'u', rev: 1 } },
  ]

  it.each(whole.map((line) => [line.type, line] as const))('is one: %s', (_type, line) => {
    expect(readRecord(line)).toBe(line)
  })

  it.each([
    ['an add without an id', { ...add, uid: 1 }],
    ['an add without a target', { ...add, target: undefined }],
    ['an add of a recipe and a message', { ...add, target: { recipe: 'r', message: 'm' } }],
    ['an add of neither', { ...add, target: { input: 1 } }],
    ['an add with another overlap', { ...add, overlap: 'stop' }],
    ['an add with another misfire', { ...add, misfire: true }],
    ['an add that never runs', { ...add, maxRuns: 0 }],
    ['an add with a text for when', { ...add, when: 'daily' }],
    ['an add that nobody can write', { ...add, when: { a: nested(256) } }],
    ['an update without a revision', { type: 'scheduleUpdate', uid: 'u', at: 2, ...definition }],
    ['an update of parts', { type: 'scheduleUpdate', ...of, maxRuns: 1 }],
    ['a command without a time', { type: 'schedulePause', uid: 'u', rev: 1 }],
    ['a command under revision 0', { type: 'schedulePause', ...of, rev: 0 }],
    ['a skip of no slot', { type: 'scheduleSkip', ...of, reason: 'r' }],
    ['a skip without a reason', { type: 'scheduleSkip', ...of, slot: 5 }],
    ['a firing of nothing', { ...submit, schedule: {} }],
    ['a firing with a text for its slot', { ...submit, schedule: { uid: 'u', rev: 1, slot: '5' } }],
  ])('is damaged: %s', (_what, line) => {
    expect(readRecord(line)).toBeUndefined()
  })

  it('that was forged is damaged, or is folded like any other', { timeout }, () => {
    let refused = 0
    for (let seed = 0; seed < 150; seed += 1) {
      const log = runSchedules(machines, seed, steps)
      const forged = log.flatMap((record, i) =>
        i % 3 === 0 ? [damage(record, seed * 1_000 + i, log), record] : [record],
      )
      const state = emptyStore()
      for (const line of JSON.parse(JSON.stringify(forged)) as unknown[]) {
        const record = readRecord(line)
        if (typeof record !== 'object' || record.type === 'header') refused += 1
        else foldStore(state, record)
      }
      const again = read(write(state))
      expect(write(again), `seed ${seed}`).toBe(write(state))
      expect(indexesOf(again), `seed ${seed}`).toEqual(indexesOf(state))
    }
    expect(refused).toBeGreaterThan(500)
  })
})

describe('the line of a schedule', () => {
  it('is the same whatever order the members of its record had', () => {
    const turned = Object.fromEntries(Object.entries({ ...add, maxRuns: 2, x: 1 }).reverse())
    expect(write(folded([turned as unknown as StoreRecord]))).toBe(write(folded([{ ...add, maxRuns: 2 }])))
  })

  it('keeps the slot of the newest task, however many slots were skipped since', () => {
    const overlapping = Array.from({ length: 60 }, (_, i) => ({
      ...submit,
      task: `t${i}`,
      at: 200,
      schedule: { ...submit.schedule, slot: 6 + i },
    }))
    const state = read(write(folded([add, submit, ...overlapping])))
    foldStore(state, { type: 'cancel', task: 't', at: 201 })
    foldStore(state, { ...submit, task: 'last', at: 202, schedule: { uid: 'u', rev: 1, slot: 100 } })
    expect(state.tasks.get('last')?.spec.schedule?.previous).toBe(5)
  })

  it('says nothing of what was removed', () => {
    const state = folded([add, submit, { type: 'scheduleRemove', ...of }])
    expect([state.schedules.size, state.scheduleNames.size, state.exhausted.size]).toEqual([0, 0, 0])
    expect(write(read(write(state)))).toBe(write(state))
  })

  it('is refused, or goes on as any schedule does, wherever it was changed', { timeout }, () => {
    let refused = 0
    for (let seed = 0; seed < 300; seed += 1) {
      const log = runSchedules(machines, seed, steps)
      const lines = write(folded(log)).split('\n')
      const places = lines.flatMap((line, i) => (line.startsWith('{"schedule":') ? [i] : []))
      const place = new Dice(seed).pick(places)
      if (place === undefined) continue
      const others = lines.map((line): unknown => JSON.parse(line))
      const text = lines.with(place, JSON.stringify(damage(others[place], seed, others))).join('\n')
      try {
        const again = read(text)
        for (const each of log) foldStore(again, each)
        expect(write(read(write(again)))).toBe(write(again))
      } catch (error) {
        if (!OffstageError.is(error, 'STORE')) throw error
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(50)
  })
})
