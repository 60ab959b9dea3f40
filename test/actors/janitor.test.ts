import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Janitor, type Keeping } from '../../src/actors/janitor.ts'
import { Timers } from '../../src/actors/timer.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { ForgetRequest, Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { LateStore } from '../contract/late-store.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }

class Bench {
  readonly clock = new VirtualClock({ now: '2026-01-01T00:00:00Z' })
  readonly timers = new Timers(this.clock, (error) => this.warnings.push(String(error)))
  readonly warnings: string[] = []
  readonly asked: ForgetRequest[] = []
  readonly janitor: Janitor
  readonly memory: MemoryStore

  constructor(keep: Keeping, memory = new MemoryStore(), store: Store = memory) {
    this.memory = memory
    const forget = store.forget.bind(store)
    store.forget = (request) => {
      this.asked.push(request)
      return forget(request)
    }
    const warn = (message: string, cause: unknown): void => void this.warnings.push(`${message}: ${cause}`)
    this.janitor = new Janitor(store, keep, this.clock, this.timers, warn)
  }

  /** A task is submitted and ends. */
  end(id: string): void {
    this.submit(id)
    this.memory.append({ type: 'cancel', task: id, at: this.clock.now() })
    this.janitor.settled()
  }

  submit(id: string, needs?: string[]): void {
    const record = { type: 'submit', task: id, at: this.clock.now(), name: id, limits } as const
    this.memory.submit([needs === undefined ? record : { ...record, needs }])
  }

  complete(id: string): void {
    this.submit(id)
    const [won] = this.memory.claim({
      worker: 'w',
      slots: 1,
      at: this.clock.now(),
      claim: () => id,
      takes: () => true,
      fits: (task) => task.id === id,
    })
    this.memory.append({ type: 'complete', task: id, at: this.clock.now(), claim: won?.claim ?? '', result: 1 })
    this.janitor.settled()
  }

  get ids(): string[] {
    return Array.from(this.memory.known(), ({ id }) => id)
  }
}

describe('the janitor', () => {
  it('forgets each task when its time is over, not before', async () => {
    const bench = new Bench({ for: 60_000, atMost: 100 })
    bench.end('a')
    await bench.clock.advance(30_000)
    bench.end('b')
    await bench.clock.advance(29_999)
    expect(bench.ids).toEqual(['a', 'b'])
    await bench.clock.advance(1)
    expect(bench.ids).toEqual(['b'])
    await bench.clock.advance(30_000)
    expect(bench.ids).toEqual([])
  })

  it('asks once for many tasks, and never while there are none', async () => {
    const bench = new Bench({ for: 60_000, atMost: 10_000 })
    for (let i = 0; i < 1_000; i += 1) bench.end(`t${i}`)
    expect(bench.timers.size).toBe(1)
    await bench.clock.advance('1h')
    expect([bench.asked.length, bench.ids.length, bench.timers.size]).toEqual([1, 0, 0])
    bench.end('later')
    await bench.clock.advance('1h')
    expect([bench.asked.length, bench.ids.length]).toEqual([2, 0])
  })

  it('never touches an unfinished task', async () => {
    const bench = new Bench({ for: 1, atMost: 0 })
    bench.submit('open')
    bench.end('a')
    await bench.clock.advance('1d')
    expect(bench.ids).toEqual(['open'])
  })

  it('keeps the newest so many, at once', () => {
    const bench = new Bench({ for: 60_000, atMost: 2 })
    for (const id of ['a', 'b', 'c', 'd']) bench.end(id)
    expect(bench.ids).toEqual(['c', 'd'])
  })

  it('keeps none where none is to be kept', () => {
    const bench = new Bench({ for: 60_000, atMost: 0 })
    bench.end('a')
    expect(bench.ids).toEqual([])
  })

  it('asks again, each second at most, for what had to be kept', async () => {
    const bench = new Bench({ for: 10, atMost: 100 })
    bench.complete('needed')
    bench.submit('user', ['needed'])
    await bench.clock.advance(5_000)
    expect(bench.ids).toEqual(['needed', 'user'])
    expect(bench.asked.length).toBeLessThanOrEqual(6)
    bench.memory.append({ type: 'cancel', task: 'user', at: bench.clock.now() })
    await bench.clock.advance(2_000)
    expect(bench.ids).toEqual([])
  })

  it('does not look at all that must be kept each time that a task ends', () => {
    const memory = new MemoryStore()
    const forget = memory.forget.bind(memory)
    let refused = 0
    memory.forget = (request) => {
      const answer = forget(request)
      refused += answer.kept.length
      return answer
    }
    const bench = new Bench({ for: 60_000, atMost: 10 }, memory)
    bench.submit('open')
    for (let i = 0; i < 500; i += 1) {
      bench.complete(`n${i}`)
      bench.submit(`user of ${i}`, [`n${i}`, 'open'])
    }
    for (let i = 0; i < 2_000; i += 1) bench.end(`o${i}`)
    expect(refused).toBeLessThan(5_000)
    const finished = bench.ids.filter((id) => id.startsWith('o'))
    expect(finished.length).toBeLessThanOrEqual(10 + 2 * 500)
  })

  it('does one clean-up at a time where the store answers later, and none too few', async () => {
    const late = new LateStore()
    const bench = new Bench({ for: 60_000, atMost: 5 }, late.inner, late)
    for (let i = 0; i < 100; i += 1) bench.end(`t${i}`)
    expect(bench.asked.length).toBe(1)
    while (late.open > 0) await turn()
    expect(bench.ids.length).toBe(5)
    expect(bench.asked.length).toBeLessThan(5)
  })

  it('tells of a store that fails, and asks again', async () => {
    const late = new LateStore()
    const bench = new Bench({ for: 60_000, atMost: 100 }, late.inner, late)
    let fails = true
    late.before = (method) => {
      if (method === 'forget' && fails) throw new Error('the disk is full')
    }
    bench.end('a')
    await bench.clock.advance(60_000)
    while (late.open > 0) await turn()
    expect(bench.warnings).toEqual(['late: clean-up failed: Error: the disk is full'])
    expect(bench.ids).toEqual(['a'])
    fails = false
    await bench.clock.advance(60_000)
    while (late.open > 0) await turn()
    expect(bench.ids).toEqual([])
  })

  it('does nothing once it is closed', async () => {
    const bench = new Bench({ for: 60_000, atMost: 0 })
    bench.submit('a')
    bench.memory.append({ type: 'cancel', task: 'a', at: bench.clock.now() })
    bench.janitor.close()
    bench.janitor.settled()
    await bench.clock.advance('1h')
    expect([bench.asked.length, bench.timers.size]).toEqual([0, 0])
  })

  it('drops its clean-up that was to come when it is closed', async () => {
    const bench = new Bench({ for: 60_000, atMost: 100 })
    bench.end('a')
    bench.janitor.close()
    expect(bench.timers.size).toBe(0)
    await bench.clock.advance('1h')
    expect(bench.ids).toEqual(['a'])
  })
})
