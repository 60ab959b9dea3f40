import { describe, expect, it } from 'vitest'
import { schedulesView } from '../../../src/inspect/views/schedules.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { hostOf, recorded, submit } from './kit.ts'

const add = (uid: string, at: number, more: object = {}): StoreRecord => ({
  type: 'scheduleAdd',
  uid,
  at,
  name: `name ${uid}`,
  when: { kind: 'every', anchor: 0, ms: 10 },
  target: { recipe: 'report' },
  misfire: 'once',
  overlap: 'skip',
  ...more,
})

describe('the schedules', () => {
  it('say what they do, when they fire next, and what they fired, newest first', () => {
    const recording = recorded([
      add('s', 5),
      submit('t1', 10, { schedule: { uid: 's', rev: 1, slot: 10 } }),
      { type: 'scheduleSkip', uid: 's', rev: 1, at: 20, slot: 20, reason: 'too late for s3cret' },
    ])
    const { schedules, total } = schedulesView(recording.last, hostOf(recording))
    expect(total).toBe(1)
    expect(schedules[0]).toMatchObject({
      uid: 's',
      status: 'active',
      when: 'every day',
      makes: 'a task of report',
      runs: 1,
      lastSlot: 20,
      next: [21, 22, 23, 24, 25],
      history: [
        { slot: 20, reason: 'too late for ***' },
        { slot: 10, task: 't1' },
      ],
    })
  })

  it('are shown as they were at an earlier moment', () => {
    const recording = recorded([
      add('a', 1),
      add('b', 2, { target: { message: 'wake up' } }),
      { type: 'schedulePause', uid: 'a', rev: 1, at: 3 },
      { type: 'scheduleRemove', uid: 'b', rev: 1, at: 4 },
    ])
    const at = (n: number) =>
      schedulesView(n, hostOf(recording, { live: false })).schedules.map(
        ({ uid, status, next }) => `${uid} ${status} ${next.length}`,
      )
    expect([1, 2, 3, 4].map(at)).toEqual([
      ['a active 5'],
      ['a active 5', 'b active 5'],
      ['a paused 0', 'b active 5'],
      ['a paused 0'],
    ])
  })
})
