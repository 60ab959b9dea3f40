import { describe, expect, it } from 'vitest'
import { timelineView } from '../../../src/inspect/views/timeline.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { cancel, complete, ended, fail, hostOf, recorded, start, submit } from './kit.ts'

const second = 1_000

describe('the timeline', () => {
  it('has a bar for each attempt, with how it ended', () => {
    const recording = recorded([
      submit('a', 0),
      start('a', 1),
      fail('a', 2, 3),
      start('a', 4, 2),
      complete('a', 5, 1, 2),
      submit('b', 5),
      start('b', 6),
      cancel('b', 7),
      ended('b', 8),
      submit('c', 8),
      start('c', 9, 1, 'w2'),
      { type: 'expire', worker: 'w2', at: 10 },
      submit('d', 10),
      start('d', 11),
      fail('d', 12),
      submit('e', 12),
      start('e', 13),
      { type: 'timeout', scope: 'attempt', task: 'e', at: 14, claim: 'e.1' },
      ended('e', 15),
      submit('f', 15),
      start('f', 16),
    ])
    const { bars, running, cut, extent } = timelineView({ view: 'timeline' }, recording.last, hostOf(recording))
    expect(bars.map(({ task, run, outcome }) => `${task} ${run} ${outcome}`).sort()).toEqual([
      'a 1 retried',
      'a 2 completed',
      'b 1 cancelled',
      'c 1 lost',
      'd 1 failed',
      'e 1 timeout',
      'f 1 running',
    ])
    expect([cut, extent?.[0], running.at(-1)?.[1]]).toEqual([0, 1, 1])
  })

  it('puts attempts that overlap into lanes of their worker', () => {
    const recording = recorded([
      ...['a', 'b', 'c'].map((id) => submit(id, 0)),
      start('a', 1),
      start('b', 2),
      start('c', 3, 1, 'other'),
      complete('a', 4),
      submit('d', 5),
      start('d', 6),
    ])
    const { bars, lanes } = timelineView({ view: 'timeline' }, recording.last, hostOf(recording))
    const laneOf = new Map(bars.map(({ task, lane }) => [task, lane]))
    expect(lanes).toBe(3)
    expect(laneOf.get('d')).toBe(laneOf.get('a'))
    expect(new Set([laneOf.get('a'), laneOf.get('b'), laneOf.get('c')]).size).toBe(3)
  })

  it('counts who holds a slot: not who waits', () => {
    const recording = recorded([
      submit('a', 0),
      start('a', 1 * second),
      { type: 'ask', task: 'a', at: 2 * second, claim: 'a.1', ask: 1, wait: { kind: 'input' } },
      submit('b', 2 * second),
      start('b', 3 * second),
      { type: 'answer', task: 'a', at: 4 * second, claim: 'a.1', ask: 1 },
      complete('a', 5 * second),
      complete('b', 6 * second),
    ])
    const { running } = timelineView(
      { view: 'timeline', since: 0, until: 7 * second },
      recording.last,
      hostOf(recording),
    )
    expect(running).toEqual([
      [0, 0],
      [1_000, 1],
      [2_000, 0],
      [3_000, 1],
      [4_000, 2],
      [5_000, 1],
      [6_000, 0],
    ])
  })

  it('knows of attempts that began before the recording did', () => {
    const all: StoreRecord[] = [submit('old', 0), start('old', 1), submit('a', 2), start('a', 3), complete('a', 4)]
    const recording = recorded(all, 2)
    const { bars } = timelineView({ view: 'timeline' }, recording.last, hostOf(recording))
    expect(bars.map(({ task, since, outcome }) => [task, since, outcome])).toContainEqual(['old', 1, 'running'])
  })

  it('is bounded: the longest bars are kept, and the rest counted', () => {
    const records = Array.from({ length: 2_000 }, (_, i) => [
      submit(`t${i}`, i),
      start(`t${i}`, i),
      complete(`t${i}`, i + (i % 100)),
    ]).flat()
    const recording = recorded(records)
    const view = timelineView({ view: 'timeline', since: 0, until: 5_000 }, recording.last, hostOf(recording))
    expect([view.bars.length, view.cut]).toEqual([600, 1_400])
    expect(view.running.length).toBeLessThanOrEqual(601)
    expect(Math.min(...view.bars.map(({ since, until = 0 }) => until - since))).toBeGreaterThanOrEqual(69)
  })

  it('zooms into a window, and shows nothing of what was not yet at an earlier moment', () => {
    const recording = recorded([
      submit('a', 0),
      start('a', 10 * second),
      complete('a', 20 * second),
      submit('b', 0),
      start('b', 30 * second),
    ])
    const zoomed = timelineView(
      { view: 'timeline', since: 25 * second, until: 40 * second },
      recording.last,
      hostOf(recording),
    )
    expect(zoomed.bars.map(({ task }) => task)).toEqual(['b'])
    const then = timelineView({ view: 'timeline' }, 2, hostOf(recording, { live: false }))
    expect(then.bars.map(({ task, outcome }) => [task, outcome])).toEqual([['a', 'running']])
    expect(then.until).toBe(10 * second)
  })
})
