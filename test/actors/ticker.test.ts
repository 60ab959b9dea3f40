import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { Ticker } from '../../src/actors/ticker.ts'
import { Timers } from '../../src/actors/timer.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { LateStore } from '../contract/late-store.ts'

const begin = Date.UTC(2026, 0, 1)
const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }

class Bench {
  readonly clock = new VirtualClock({ now: begin })
  readonly timers = new Timers(this.clock, (error) => this.warnings.push(String(error)))
  readonly warnings: string[] = []
  /** When it told that something may have changed, in ms since the beginning. */
  readonly ticked: number[] = []
  readonly ticker: Ticker
  readonly stores: readonly MemoryStore[]

  constructor(stores: readonly MemoryStore[] = [new MemoryStore()], asked: readonly Store[] = stores) {
    this.stores = stores
    const ticked = (): void => void this.ticked.push(this.clock.now() - begin)
    const warn = (message: string, cause: unknown): void => void this.warnings.push(`${message}: ${cause}`)
    this.ticker = new Ticker(asked, this.clock, this.timers, ticked, warn)
    for (const store of stores) store.subscribe(({ task }) => this.ticker.expect(task))
  }

  submit(task: string, wish: { delay?: number; deadline?: number }, store = this.stores[0] as MemoryStore): void {
    const deadline = wish.deadline === undefined ? {} : { deadline: begin + wish.deadline }
    store.submit([{ type: 'submit', task, at: this.clock.now(), name: task, limits, ...wish, ...deadline }])
  }

  at(id: string): string | undefined {
    return this.stores[0]?.get(id)?.state
  }
}

describe('the ticker', () => {
  it('wakes the store when a delay ends', async () => {
    const bench = new Bench()
    bench.submit('a', { delay: 500 })
    await bench.clock.advance(499)
    expect(bench.ticked).toEqual([])
    await bench.clock.advance(1)
    expect(bench.ticked).toEqual([500])
  })

  it('ends what is overdue at its deadline', async () => {
    const bench = new Bench()
    bench.submit('a', { deadline: 500 })
    await bench.clock.advance(499)
    expect(bench.at('a')).toBe('pending.queued')
    await bench.clock.advance(1)
    expect(bench.at('a')).toBe('failed')
  })

  it('has one timer for 10,000 tasks, and no more of them than there are times', async () => {
    const bench = new Bench()
    for (let i = 0; i < 10_000; i += 1) bench.submit(`t${i}`, { delay: 10_000 - i, deadline: 20_000 + i })
    expect(bench.timers.size).toBe(1)
    await bench.clock.advance(5_000)
    expect(bench.ticked.length).toBe(5_000)
    expect(bench.timers.size).toBe(1)
  })

  it('asks for one time that many tasks share once', async () => {
    const bench = new Bench()
    for (let i = 0; i < 1_000; i += 1) bench.submit(`t${i}`, { delay: 500 })
    await bench.clock.advance(1_000)
    expect(bench.ticked).toEqual([500])
  })

  it('waits for nothing when nothing is due any more', async () => {
    const bench = new Bench()
    bench.submit('a', { deadline: 500 })
    bench.stores[0]?.append({ type: 'cancel', task: 'a', at: begin })
    await bench.clock.advance(1_000)
    expect(bench.timers.size).toBe(0)
  })

  it('wakes all its stores, and follows the one that is due next', async () => {
    const stores = [new MemoryStore(), new MemoryStore()]
    const bench = new Bench(stores)
    bench.submit('a', { delay: 300 }, stores[0])
    bench.submit('b', { delay: 100 }, stores[1])
    bench.submit('c', { delay: 200 }, stores[1])
    await bench.clock.advance(1_000)
    expect([...new Set(bench.ticked)]).toEqual([100, 200, 300])
  })

  it('finds what was there before, when it is told to look', async () => {
    const store = new MemoryStore()
    store.submit([
      { type: 'submit', task: 'overdue', at: begin - 100, name: 'a', limits, deadline: begin - 50 },
      { type: 'submit', task: 'later', at: begin, name: 'a', limits, deadline: begin + 500 },
    ])
    const bench = new Bench([store])
    bench.ticker.tick()
    expect([bench.at('overdue'), bench.timers.size]).toEqual(['failed', 1])
    await bench.clock.advance(500)
    expect(bench.at('later')).toBe('failed')
  })

  it('has one timer, however often it is told to look', () => {
    const bench = new Bench()
    bench.submit('a', { delay: 500 })
    for (let i = 0; i < 10; i += 1) bench.ticker.tick()
    expect(bench.timers.size).toBe(1)
  })

  it('follows the wall clock when that is set back: nothing is due early', async () => {
    const bench = new Bench()
    bench.submit('a', { delay: 500 })
    bench.clock.step(-1_000)
    await bench.clock.advance(1_499)
    expect(bench.ticked).toEqual([])
    await bench.clock.advance(1)
    expect(bench.ticked).toEqual([500])
  })

  it('goes on when a store answers later', async () => {
    const late = new LateStore()
    const bench = new Bench([late.inner], [late])
    bench.submit('a', { delay: 100 })
    bench.submit('b', { deadline: 200 })
    await bench.clock.advance(100)
    while (late.open > 0) await turn()
    expect([bench.ticked.length, bench.at('b')]).toEqual([1, 'pending.queued'])
    await bench.clock.advance(100)
    while (late.open > 0) await turn()
    expect(bench.at('b')).toBe('failed')
  })

  it('tells of a store that fails, and asks it again a second later', async () => {
    const late = new LateStore()
    let fails = true
    late.before = () => {
      if (fails) throw new Error('the disk is gone')
    }
    const bench = new Bench([late.inner], [late])
    bench.submit('a', { deadline: 100 })
    await bench.clock.advance(100)
    while (late.open > 0) await turn()
    expect(bench.warnings).toEqual(['late: overdue tasks could not be ended: Error: the disk is gone'])
    fails = false
    await bench.clock.advance(1_000)
    while (late.open > 0) await turn()
    expect(bench.at('a')).toBe('failed')
  })

  it('does nothing once it is closed', async () => {
    const bench = new Bench()
    bench.submit('a', { deadline: 500 })
    bench.ticker.close()
    bench.submit('b', { deadline: 500 })
    expect(bench.timers.size).toBe(0)
    await bench.clock.advance(1_000)
    expect([bench.at('a'), bench.ticked]).toEqual(['pending.queued', []])
  })
})
