import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { foldStore } from '../../../src/machines/fold-store.ts'
import type { SubmitRecord } from '../../../src/machines/records.ts'
import { writeState } from '../../../src/machines/state-json.ts'
import { emptyStore, type StoreState } from '../../../src/machines/store-state.ts'
import { blobValue } from '../../../src/store/blob-value.ts'
import { frames } from '../../../src/store/file/frame.ts'
import { NodeDisk } from '../../../src/store/file/node-disk.ts'
import { FileStore } from '../../../src/store/file/store.ts'
import type { HistoryStep } from '../../../src/store/store.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 3 }
const submitOf = (task: string): SubmitRecord => ({ type: 'submit', task, at: 0, name: task, recipe: 'r', limits })
const folders: string[] = []
const stores: FileStore[] = []
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'offstage-history-'))
  folders.push(dir)
  return join(dir, 'store')
}
function open(dir: string, options: object = {}): FileStore {
  const store = new FileStore({ dir, segmentEvents: 40, durability: 'os', ...options })
  stores.push(store)
  return store
}

/** Lives of tasks, one after the other, and a few records that do not count. */
async function live(store: FileStore, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i += 1) {
    const [task, claim] = [`t${i}`, `c${i}`]
    await store.submit([submitOf(task)])
    await store.append({ type: 'start', task, at: 1, run: 1, claim, worker: 'w' })
    await store.append({ type: 'progress', task, at: 2, claim, fraction: 0.5 })
    await store.append({ type: 'complete', task, at: 3, claim, result: i % 7 === 0 ? 'x'.repeat(70_000) : i })
    await store.append({ type: 'cancel', task, at: 4, reason: 'too late' })
  }
}

async function read(store: FileStore): Promise<{ steps: HistoryStep[]; state: StoreState }> {
  const steps: HistoryStep[] = []
  let state = emptyStore()
  for await (const step of store.history()) {
    steps.push(step)
    if (step.type === 'base') state = step.state
  }
  return { steps, state }
}

const linesOf = (state: StoreState): string[] => [...writeState(state)]
const recordsOf = (steps: readonly HistoryStep[]) => steps.flatMap((step) => (step.type === 'record' ? [step] : []))
const segmentsIn = (dir: string): number => readdirSync(join(dir, 'journal')).length

