import { describe, expect, it } from 'vitest'
import { schedulesView } from '../../../src/inspect/views/schedules.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { complete, hostOf, recorded, start, submit } from './kit.ts'

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

  it('say how a task of theirs has ended by that moment', () => {
    const recording = recorded([
      add('s', 5, { target: { recipe: 'report' } }),
      submit('t1', 10, { recipe: 'report', schedule: { uid: 's', rev: 1, slot: 10 } }),
      start('t1', 11),
      complete('t1', 12),
    ])
    const statuses = [recording.last - 1, recording.last].map(
      (n) => schedulesView(n, hostOf(recording)).schedules[0]?.history[0]?.status,
    )
    expect(statuses).toEqual([undefined, 'completed'])
  })

  it('fire no more often than they may', () => {
    const recording = recorded([
      add('s', 5, { maxRuns: 3 }),
      submit('t1', 10, { schedule: { uid: 's', rev: 1, slot: 10 } }),
      add('u', 11, { until: 13 }),
    ])
    const { schedules } = schedulesView(recording.last, hostOf(recording))
    expect(schedules.map(({ next }) => next)).toEqual([
      [12, 13],
      [12, 13],
    ])
  })

  it('are shown also where one of them says what nobody here can read, and no secret', () => {
    const recording = recorded([
      add('new', 1, { when: { kind: 'moon', phase: 'full' } }),
      add('s', 2, { name: `s3cret ${'x'.repeat(500)}`, target: { message: 'tell s3cret', sessionId: 'a' } }),
    ])
    const describeWhen = (when: { readonly kind?: unknown }): string => {
      if (when.kind === 'moon') throw new TypeError('unknown kind')
      return 'every s3cret'
    }
    const { schedules } = schedulesView(recording.last, hostOf(recording, { describeWhen }))
    expect(schedules.map(({ when, next }) => [when, next.length])).toEqual([
      ['at times that cannot be read here', 0],
      ['every ***', 5],
    ])
    expect(schedules[1]?.name).toHaveLength(200)
    expect(JSON.stringify(schedules)).not.toContain('s3cret')
  })
})
