import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { FileStore } from '../../../src/index.ts'
import { readHistory } from '../../../src/inspect/recording/history.ts'
import type { Recording } from '../../../src/inspect/recording/recording.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }

function opened(): { dir: string; store: FileStore } {
  const dir = mkdtempSync(join(tmpdir(), 'offstage-recording-'))
  const store = new FileStore({ dir })
  onTestFinished(async () => {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  return { dir, store }
}

const submit = (store: FileStore, id: string) =>
  store.submit([{ type: 'submit', task: id, at: 1_000, name: 'task', limits }])
const journalIn = (dir: string): string => {
  const names = readdirSync(dir, { recursive: true }) as string[]
  return join(dir, names.find((name) => /journal\W.*\d/.test(name)) ?? 'none')
}

/** Reads until it is level, and hands on what comes then. */
function reader(store: FileStore) {
  const over = new AbortController()
  onTestFinished(() => over.abort())
  const said: number[] = []
  const loading = (done: number): void => void said.push(done)
  const recordings = readHistory(store, { keep: 1_000, signal: over.signal, epoch: () => 'e', loading })
  return { over, said, next: async () => (await recordings.next()).value as Recording | undefined }
}

describe('the history of a store', () => {
  it('becomes a recording, and goes on with what is appended', async () => {
    const { store } = opened()
    await submit(store, 't1')
    await store.append({ type: 'start', task: 't1', run: 1, claim: 'c1', worker: 'w1', at: 2_000 })
    await store.append({ type: 'complete', task: 't1', claim: 'c1', at: 3_000 })
    await store.sync()
    const { next, over } = reader(store)
    const recording = (await next()) as Recording
    expect(recording.reach).toMatchObject({ source: 'journal', first: 0, last: 3, complete: true, since: 1_000 })
    expect([0, 1, 2, 3].map((n) => recording.tallyAt(n).states)).toEqual([
      {},
      { 'pending.queued': 1 },
      { 'running.executing': 1 },
      { completed: 1 },
    ])
    await submit(store, 't2')
    while (recording.last < 4) await next()
    expect(recording.tallyAt(4).states).toEqual({ completed: 1, 'pending.queued': 1 })
    over.abort()
    // it says once more at most where it stands
    await next()
    expect(await next()).toBeUndefined()
  })

  it('holds what did not count, and what could not be read', async () => {
    const { store, dir } = opened()
    await submit(store, 't1')
    await submit(store, 't1')
    await store.append({ type: 'expire', worker: 'w9', at: 2_000 })
    await store.sync()
    appendFileSync(journalIn(dir), 'no record at all\n')
    await submit(store, 't2')
    await store.sync()
    const { next } = reader(store)
    const recording = (await next()) as Recording
    const kinds = Array.from(recording.entries(0, recording.last), ({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'task')).toHaveLength(2)
    expect(kinds).toContain('worker')
    expect(kinds).toContain('damage')
    expect(recording.reach.damaged).toBe(1)
    expect([...recording.tracks()].map(({ task }) => task.id)).toEqual(['t2', 't1'])
  })
})
