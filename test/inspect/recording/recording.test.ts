import { describe, expect, it } from 'vitest'
import { Recording } from '../../../src/inspect/recording/recording.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { emptyStore, type TaskSnapshot } from '../../../src/machines/store-state.ts'
import { seededRandom } from '../../../src/random.ts'
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
    expect(edges).toEqual(ways)
    expect(edges['pending.queued start running.executing']).toBeGreaterThan(100)
    expect(Object.values(rates).every((rate) => rate > 0)).toBe(true)
  })

  it('says the same to whoever has asked it all along', () => {
    const state = emptyStore()
    const tasks = () => state.tasks.values()
    const asked = new Recording({ epoch: 'e', source: 'journal', complete: true, keep: 1_500, tasks })
    const quiet = new Recording({ epoch: 'e', source: 'journal', complete: true, keep: 1_500, tasks })
    const random = seededRandom(4)
    for (const record of randomJournal(4, 12_000)) {
      for (const change of foldStore(state, record).changes) for (const each of [asked, quiet]) each.add(change)
      // often enough to go on from where it was, and now and then so seldom that it begins anew
      const pause = asked.last % 6_000 < 3_000 ? 60 : 2_500
      if (random.next() * pause < 1) asked.track(`t${Math.ceil(random.next() * 100)}`)?.positions.at(0)
    }
    const told = (recording: Recording) =>
      Array.from(recording.tracks(), (track) => ({
        id: track.task.id,
        positions: track.positions,
        states: [recording.first, recording.first + 400, recording.last].map(
          (n) => recording.snapshotAt(track, n)?.leaf.name,
        ),
      }))
    expect(told(asked)).toEqual(told(quiet))
    expect(asked.first).toBeGreaterThan(1_000)
    for (const { positions } of asked.tracks()) expect(positions[0] ?? asked.last).toBeGreaterThan(asked.first)
  })

  it('counts as arrivals what comes from elsewhere, over the last five seconds', () => {
    const state = emptyStore()
    const recording = new Recording({ epoch: 'e', source: 'journal', complete: true })
    const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }
    const fold = (record: StoreRecord) => {
      for (const change of foldStore(state, record).changes) recording.add(change)
    }
    for (let i = 0; i < 40; i += 1) {
      const at = 10_000 + 250 * i
      fold({ type: 'submit', task: `t${i}`, at, name: 'task', limits })
      fold({ type: 'start', task: `t${i}`, at, run: 1, claim: `c${i}`, worker: 'w' })
      fold({ type: 'progress', task: `t${i}`, at, claim: `c${i}`, fraction: 0.5 })
    }
    expect(recording.tallyAt(recording.last).rates).toEqual({ 'pending.queued': 4, 'running.executing': 4 })
    expect(recording.tallyAt(recording.last, 19_750 + 2_500).rates).toEqual({
      'pending.queued': 2,
      'running.executing': 2,
    })
    expect(recording.tallyAt(recording.last, 30_000).rates).toEqual({})
    // of a recording that is shorter, what it covers is what counts
    expect(recording.tallyAt(3 * 9).rates['pending.queued']).toBe(4.5)
    expect(recording.tallyAt(recording.last).edges['running.executing progress running.executing']).toBe(40)
  })

  it('does not count workers twice, nor those that hold nothing', () => {
    const state = emptyStore()
    const recording = new Recording({ epoch: 'e', source: 'journal', complete: true, keep: 20_000 })
    const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }
    const fold = (record: StoreRecord) => {
      for (const change of foldStore(state, record).changes) recording.add(change)
    }
    // more workers come and go than are remembered
    for (let i = 0; i < 2_000; i += 1) {
      fold({ type: 'submit', task: `t${i}`, at: i, name: 'task', limits })
      fold({ type: 'start', task: `t${i}`, at: i, run: 1, claim: `c${i}`, worker: `w${i}` })
      if (i >= 3) fold({ type: 'complete', task: `t${i - 3}`, at: i, claim: `c${i - 3}` })
      if (i % 500 === 499) expect(recording.tallyAt(recording.last).workers).toBe(3)
    }
    expect(recording.tallyAt(recording.last - 1_500).workers).toSatisfy((count: number) => count === 3 || count === 4)
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
    const long = recorded(2, 3_000, 1_000).recording
    expect(long.reach.since).toBe(recorded(2, 3_000, 100_000).recording.timeAt(long.first))
    // the oldest go by eighths
    expect(part.last - part.first).toSatisfy((kept: number) => kept > 42 && kept <= 50)
    expect(part.entry(part.first)).toBeUndefined()
    expect(part.entry(part.first + 1)?.n).toBe(part.first + 1)
  })

  it('does not begin with damage, which has no time', () => {
    const recording = new Recording({ epoch: 'e', source: 'journal', complete: true })
    recording.addDamage('segment 1, line 1', 2)
    expect(recording.reach).toMatchObject({ since: undefined, damaged: 2, last: 1 })
    recording.addWorker('w', 5_000)
    expect([recording.reach.since, recording.timeAt(0), recording.timeAt(2)]).toEqual([5_000, 5_000, 5_000])
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
