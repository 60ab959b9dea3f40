import { describe, expect, it } from 'vitest'
import { Recording } from '../../../src/inspect/recording/recording.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import { emptyStore, type TaskSnapshot } from '../../../src/machines/store-state.ts'
import { randomJournal } from './kit.ts'

/** What is true after a record: what every task is, and who holds how many claims. */
interface Moment {
  readonly n: number
  readonly at: number
  readonly snapshots: ReadonlyMap<string, TaskSnapshot>
  readonly workers: number
}

/** Folds a random journal into a recording, and notes apart what was true after each of its records. */
function recorded(seed: number, steps: number, keep: number) {
  const state = emptyStore()
  const tasks = () => state.tasks.values()
  const recording = new Recording({ epoch: 'e', source: 'journal', complete: true, keep, tasks })
  const moments: Moment[] = []
  let newest = 0
  let records = 0
  for (const record of randomJournal(seed, steps)) {
    const { changes } = foldStore(state, record)
    for (const change of changes) {
      recording.add(change)
      newest = Math.max(newest, change.event.at)
    }
    records += 1
    if (records % Math.ceil(steps / 80) !== 0) continue
    const snapshots = new Map(Array.from(state.tasks.values(), (task) => [task.id, task.snapshot]))
    const workers = new Set([...state.tasks.values()].flatMap(({ snapshot }) => snapshot.context.worker ?? [])).size
    moments.push({ n: recording.last, at: newest, snapshots, workers })
  }
  return { recording, moments: moments.filter(({ n }) => n >= recording.first) }
}

const countsOf = (snapshots: Iterable<TaskSnapshot>): Record<string, number> => {
  const counts: Record<string, number> = {}
  for (const { leaf } of snapshots) counts[leaf.name] = (counts[leaf.name] ?? 0) + 1
  return counts
}

describe('a recording', () => {
  it.each([
    [100_000, 'that keeps everything'],
    [1_500, 'whose beginning has fallen out'],
    [300, 'that keeps less than a checkpoint'],
  ])('%#: %s entries, says of every moment what the fold said then (%s)', (keep) => {
    for (let seed = 1; seed <= 2; seed += 1) {
      const { recording, moments } = recorded(seed, 12_000, keep)
      expect(recording.last).toBeGreaterThan(2_000)
      expect(recording.last - recording.first).toBeLessThanOrEqual(keep)
      for (const { n, at, snapshots, workers } of moments) {
        const tally = recording.tallyAt(n)
        expect(tally.states, `at ${n}`).toEqual(countsOf(snapshots.values()))
        expect([tally.tasks, tally.workers, recording.timeAt(n)]).toEqual([snapshots.size, workers, at])
        let seen = 0
        for (const track of recording.tracks()) {
          const snapshot = recording.snapshotAt(track, n)
          // the very same objects: nothing was copied, and nothing is like it by chance
          if (snapshot !== snapshots.get(track.task.id)) expect.fail(`${track.task.id} at ${n}`)
          if (snapshot !== undefined) seen += 1
        }
        expect(seen).toBe(snapshots.size)
      }
    }
  })

  it('counts every way that was taken, and how many arrived a second', () => {
    const { recording } = recorded(7, 10_000, 100_000)
    const ways: Record<string, number> = {}
    for (const entry of recording.entries(0, recording.last)) {
      if (entry.kind !== 'task' || entry.to === undefined) continue
      const key = `${entry.change.before.leaf.name} ${entry.change.event.type} ${entry.to}`
      ways[key] = (ways[key] ?? 0) + 1
    }
    const { edges, rates } = recording.tallyAt(recording.last)
    const more = Object.entries(edges).filter(([key, count]) => count > (ways[key] ?? 0))
    expect(more).toEqual([])
    expect(edges['pending.queued start running.executing']).toBeGreaterThan(100)
    expect(Object.values(rates).every((rate) => rate > 0)).toBe(true)
  })

  it('never goes back in time, whatever clocks said', () => {
    const { recording } = recorded(3, 3_000, 1_000)
    let backwards = 0
    for (let n = recording.first + 1; n <= recording.last; n += 1) {
      if (recording.timeAt(n) < recording.timeAt(n - 1)) backwards += 1
    }
    expect(backwards).toBe(0)
  })

  it('says how far back it reaches', () => {
    const whole = recorded(1, 500, 100_000).recording
    expect(whole.reach).toMatchObject({ source: 'journal', first: 0, last: whole.last, complete: true, missed: 0 })
    const part = recorded(1, 500, 50).recording
    expect(part.reach).toMatchObject({ complete: false, since: part.timeAt(part.first) })
    // the oldest go by eighths
    expect(part.last - part.first).toSatisfy((kept: number) => kept > 42 && kept <= 50)
    expect(part.entry(part.first)).toBeUndefined()
    expect(part.entry(part.first + 1)?.n).toBe(part.first + 1)
  })

  it('slices itself into marks that add up', () => {
    const { recording } = recorded(2, 3_000, 2_000)
    const marks = recording.marks(40)
    expect(marks).toHaveLength(40)
    expect(marks.at(-1)?.n).toBe(recording.last)
    expect(marks.reduce((sum, { happened }) => sum + happened, 0)).toBe(recording.last - recording.first)
    expect(marks.reduce((sum, { failed }) => sum + failed, 0)).toBeGreaterThan(0)
  })

  it('begins anew after what it could not follow, with what the store says', () => {
    const state = emptyStore()
    const tasks = () => state.tasks.values()
    const recording = new Recording({ epoch: 'e', source: 'attached', complete: false, tasks })
    for (const record of randomJournal(5, 400)) {
      for (const change of foldStore(state, record).changes) if (recording.last < 100) recording.add(change)
    }
    recording.resync(500, [])
    expect(recording.reach).toMatchObject({ first: recording.last, missed: 500, complete: false })
    const snapshots = Array.from(state.tasks.values(), ({ snapshot }) => snapshot)
    expect(recording.tallyAt(recording.last).states).toEqual(countsOf(snapshots))
  })
})
