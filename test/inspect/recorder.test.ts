import { describe, expect, it, onTestFinished } from 'vitest'
import { MemoryStore, type Store } from '../../src/index.ts'
import { type Frame, framesPerSecond, type Happening, type Query } from '../../src/inspect/protocol.ts'
import { Recorder, type RecorderOptions } from '../../src/inspect/recorder.ts'
import { foldStore } from '../../src/machines/fold-store.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import type { HistoryOptions, HistoryStep } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }
const chart: Query = { view: 'chart' }

/** A store that tells who listens to it. */
class Watched extends MemoryStore {
  listeners = 0

  override subscribe(listener: Parameters<Store['subscribe']>[0]): () => void {
    const off = super.subscribe(listener)
    this.listeners += 1
    return () => {
      this.listeners -= 1
      off()
    }
  }
}

/** Folds a record, if it is one, when it is its turn. */
type Written = HistoryStep | Error | (() => HistoryStep)

/** A store with a journal that a test writes. */
class Journaled extends Watched {
  readonly #steps: Written[] = []
  #wake = (): void => {}

  journal(...steps: Written[]): void {
    this.#steps.push(...steps)
    this.#wake()
  }

  async *history({ signal }: HistoryOptions = {}): AsyncGenerator<HistoryStep> {
    while (signal?.aborted !== true) {
      const step = this.#steps.shift()
      if (step instanceof Error) throw step
      if (step !== undefined) yield typeof step === 'function' ? step() : step
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve
          signal?.addEventListener('abort', () => resolve(), { once: true })
        })
    }
  }
}

/** The steps of a journal of so many submits. */
function journal() {
  const state = emptyStore()
  let line = 0
  const submitted = (): HistoryStep => {
    line += 1
    const record = { type: 'submit', task: `j${line}`, at: 500_000 + line, name: 'journaled', limits } as const
    return { type: 'record', record, verdict: foldStore(state, record), where: { segment: 1, line } }
  }
  return { base: { type: 'base', state, complete: true } as HistoryStep, submitted }
}

function made(options: Partial<RecorderOptions> = {}) {
  const clock = new VirtualClock({ now: 1_000_000 })
  const store = (options.store ?? new Watched()) as Watched
  const warnings: string[] = []
  const views: Query[] = []
  let epochs = 0
  const recorder = new Recorder({
    clock,
    keep: 10_000,
    epoch: () => `e${++epochs}`,
    view: (query) => {
      views.push(query)
      return { view: 'chart', others: {} }
    },
    warn: (message, cause) => warnings.push(`${message}: ${(cause as Error).message}`),
    ...options,
    store,
  })
  onTestFinished(() => recorder.close())
  let born = 0
  const submit = (count = 1): void => {
    for (let i = 0; i < count; i += 1) {
      born += 1
      store.submit([{ type: 'submit', task: `t${born}`, at: clock.now(), name: `task ${born}`, limits }])
    }
  }
  return { recorder, store, clock, submit, warnings, views }
}

/** Frames as they come. */
function watcher(recorder: Recorder, query: Query = chart, seen?: string) {
  const frames: Frame[] = []
  const leave = recorder.subscribe(query, (frame) => frames.push(frame), seen)
  return { frames, leave, newest: () => frames.at(-1) as Frame }
}

