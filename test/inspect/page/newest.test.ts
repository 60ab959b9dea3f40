import { describe, expect, it } from 'vitest'
import { Newest, type Pace } from '../../../src/inspect/page/newest.ts'

/** A server that answers when it is told to, and a clock that is set by hand. */
function stage(every = 100) {
  let now = 0
  const timers = new Set<{ at: number; run: () => void }>()
  const pace: Pace = {
    now: () => now,
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      timers.add(timer)
      return () => timers.delete(timer)
    },
  }
  const open: { asked: number; signal: AbortSignal; answer: (text: string) => void; fail: (error: Error) => void }[] =
    []
  const asked: number[] = []
  const told: string[] = []
  const newest = new Newest<number, string>(
    {
      every,
      ask: (what, signal) => {
        asked.push(what)
        return new Promise((answer, fail) => open.push({ asked: what, signal, answer, fail }))
      },
      told: (what, answer) => told.push(`${what} ${answer}`),
      failed: (what, error) => told.push(`${what} failed: ${error.message}`),
    },
    pace,
  )
  const advance = (ms: number): void => {
    now += ms
    for (const timer of timers) {
      if (timer.at > now) continue
      timers.delete(timer)
      timer.run()
    }
  }
  const settle = async (how: (one: (typeof open)[number]) => void): Promise<void> => {
    const one = open.shift()
    if (one !== undefined) how(one)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { newest, asked, told, advance, settle, signals: () => open.map(({ signal }) => signal) }
}

describe('asking for the newest', () => {
  it('asks at once for the first', () => {
    const { newest, asked } = stage()
    newest.want(1)
    expect(asked).toEqual([1])
  })

  it('lets a request come to its end, and then asks for the newest of what was wanted meanwhile', async () => {
    const { newest, asked, told, advance, settle, signals } = stage()
    newest.want(1)
    for (const place of [2, 3, 4]) newest.want(place)
    advance(500)
    expect(asked).toEqual([1])
    expect(signals()[0]?.aborted).toBe(false)
    await settle(({ answer }) => answer('seen'))
    expect(told).toEqual(['1 seen'])
    expect(asked).toEqual([1, 4])
  })

  it('waits between two requests, however fast the answers come', async () => {
    const { newest, asked, advance, settle } = stage(100)
    newest.want(1)
    await settle(({ answer }) => answer('seen'))
    for (let place = 2; place < 50; place++) newest.want(place)
    advance(99)
    expect(asked).toEqual([1])
    advance(1)
    expect(asked).toEqual([1, 49])
  })

  it('asks no more than ten times a second while somebody drags', async () => {
    const { newest, asked, advance, settle } = stage(100)
    for (let moved = 0; moved < 120; moved++) {
      newest.want(moved)
      await settle(({ answer }) => answer('seen'))
      advance(1_000 / 120)
    }
    expect(asked.length).toBeLessThanOrEqual(11)
    expect(asked.length).toBeGreaterThanOrEqual(8)
  })

  it('goes on after a failure', async () => {
    const { newest, told, advance, settle } = stage()
    newest.want(1)
    await settle(({ fail }) => fail(new Error('no answer')))
    newest.want(2)
    advance(100)
    await settle(({ answer }) => answer('seen'))
    expect(told).toEqual(['1 failed: no answer', '2 seen'])
  })

  it('tells nothing once it is closed, and ends what is under way', async () => {
    const { newest, asked, told, advance, settle, signals } = stage()
    newest.want(1)
    newest.want(2)
    newest.close()
    expect(signals()[0]?.aborted).toBe(true)
    await settle(({ answer }) => answer('late'))
    advance(1_000)
    newest.want(3)
    expect(told).toEqual([])
    expect(asked).toEqual([1])
  })
})
