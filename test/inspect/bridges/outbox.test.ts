import { describe, expect, it } from 'vitest'
import { longestQueue, Outbox, patience, type Socket } from '../../../src/inspect/bridges/outbox.ts'
import type { Seen } from '../../../src/inspect/bridges/seen.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

/** A socket that takes what it is told to take. */
class Slow implements Socket {
  readonly got: string[] = []
  readonly #waiting: { readonly text: string; readonly taken: () => void }[] = []
  isTerminated = false
  isStuck = false

  get bufferedAmount(): number {
    return this.#waiting.reduce((sum, { text }) => sum + text.length, 0)
  }

  send(text: string, taken: () => void): void {
    this.#waiting.push({ text, taken })
    if (!this.isStuck) queueMicrotask(() => this.take())
  }

  take(): void {
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.got.push(next.text)
    next.taken()
  }

  cork(): void {}
  uncork(): void {}

  terminate(): void {
    this.isTerminated = true
  }
}

const actor = (session: string): Seen => ({
  session,
  name: session,
  parent: undefined,
  root: session,
  chart: undefined,
  since: 0,
  target: undefined,
  shown: { status: 'active' },
  event: { type: '' },
})
const turn = () => new Promise((resolve) => setImmediate(resolve))

function begin() {
  const socket = new Slow()
  const clock = new VirtualClock()
  let dropped = 0
  const outbox = new Outbox(
    socket,
    clock,
    ({ session, shown }) => [`${session} is ${String(shown.value)}`],
    () => dropped++,
  )
  return { socket, clock, outbox, dropped: () => dropped }
}
const big = 'x'.repeat(10_000)

describe('a viewer that reads', () => {
  it('gets everything in order', async () => {
    const { socket, outbox } = begin()
    for (let i = 0; i < 300; i++) outbox.tell(actor('a'), [`${i}`])
    for (let i = 0; i < 10; i++) await turn()
    expect(socket.got).toEqual(Array.from({ length: 300 }, (_, i) => `${i}`))
  })

  it('gets the present states in turns, so that other work comes in between', async () => {
    const { socket, outbox } = begin()
    outbox.replay(Array.from({ length: 100 }, (_, i) => actor(`a${i}`)))
    await turn()
    expect(socket.got.length).toBeGreaterThan(0)
    expect(socket.got.length).toBeLessThan(40)
    for (let i = 0; i < 10; i++) await turn()
    expect(socket.got).toHaveLength(100)
  })

  it('is told of what happens to an actor only once it knows the actor', async () => {
    const { socket, outbox } = begin()
    const late = { ...actor('late'), shown: { status: 'active', value: 'old' } }
    outbox.replay([...Array.from({ length: 40 }, (_, i) => actor(`a${i}`)), late])
    late.shown = { status: 'active', value: 'new' }
    outbox.tell(late, ['late moved'])
    for (let i = 0; i < 10; i++) await turn()
    expect(socket.got).not.toContain('late moved')
    expect(socket.got.filter((text) => text.startsWith('late'))).toEqual(['late is new'])
  })
})

describe('a viewer that lags', () => {
  it('holds a bounded queue, and catches up with the present state of each actor', async () => {
    const { socket, clock, outbox, dropped } = begin()
    socket.isStuck = true
    const busy = actor('busy')
    for (let i = 0; i < 1_000; i++) {
      busy.shown = { status: 'active', value: i }
      outbox.tell(busy, [big])
    }
    expect(socket.bufferedAmount).toBeLessThan(100_000)
    socket.isStuck = false
    while (socket.bufferedAmount > 0) socket.take()
    await turn()
    expect(socket.got.length * big.length).toBeLessThan(longestQueue)
    expect(socket.got.at(-1)).toBe('busy is 999')
    await clock.advance(patience * 2)
    expect([socket.isTerminated, dropped()]).toEqual([false, 0])
  })

  it('is dropped when it takes nothing for a while, and then nothing is kept for it', async () => {
    const { socket, clock, outbox, dropped } = begin()
    socket.isStuck = true
    for (let i = 0; i < 200; i++) outbox.tell(actor(`a${i}`), [big])
    await clock.advance(patience - 1)
    expect(socket.isTerminated).toBe(false)
    await clock.advance(1)
    expect([socket.isTerminated, dropped(), outbox.isIdle]).toEqual([true, 1, true])
    outbox.tell(actor('a'), [big])
    expect(outbox.isIdle).toBe(true)
  })

  it('is not dropped below the bound', async () => {
    const { socket, clock, outbox } = begin()
    socket.isStuck = true
    for (let i = 0; i < 50; i++) outbox.tell(actor(`a${i}`), [big])
    await clock.advance(patience * 10)
    expect(socket.isTerminated).toBe(false)
  })
})