describe('a recorder', () => {
  it('listens to its store while somebody looks, and half a minute longer', async () => {
    const { recorder, store, clock, submit } = made()
    submit()
    expect([store.listeners, recorder.isAttached]).toEqual([0, false])
    const { leave, frames } = watcher(recorder)
    await clock.advance(1)
    expect([store.listeners, frames.length]).toEqual([1, 1])
    leave()
    await clock.advance(29_000)
    expect(store.listeners).toBe(1)
    // who comes back meanwhile finds what was recorded
    const again = watcher(recorder)
    await clock.advance(60_000)
    expect([store.listeners, again.newest().epoch]).toEqual([1, frames[0]?.epoch])
    again.leave()
    await clock.advance(31_000)
    expect([store.listeners, recorder.isAttached]).toEqual([0, false])
  })

  it('begins with what the store knows, and counts what comes', async () => {
    const { recorder, clock, submit, store } = made({ slots: () => 7 })
    submit(3)
    const { newest } = watcher(recorder)
    await clock.advance(1)
    expect(newest()).toMatchObject({
      n: 0,
      live: true,
      time: 1_000_000,
      tally: { states: { 'pending.queued': 3 }, tasks: 3, slots: 7 },
      reach: { source: 'attached', complete: false, since: 1_000_000 },
    })
    submit(2)
    store.append({ type: 'start', task: 't1', run: 1, claim: 'c1', worker: 'w1', at: clock.now() })
    await clock.advance(1_000)
    expect(newest()).toMatchObject({
      n: 3,
      tally: { states: { 'pending.queued': 4, 'running.executing': 1 }, running: 1, workers: 1 },
    })
    expect(newest().tally.edges).toEqual({
      'new submit pending.queued': 2,
      'pending.queued start running.executing': 1,
    })
  })

  it('makes so many frames a second and no more, whatever happens', async () => {
    const { recorder, clock, submit } = made()
    const { frames, newest } = watcher(recorder)
    await clock.advance(1_000)
    frames.length = 0
    for (let i = 0; i < 2_000; i += 1) {
      submit(5)
      await clock.advance(1)
    }
    expect(frames.length).toBeGreaterThan(2 * framesPerSecond - 3)
    expect(frames.length).toBeLessThanOrEqual(2 * framesPerSecond)
    await clock.advance(1_000)
    expect([newest().n, newest().tally.tasks]).toEqual([10_000, 10_000])
  })

  it('shows a change soon after a quiet time, and nothing while nothing changes', async () => {
    const { recorder, clock, submit } = made()
    const { frames } = watcher(recorder)
    await clock.advance(60_000)
    expect(frames).toHaveLength(1)
    submit()
    await clock.advance(20)
    expect(frames).toHaveLength(2)
  })

  it('lets rates go down while nothing happens', async () => {
    const { recorder, clock, submit } = made()
    const { frames, newest } = watcher(recorder)
    await clock.advance(10_000)
    submit(10)
    await clock.advance(1_000)
    expect(newest().tally.rates['pending.queued']).toBe(2)
    await clock.advance(10_000)
    expect(newest().tally.rates).toEqual({})
    const { length } = frames
    expect(length).toBeLessThan(12)
    await clock.advance(60_000)
    expect(frames).toHaveLength(length)
  })

  it('tells the time of now to whoever comes after a long quiet time', async () => {
    const { recorder, clock } = made()
    watcher(recorder)
    await clock.advance(600_000)
    const { newest } = watcher(recorder)
    await clock.advance(1)
    expect(newest().time).toBe(1_600_000)
    await clock.advance(600_000)
    expect((await recorder.frame(chart)).time).toBe(2_200_001)
  })

  it('begins anew where a store tells of any number of changes', async () => {
    let anything: (change: undefined) => void = () => {}
    const store = new Watched()
    store.onSchedules = (listener) => {
      anything = listener
      return () => {}
    }
    const { recorder, clock, submit } = made({ store })
    const { newest } = watcher(recorder)
    await clock.advance(1)
    submit(2)
    await clock.advance(1_000)
    const { known } = store
    store.known = () => [...known.call(store)].slice(1)
    anything(undefined)
    await clock.advance(1_000)
    expect(newest()).toMatchObject({ n: 3, tally: { tasks: 1 }, reach: { first: 3, missed: 1 } })
  })

  it('listens no more when everybody has left while it attached', async () => {
    const store = new Watched()
    const { clock, recorder } = made({ store })
    const { schedules } = store
    Object.assign(store, {
      schedules: async () => {
        await new Promise<void>((resolve) => void clock.setTimeout(resolve, 45_000))
        return schedules.call(store)
      },
    })
    const { leave } = watcher(recorder)
    await clock.advance(1)
    leave()
    await clock.advance(50_000)
    expect(store.listeners).toBe(1)
    await clock.advance(30_000)
    expect(store.listeners).toBe(0)
  })

  it('makes one view for all who ask for the same', async () => {
    const { recorder, clock, submit, views } = made()
    const all = Array.from({ length: 50 }, () => watcher(recorder))
    const other = watcher(recorder, { view: 'chart', task: 't1' })
    await clock.advance(1_000)
    views.length = 0
    submit()
    await clock.advance(125)
    expect(views).toEqual([chart, { view: 'chart', task: 't1' }])
    for (const { newest } of all) expect(newest()).toBe(all[0]?.newest())
    expect(other.newest().n).toBe(1)
  })

  it('shows a moment of the past, once, and the nearest one that it knows', async () => {
    const { recorder, clock, submit } = made({ keep: 1_000 })
    await recorder.frame(chart)
    submit(3)
    expect(await recorder.frame({ view: 'chart', at: 2 })).toMatchObject({ n: 2, live: false, tally: { tasks: 2 } })
    submit(1_997)
    const { frames } = watcher(recorder, { view: 'chart', at: 2 })
    await clock.advance(1_000)
    submit()
    await clock.advance(1_000)
    const [frame, ...more] = frames
    expect(more).toEqual([])
    expect([frame?.n, frame?.tally.tasks]).toEqual([frame?.reach.first, frame?.reach.first])
    expect(frame?.n).toBeGreaterThan(900)
    expect((await recorder.frame({ view: 'chart', at: 99_999 })).n).toBe(2_001)
  })

  it('tells the view of a task what its reader has got', async () => {
    const sent: unknown[] = []
    const { recorder, clock, submit } = made({
      view: (_, moment) => {
        sent.push(moment.sent)
        const rest = { whole: false, happenings: [], cut: 0, children: [], needs: [], asks: [] }
        return { view: 'task', id: 't1', lines: [{ n: 4, at: 0, type: 'log', text: '' }], ...rest }
      },
    })
    const { newest, leave } = watcher(recorder, { view: 'task', task: 't1' })
    await clock.advance(1_000)
    submit()
    await clock.advance(1_000)
    expect(sent.slice(0, 2)).toEqual([undefined, { epoch: 'e1', happening: 0, line: 4 }])
    const { cursor } = newest()
    leave()
    submit()
    for (const [cursorSaid, known] of [
      [cursor, { epoch: 'e1', happening: 1, line: 4 }],
      ['e9.1.4', undefined],
      ['<script>', undefined],
    ] as const) {
      sent.length = 0
      watcher(recorder, { view: 'task', task: 't1' }, cursorSaid)
      await clock.advance(1)
      expect(sent[0]).toEqual(known)
    }
  })

  it('tells of a view that cannot be made, and goes on', async () => {
    let isBroken = true
    const { recorder, clock, submit, warnings } = made({
      view: () => {
        if (isBroken) throw new Error('broken')
        return { view: 'chart', others: {} }
      },
    })
    const { frames } = watcher(recorder)
    await clock.advance(1_000)
    expect([frames, warnings]).toEqual([[], ['a view cannot be made: broken']])
    isBroken = false
    submit()
    await clock.advance(1_000)
    expect(frames[0]).toMatchObject({ n: 1 })
  })

  it('keeps no more than it may, however much happens between two frames', async () => {
    const { recorder, clock, submit } = made({ keep: 2_000 })
    const { newest } = watcher(recorder)
    await clock.advance(1)
    submit(30_000)
    await clock.advance(125)
    const { reach, tally, n } = newest()
    expect([n, tally.tasks, tally.edges['new submit pending.queued']]).toEqual([30_000, 30_000, 30_000])
    expect(reach.last - reach.first).toBeLessThanOrEqual(2_000)
    expect([reach.complete, reach.missed]).toEqual([false, 0])
  })

  it('slices what was recorded', async () => {
    const { recorder, submit } = made()
    await recorder.frame(chart)
    submit(100)
    const marks = await recorder.marks(10)
    expect(marks.map(({ n, happened }) => [n, happened])).toEqual(
      Array.from({ length: 10 }, (_, i) => [10 * i + 10, 10]),
    )
  })

  it('lets go of everything when it is closed, even while it attaches', async () => {
    const { recorder, store, clock, warnings } = made()
    const { frames } = watcher(recorder)
    recorder.close()
    await clock.advance(1_000)
    expect([store.listeners, frames, warnings]).toEqual([0, [], []])
    await expect(recorder.frame(chart)).rejects.toThrow('the inspector was closed')
  })

  it('says so when the store cannot be read, and looks again for the next one', async () => {
    const store = new Watched()
    const { list } = store
    store.list = () => {
      throw new Error('no disk')
    }
    const { recorder, clock, warnings } = made({ store })
    watcher(recorder)
    await clock.advance(1)
    expect(warnings).toEqual(['the store cannot be inspected: no disk'])
    store.list = list
    const { frames } = watcher(recorder)
    await clock.advance(1)
    expect(frames).toHaveLength(1)
  })
})