describe('the history of a store', () => {
  it('is every record in order, over all segments, with what became of it', async () => {
    const dir = folder()
    const store = open(dir)
    await live(store, 0, 30)
    expect(segmentsIn(dir)).toBeGreaterThan(2)
    const { steps, state } = await read(store)
    expect(steps[0]).toMatchObject({ type: 'base', complete: true })
    expect(steps.at(-1)).toEqual({ type: 'level' })
    const records = recordsOf(steps)
    const again = emptyStore()
    for (const { record, verdict } of records) {
      const { accepted, reason } = foldStore(again, record)
      expect([verdict.accepted, verdict.reason]).toEqual([accepted, reason])
    }
    expect(linesOf(state)).toEqual(linesOf(again))
    expect(records.filter(({ verdict }) => verdict.reason === 'STATE').map(({ record }) => record.type)).toEqual(
      Array(30).fill('cancel'),
    )
    const places = records.map(({ where }) => where.segment * 1e6 + where.line)
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b))
  })

  it('has values that stand in files of their own', async () => {
    const store = open(folder())
    await live(store, 0, 1)
    const { steps, state } = await read(open(store.path, { readOnly: true }))
    expect(recordsOf(steps).find(({ record }) => record.type === 'complete')?.record).toHaveProperty('resultBlob')
    const outcome = state.tasks.get('t0')?.snapshot.context.outcome
    const blob = outcome?.status === 'completed' ? outcome.blob : undefined
    expect(blob && blobValue(blob)).toBe('x'.repeat(70_000))
  })

  it('leaves the event loop its turns', async () => {
    const store = open(folder(), { segmentEvents: 100_000 })
    const many = Array.from({ length: 5_000 }, (_, i) => submitOf(`t${i}`))
    await store.submit(many)
    let turns = 0
    const counting = setInterval(() => {
      turns += 1
    })
    await read(store)
    clearInterval(counting)
    expect(turns).toBeGreaterThan(2)
  })

  it('begins at a snapshot where the first segments are gone', async () => {
    const dir = folder()
    const store = open(dir, { historyFor: 0 })
    await live(store, 0, 60)
    await store.tidy({ olderThan: 0 })
    expect(readdirSync(join(dir, 'journal'))).not.toContain('00000001.jsonl')
    const { steps, state } = await read(store)
    const base = steps[0]
    expect(base).toMatchObject({ type: 'base', complete: false })
    expect(recordsOf(steps)[0]?.record).not.toMatchObject({ task: 't0' })
    expect(state.tasks.size).toBe(60)
    expect((await store.list({ limit: 1_000 })).tasks.map(({ state: at }) => at)).toEqual(
      Array.from(state.tasks.values(), ({ state: at }) => at),
    )
  })

  it('goes on with what another process appends, and ends by its signal', async () => {
    const dir = folder()
    const [writer, reader] = [open(dir), open(dir)]
    await live(writer, 0, 2)
    const over = new AbortController()
    const seen: string[] = []
    let levels = 0
    let more: Promise<void> | undefined
    for await (const step of reader.history({ follow: true, signal: over.signal })) {
      if (step.type === 'record' && 'task' in step.record) seen.push(`${step.record.task} ${step.record.type}`)
      if (step.type === 'level') {
        levels += 1
        more ??= live(writer, 2, 20)
      }
      if (seen.at(-1) === 't19 complete') over.abort()
    }
    await more
    expect(seen.filter((each) => each.endsWith('complete'))).toEqual(
      Array.from({ length: 20 }, (_, i) => `t${i} complete`),
    )
    expect(levels).toBeGreaterThan(0)
  })

  it('hears of what does not count and of damage while nothing else happens', async () => {
    const dir = folder()
    const [writer, reader] = [open(dir), open(dir)]
    await live(writer, 0, 1)
    const over = new AbortController()
    const deeds = [
      () => writer.append({ type: 'cancel', task: 't0', at: 5 }),
      () => appendFileSync(join(dir, 'journal', '00000001.jsonl'), '\nnonsense\n'),
      () => over.abort(),
    ]
    const heard: unknown[] = []
    let level = false
    for await (const step of reader.history({ follow: true, signal: over.signal })) {
      if (step.type !== 'level') {
        if (level) heard.push(step.type === 'record' ? step.verdict.reason : step.type)
        continue
      }
      if (!level || heard.length === 2 - deeds.length + 1) await deeds.shift()?.()
      level = true
    }
    expect(heard).toEqual(['STATE', 'damage'])
  })

  it('ends when the store is closed', async () => {
    const store = open(folder())
    await live(store, 0, 1)
    const following = (async () => {
      for await (const step of store.history({ follow: true })) if (step.type === 'level') void store.close()
    })()
    await following
  })

  it('tells of damaged lines where they stand, and goes on behind them', async () => {
    const dir = folder()
    const store = open(dir, { segmentEvents: 10_000 })
    await live(store, 0, 1)
    appendFileSync(join(dir, 'journal', '00000001.jsonl'), '\n00000000 {"type":"torn"\nnonsense\n')
    await live(store, 1, 2)
    const { steps } = await read(store)
    const kinds = steps.map((step) => (step.type === 'record' ? step.record.type : step.type))
    const lives = ['submit', 'start', 'progress', 'complete', 'cancel']
    expect(kinds).toEqual(['base', ...lives, 'damage', ...lives, 'level'])
    expect(steps.find(({ type }) => type === 'damage')).toMatchObject({ lines: 2, where: { segment: 1 } })
  })

  it('begins behind a segment that somebody has deleted', async () => {
    const dir = folder()
    const store = open(dir)
    await live(store, 0, 30)
    const before = await read(store)
    const last = segmentsIn(dir)
    rmSync(join(dir, 'journal', '00000002.jsonl'))
    const after = await read(open(dir))
    expect(after.steps[0]).toMatchObject({ type: 'base', complete: false })
    expect(recordsOf(after.steps)[0]?.where.segment).toBe(3)
    expect(recordsOf(after.steps).at(-1)?.where.segment).toBe(last)
    expect(linesOf(after.state)).toEqual(linesOf(before.state))
  })

  it('says that a newer version has gone on', async () => {
    const dir = folder()
    const [writer, reader] = [open(dir), open(dir)]
    await live(writer, 0, 1)
    const newer = { type: 'header', format: 9, fold: 9, minReader: 9, minWriter: 9 }
    const [first, second] = [1, 2].map((n) => join(dir, 'journal', `0000000${n}.jsonl`)) as [string, string]
    await expect(async () => {
      for await (const step of reader.history({ follow: true })) {
        if (step.type !== 'level') continue
        const storeId = /"storeId":"([^"]+)"/.exec(readFileSync(first, 'utf8'))?.[1]
        writeFileSync(second, frames([JSON.stringify({ ...newer, storeId })]))
        appendFileSync(first, frames([JSON.stringify({ type: 'seal', at: 9 })]))
      }
    }).rejects.toMatchObject({ code: 'STORE', message: expect.stringContaining('written by a newer version') })
  })

  it('says what the system says of a disk that cannot be read', async () => {
    const dir = folder()
    const disk = new NodeDisk()
    const store = open(dir, { disk })
    await live(store, 0, 1)
    await expect(async () => {
      for await (const step of store.history({ follow: true })) {
        if (step.type !== 'level') continue
        disk.read = () => {
          throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })
        }
        await live(store, 1, 2).catch(() => {})
      }
    }).rejects.toMatchObject({ code: 'STORE', message: expect.stringContaining('cannot be read ("EIO")') })
  })

  it('is read by who may only read', async () => {
    const dir = folder()
    await live(open(dir), 0, 12)
    const { steps } = await read(open(dir, { readOnly: true }))
    expect(recordsOf(steps)).toHaveLength(60)
  })

  it('is told anew, from a base, when others take away what comes next', async () => {
    const dir = folder()
    const [writer, reader] = [open(dir, { historyFor: 0 }), open(dir)]
    await live(writer, 0, 4)
    const over = new AbortController()
    const bases: boolean[] = []
    let last: StoreState | undefined
    for await (const step of reader.history({ follow: true, signal: over.signal })) {
      if (step.type === 'base') {
        bases.push(step.complete)
        last = step.state
      }
      if (step.type !== 'level') continue
      if (last?.tasks.size === 200) over.abort()
      else if (bases.length === 1 && last?.tasks.size === 4) {
        await live(writer, 4, 200)
        await writer.tidy({ olderThan: 0 })
      }
    }
    expect(bases).toEqual([true, false])
    expect(last?.tasks.size).toBe(200)
  })
})
