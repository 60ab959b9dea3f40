import { describe, expect, it } from 'vitest'
import { Insistence } from '../../src/actors/insist.ts'
import { Timers } from '../../src/actors/timer.ts'
import { StoreError } from '../../src/errors.ts'
import type { TaskRecord } from '../../src/machines/records.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const record: TaskRecord = { type: 'release', task: 'a', claim: 'c', at: 0 }
const busy = new Error('no disk')

/** Appends to a store that gives these answers in turn, the last one for ever; tells when it was asked, and what came of it. */
function insist(...answers: (() => unknown)[]) {
  const clock = new VirtualClock()
  const timers = new Timers(clock, (error) => {
    throw error
  })
  const told = { asked: [] as number[], done: 0, failed: [] as unknown[], over: false }
  const store = new MemoryStore()
  store.append = () => {
    told.asked.push(clock.monotonic())
    return (answers[Math.min(told.asked.length, answers.length) - 1] as () => never)()
  }
  const insistence = new Insistence({ timers, isOver: () => told.over })
  const done = (): void => {
    told.done += 1
  }
  insistence.append(store, record, done, (error) => told.failed.push(error))
  return { clock, told }
}
const takes = (): unknown => ({ accepted: true, changes: [] })
const throws = (): never => {
  throw busy
}
const rejects = (): Promise<never> => Promise.reject(busy)

describe('a record that must not get lost', () => {
  it('is done in the same turn where the store answers at once', () => {
    expect(insist(takes).told).toMatchObject({ done: 1, failed: [] })
  })

  it('is done when a promise is kept', async () => {
    const { told, clock } = insist(() => Promise.resolve(takes()))
    expect(told.done).toBe(0)
    await clock.advance(0)
    expect(told.done).toBe(1)
  })

  it('is appended again, after longer and longer pauses, when the store throws or rejects', async () => {
    const { told, clock } = insist(throws, rejects, throws, takes)
    await clock.advance('1m')
    expect(told).toMatchObject({ asked: [0, 1_000, 3_000, 7_000], done: 1, failed: [] })
  })

  it('is given up after half a minute, with the last error', async () => {
    const { told, clock } = insist(throws, rejects)
    await clock.advance('1h')
    expect(told).toMatchObject({ asked: [0, 1_000, 3_000, 7_000, 15_000, 31_000], done: 0, failed: [busy] })
  })

  it.each(['UNKNOWN_OUTCOME', 'STORE_LOST', 'TOO_LARGE', 'INVALID_RESULT'] as const)(
    'is not tried again after %s',
    (code) => {
      const error = new StoreError(code as 'STORE', 'no')
      const { told } = insist(() => {
        throw error
      })
      expect(told).toMatchObject({ asked: [0], failed: [error] })
    },
  )

  it('is given up when it is over', async () => {
    const { told, clock } = insist(throws)
    told.over = true
    await clock.advance('1h')
    expect(told).toMatchObject({ asked: [0, 1_000], failed: [busy] })
  })
})
