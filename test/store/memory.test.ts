import { describe, expect, it } from 'vitest'
import type { SubmitRecord } from '../../src/machines/records.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { ClaimRequest } from '../../src/store/store.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
let now = 0
let claims = 0
const record = (task: string, wish: Partial<SubmitRecord> = {}): SubmitRecord => ({
  type: 'submit',
  task,
  at: ++now,
  name: task,
  limits,
  ...wish,
})
const request = (wish: Partial<ClaimRequest> = {}): ClaimRequest => ({
  worker: 'w',
  at: ++now,
  slots: 1,
  claim: () => `c${++claims}`,
  takes: () => true,
  fits: () => true,
  ...wish,
})

describe('MemoryStore', () => {
  it('answers at once, and hands out the tasks themselves', () => {
    const store = new MemoryStore()
    const [verdict] = store.submit([record('a')])
    const task = store.get('a')
    expect(verdict?.task).toBe(task)
    const [won] = store.claim(request())
    expect(won?.task).toBe(task)
    expect(task?.state).toBe('running.executing')
  })

  it('leaves the values of functions alone: only recipes go to other processes', () => {
    const store = new MemoryStore()
    const input = new Map([[1, 2]])
    store.submit([record('a', { input })])
    expect(store.get('a')?.spec.input).toBe(input)
    const [{ claim } = { claim: '' }] = store.claim(request())
    const result = () => 'a function'
    store.append({ type: 'complete', task: 'a', at: ++now, claim, result })
    expect(store.get('a')?.snapshot.context.outcome).toEqual({ status: 'completed', result })
  })

  it('leaves the records of recipes alone, too: it copies what it changes', () => {
    const store = new MemoryStore()
    const given = Object.freeze(record('a', { recipe: 'r', input: Object.freeze({ at: new Date(0) }) }))
    store.submit([given])
    expect(given.input).toEqual({ at: new Date(0) })
    expect(store.get('a')?.spec.input).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  it('gives a claim no chance to lose a task when the claim id was used before', () => {
    const store = new MemoryStore()
    store.submit([record('a'), record('b')])
    store.claim(request({ claim: () => 'same' }))
    expect(store.claim(request({ claim: () => 'same' }))).toEqual([])
    expect(store.claim(request())[0]?.task.id).toBe('b')
  })

  it('is whole while a listener asks for anything', () => {
    const store = new MemoryStore()
    const seen: unknown[] = []
    store.subscribe(({ task }) => {
      if (task.status === 'pending')
        seen.push(store.claim(request())[0]?.task.id, store.counts.running, store.list({}).tasks.length)
    })
    store.submit([record('a')])
    expect(seen).toEqual(['a', 1, 1])
  })

  it('reads the time of a claim once', () => {
    const store = new MemoryStore()
    store.submit([record('a', { delay: 5 })])
    let at = now + 5
    const wish = {
      get at() {
        at += 1
        return at
      },
    }
    const asked = Object.defineProperties(request(), Object.getOwnPropertyDescriptors(wish))
    const [won] = store.claim(asked)
    expect(won?.task.snapshot.context.startedAt).toBe(at)
  })

  it('holds nothing of 10,000 tasks that were forgotten', () => {
    const store = new MemoryStore()
    const ids = Array.from({ length: 10_000 }, (_, i) => `t${i}`)
    store.submit(
      ids.map((id) => record(id, { deadline: now + 1_000_000, delay: 1, keys: [{ key: `key:${id}`, limit: 1 }] })),
    )
    for (const id of ids) store.write(id, { type: 'output', at: now, chunk: id })
    for (const id of ids) store.append({ type: 'cancel', task: id, at: now })
    expect(store.forget({ at: now }).forgotten).toBe(10_000)
    expect([...store.known()]).toEqual([])
    expect(store.tick(now)).toBeUndefined()
    expect(store.claim(request({ at: now + 2_000_000 }))).toEqual([])
    expect(store.counts).toEqual({ pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 })
  })
})