describe('happenings', () => {
  it('are told one by one, without what only this process can hold', async () => {
    const { recorder, store, clock, warnings } = made()
    const told: Happening[] = []
    recorder.onHappening(() => {
      throw new Error('not me')
    })
    const off = recorder.onHappening((happening) => told.push(happening))
    await recorder.attached()
    const submit = { type: 'submit', task: 't1', at: clock.now(), name: 'one', limits } as const
    store.submit([{ ...submit, local: { run: () => {} }, input: 'x'.repeat(20_000) }])
    store.append({ type: 'cancel', task: 't1', at: clock.now(), reason: 'no' })
    off()
    store.submit([{ ...submit, task: 't2' }])
    expect(told).toMatchObject([
      { kind: 'task', n: 1, task: 't1', from: 'new', to: 'pending.queued', version: 1 },
      { kind: 'task', n: 2, event: { type: 'cancel', reason: 'no' }, to: 'cancelled', version: 2 },
    ])
    expect(JSON.stringify(told).length).toBeLessThan(2_000)
    expect(told[0]).not.toHaveProperty('event.local')
    expect(warnings).toContain('a listener of the inspector threw: not me')
  })

  it('are told without reading any journal', async () => {
    let read = 0
    const store = new Journaled()
    const { history } = store
    store.history = (options) => {
      read += 1
      return history.call(store, options)
    }
    const { recorder, clock } = made({ store })
    recorder.onHappening(() => {})
    await recorder.attached()
    await clock.advance(1_000)
    expect(read).toBe(0)
  })
})

