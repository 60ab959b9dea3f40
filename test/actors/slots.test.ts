import { describe, expect, it } from 'vitest'
import { Attempt, type AttemptHost, type Job } from '../../src/actors/attempt.ts'
import { Slots } from '../../src/actors/slots.ts'
import { Timers } from '../../src/actors/timer.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const limits = { timeout: 60_000, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }

/** Slots, and attempts that hold one, of tasks that run. */
function holding(total: number, ...ids: string[]) {
  const clock = new VirtualClock()
  const timers = new Timers(clock, () => {})
  const store = new MemoryStore()
  const slots = new Slots(total)
  const host = { clock, timers } as unknown as AttemptHost
  const attempts = ids.map((task) => {
    store.submit([{ type: 'submit', task, at: 0, name: task, limits }])
    const request = { worker: 'w', at: 0, slots: 1, claim: () => task, takes: () => true, fits: () => true }
    const [claimed] = store.claim(request)
    const attempt = new Attempt(host, store, claimed?.task as never, task, {} as Job)
    slots.take(attempt)
    return attempt
  })
  /** The task of an attempt waits for a child, and is answered. */
  const ask = (attempt: Attempt, number = 1): Promise<unknown> => {
    const { task, claim } = attempt
    const over = attempt.beginWait(number)
    store.append({
      type: 'ask',
      task: task.id,
      claim,
      at: 0,
      ask: number,
      wait: { kind: 'input', prompt: '?' },
    } as never)
    slots.wait(attempt)
    return over
  }
  const answer = (attempt: Attempt, number = 1): void => {
    const { task, claim } = attempt
    store.append({ type: 'answer', task: task.id, claim, at: 0, ask: number })
    slots.answered(attempt, number)
  }
  return { slots, attempts: attempts as [Attempt, Attempt], ask, answer, store }
}

describe('slots', () => {
  it('are taken, and given back once', () => {
    const { slots, attempts } = holding(2, 'a', 'b')
    expect([slots.busy, slots.free]).toEqual([2, 0])
    slots.giveBack(attempts[0])
    slots.giveBack(attempts[0])
    expect([slots.busy, slots.free, attempts[0].slot]).toEqual([1, 1, false])
  })

  it('are given back by who waits, who goes on when one is free', async () => {
    const { slots, attempts, ask, answer } = holding(1, 'a')
    const over = ask(attempts[0])
    expect(slots.free).toBe(1)
    answer(attempts[0])
    expect([attempts[0].slot, attempts[0].isWaiting(1)]).toEqual([false, true])
    slots.resume()
    await over
    expect([slots.free, attempts[0].slot]).toEqual([0, true])
  })

  it('let nobody go on while all are taken', () => {
    const { slots, attempts, ask, answer } = holding(1, 'a')
    void ask(attempts[0])
    const other = { slot: false } as Attempt
    slots.take(other)
    answer(attempts[0])
    slots.resume()
    expect(attempts[0].isWaiting(1)).toBe(true)
    slots.giveBack(other)
    slots.resume()
    expect([attempts[0].isWaiting(1), slots.busy]).toEqual([false, 1])
  })

  it('are not needed by who has been told to stop', () => {
    const { slots, attempts, ask, answer } = holding(1, 'a')
    void ask(attempts[0]).catch(() => {})
    answer(attempts[0])
    attempts[0].stop('fenced', 1)
    slots.resume()
    expect([slots.busy, attempts[0].slot]).toEqual([0, false])
  })
})
