import { describe, expect, it } from 'vitest'
import { Tracks } from '../../../src/inspect/recording/tracks.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import { emptyStore, type StoredTask } from '../../../src/machines/store-state.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }
const state = emptyStore()
const tasks = Array.from({ length: 3_000 }, (_, i) => {
  const record = { type: 'submit', task: `t${i + 1}`, at: i, name: 'task', limits } as const
  return foldStore(state, record).task as StoredTask
})
const [first, second, third] = tasks as [StoredTask, StoredTask, StoredTask]
/** One that has the id of another, long after that was forgotten. */
const again = foldStore(emptyStore(), { type: 'submit', task: 't1', at: 9, name: 'again', limits }).task as StoredTask
Object.assign(again, { seq: 9_999 })
const idsOf = (tracks: Tracks): string[] => Array.from(tracks.newestFirst(), ({ task }) => task.id)

describe('the tracks of a recording', () => {
  it('are in submit order, those too that were there before and are forgotten', () => {
    const tracks = new Tracks(0, [first, third])
    tracks.add(second, 1, undefined)
    tracks.sort()
    expect(idsOf(tracks)).toEqual(['t3', 't2', 't1'])
    expect(tracks.get('t2')?.latest).toBeUndefined()
    expect(tracks.get('t3')).toMatchObject({ latest: third.snapshot, positions: [] })
  })

  it('let go of places that are not kept any more, in lists that nobody reads as well', () => {
    const tracks = new Tracks(0, [first])
    for (let n = 1; n <= 5; n += 1) tracks.add(first, n, first.snapshot)
    const read = tracks.get('t1')?.positions
    expect(read).toEqual([1, 2, 3, 4, 5])
    tracks.first = 3
    expect(tracks.get('t1')?.positions).toEqual([4, 5])
    expect(read).toEqual([1, 2, 3, 4, 5])
    for (let n = 6; n <= 100_000; n += 1) {
      tracks.first = n - 10
      tracks.add(first, n, first.snapshot)
    }
    expect(tracks.get('t1')?.positions).toHaveLength(10)
  })

  it('let go of a task once no kept moment knows it', () => {
    const tracks = new Tracks(0, tasks)
    tasks.slice(0, 2_000).forEach((task, i) => {
      tracks.add(task, i + 1, undefined)
    })
    tracks.first = 1_500
    tracks.tidy()
    expect(tracks.get('t1500')).toBeUndefined()
    expect(tracks.get('t1501')?.positions).toEqual([1_501])
    expect(idsOf(tracks)).toHaveLength(1_500)
    tracks.first = 2_000
    tracks.tidy()
    expect(idsOf(tracks)).toEqual(
      tasks
        .slice(2_000)
        .map(({ id }) => id)
        .toReversed(),
    )
  })

  it.each([
    ['as it happens', [] as StoredTask[]],
    ['when it is looked for afterwards', [again]],
  ])('tell two lives of one id apart, %s', (_, present) => {
    const tracks = new Tracks(0, present)
    tracks.add(first, 1, first.snapshot)
    tracks.add(first, 2, undefined)
    tracks.add(again, 3, again.snapshot)
    tracks.add(again, 4, again.snapshot)
    tracks.sort()
    expect(Array.from(tracks.newestFirst(), ({ task, positions }) => [task, positions])).toEqual([
      [again, [3, 4]],
      [first, [1, 2]],
    ])
    expect(tracks.get('t1')?.task).toBe(again)
    tracks.first = 2
    tracks.tidy()
    expect(Array.from(tracks.newestFirst(), ({ task }) => task)).toEqual([again])
    expect(tracks.get('t1')?.task).toBe(again)
  })
})