describe('a store with a journal', () => {
  it('is shown at once, and as far back as the journal goes once that was read', async () => {
    const store = new Journaled()
    const { recorder, clock, submit } = made({ store })
    const { newest } = watcher(recorder)
    submit()
    await clock.advance(500)
    expect(newest()).toMatchObject({ epoch: 'e1', reach: { source: 'attached', loading: 0 }, tally: { tasks: 1 } })
    const { base, submitted } = journal()
    store.journal(base, submitted, submitted)
    await clock.advance(500)
    expect(newest().epoch).toBe('e1')
    store.journal({ type: 'damage', lines: 3, where: { segment: 1, line: 9 } }, { type: 'level' })
    await clock.advance(500)
    expect(newest()).toMatchObject({
      n: 3,
      reach: { source: 'journal', first: 0, complete: true, damaged: 3, since: 500_001 },
      tally: { tasks: 2 },
    })
    expect(newest().reach).not.toHaveProperty('loading')
    // from now on the journal alone says what happens
    submit()
    store.journal(submitted)
    await clock.advance(500)
    expect([newest().n, newest().tally.tasks]).toEqual([4, 3])
    expect((await recorder.frame({ view: 'chart', at: 1 })).tally.tasks).toBe(1)
  })

  it('is recorded live where the journal cannot be read, which is said once', async () => {
    const store = new Journaled()
    const { recorder, clock, submit, warnings } = made({ store })
    const { newest } = watcher(recorder)
    store.journal(journal().base, new Error('a gap'))
    await clock.advance(500)
    submit()
    await clock.advance(500)
    expect(newest()).toMatchObject({ n: 1, epoch: 'e1', reach: { source: 'attached' } })
    expect(newest().reach).not.toHaveProperty('loading')
    expect(warnings).toEqual(['the history of the store cannot be read: a gap'])
  })

  it('is recorded live from where the journal breaks off later', async () => {
    const store = new Journaled()
    const { recorder, clock, submit, warnings } = made({ store })
    const { newest } = watcher(recorder)
    const { base, submitted } = journal()
    store.journal(base, submitted, { type: 'level' })
    await clock.advance(500)
    expect(newest().reach.source).toBe('journal')
    submit(2)
    store.journal(new Error('taken away'))
    await clock.advance(500)
    submit()
    await clock.advance(500)
    expect(newest()).toMatchObject({ n: 1, reach: { source: 'attached' }, tally: { tasks: 3 } })
    expect(warnings).toEqual(['the history of the store cannot be read: taken away'])
  })

  it('is not read any more when nobody looks', async () => {
    const store = new Journaled()
    const { recorder, clock, warnings } = made({ store })
    const { leave } = watcher(recorder)
    const { base, submitted } = journal()
    store.journal(base, { type: 'level' })
    await clock.advance(500)
    leave()
    await clock.advance(31_000)
    store.journal(submitted)
    await clock.advance(1_000)
    expect([recorder.isAttached, warnings]).toEqual([false, []])
  })
})
