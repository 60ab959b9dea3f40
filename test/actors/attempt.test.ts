import { describe, expect, it, vi } from 'vitest'
import { Attempt, type AttemptHost } from '../../src/actors/attempt.ts'
import { Timers } from '../../src/actors/timer.ts'
import type { StoredTask } from '../../src/machines/store-state.ts'
import type { Store } from '../../src/store/store.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

/** An attempt whose handler is `work`, and what it tells its host. */
function attemptOf(work: (attempt: Attempt) => unknown, { timeout }: { timeout?: number } = {}) {
  const clock = new VirtualClock()
  const timers = new Timers(clock, (error) => {
    throw error
  })
  const told: unknown[][] = []
  const host: AttemptHost = {
    clock,
    timers,
    call: work,
    ended: (_, ok, value) => told.push(['ended', ok, value]),
    timedOut: () => told.push(['timedOut', clock.monotonic()]),
    outlived: () => told.push(['outlived', clock.monotonic()]),
    progress: (_, fraction, message) => told.push(['progress', fraction, message]),
    ask: () => ({ over: Promise.resolve(), giveUp: () => {} }),
    askInput: async (_, prompt) => prompt,
  }
  const context = { failures: 2, stop: undefined as object | undefined }
  const spec = { name: 'work', limits: { timeout } }
  const task = { id: 't1', spec, snapshot: { context } } as unknown as StoredTask
  const store = { write: vi.fn() }
  const attempt = new Attempt(host, store as unknown as Store, task, 'c1', { call: work })
  return { attempt, clock, timers, told, context, store }
}
const never = (): Promise<never> => new Promise(() => {})

describe('an attempt', () => {
  it('tells how its handler ended, once: a value at once, a promise when it settles', async () => {
    const sync = attemptOf(() => 1)
    sync.attempt.start()
    expect([sync.told, sync.attempt.over]).toEqual([[['ended', true, 1]], true])
    const later = attemptOf(async () => 2)
    later.attempt.start()
    expect([later.told, later.attempt.over]).toEqual([[], false])
    await later.clock.advance(0)
    expect(later.told).toEqual([['ended', true, 2]])
  })

  it('counts failures from 1', () => {
    expect(attemptOf(never).attempt.number).toBe(3)
  })

  it('tells when its time is over, once, and not after its end', async () => {
    const { attempt, clock, told } = attemptOf(never, { timeout: 100 })
    attempt.start()
    await clock.advance('1h')
    expect(told).toEqual([['timedOut', 100]])
    const ended = attemptOf(() => 1, { timeout: 100 })
    ended.attempt.start()
    expect(ended.timers.size).toBe(0)
  })

  it('does not count the time while its timer is paused', async () => {
    const { attempt, clock, told } = attemptOf(never, { timeout: 100 })
    attempt.start()
    await clock.advance(60)
    attempt.pauseTimer()
    await clock.advance(1_000)
    attempt.resumeTimer()
    attempt.resumeTimer()
    await clock.advance(39)
    expect(told).toEqual([])
    await clock.advance(1)
    expect(told).toEqual([['timedOut', 1_100]])
  })
})

describe('an attempt that is told to stop', () => {
  it('aborts its signal with the cause, and tells when the grace is over', async () => {
    const { attempt, clock, told, context } = attemptOf(never, { timeout: 100 })
    attempt.start()
    const { signal } = attempt
    context.stop = { cause: 'cancel', reason: 'enough', by: 'ada' }
    attempt.stop('cancel', 50)
    attempt.stop('cancel', 50)
    expect(signal.reason).toMatchObject({ code: 'CANCELLED', taskId: 't1', reason: 'enough', by: 'ada' })
    await clock.advance('1h')
    expect(told).toEqual([['outlived', 50]])
  })

  it.each([
    ['timeout', 'TIMEOUT'],
    ['shutdown', 'RUNNER_STOPPED'],
    ['fenced', 'LOST'],
  ] as const)('by a %s hears %s, also when it looks at its signal only afterwards', (cause, code) => {
    const { attempt } = attemptOf(never)
    attempt.start()
    attempt.stop(cause, 50)
    expect([attempt.signal.aborted, attempt.signal.reason]).toEqual([true, expect.objectContaining({ code })])
  })

  it('has its grace anew for a stronger cause', async () => {
    const { attempt, clock, told } = attemptOf(never)
    attempt.start()
    attempt.stop('shutdown', 50)
    await clock.advance(40)
    attempt.stop('cancel', 50)
    await clock.advance('1h')
    expect(told).toEqual([['outlived', 90]])
  })

  it('does not hear it after its end', () => {
    const { attempt } = attemptOf(() => 1)
    attempt.start()
    attempt.stop('cancel', 50)
    expect([attempt.stopCause, attempt.signal.aborted]).toEqual([undefined, false])
  })
})

describe('what an attempt waits for', () => {
  it('sleep ends at its time, or rejects at the stop and leaves no timer', async () => {
    const { attempt, clock, timers } = attemptOf(never)
    attempt.start()
    await clock.until(attempt.sleep(1_000))
    expect(clock.monotonic()).toBe(1_000)
    const slept = attempt.sleep(1_000).catch((error) => error.code)
    attempt.stop('timeout', 1)
    expect([await slept, timers.size]).toEqual(['TIMEOUT', 1])
    await expect(attempt.sleep(5)).rejects.toMatchObject({ code: 'TIMEOUT' })
  })

  it('a wait ends when it is told to, or rejects at the stop', async () => {
    const { attempt } = attemptOf(never)
    attempt.start()
    const waits = [attempt.beginWait(1), attempt.beginWait(2)]
    attempt.endWait(1)
    expect([attempt.isWaiting(1), attempt.isWaiting(2)]).toEqual([false, true])
    attempt.stop('shutdown', 1)
    const ends = (await Promise.allSettled(waits)).map(({ status }) => status)
    expect([ends, attempt.isWaiting(2)]).toEqual([['fulfilled', 'rejected'], false])
  })

  it('a wait that is still open at the end of the handler is over', async () => {
    let over: Promise<unknown> | undefined
    const { attempt } = attemptOf((self) => {
      over = self.beginWait(1)
    })
    attempt.start()
    await over
    expect(attempt.isWaiting(1)).toBe(false)
  })

  it('cannot report after its end', () => {
    const { attempt, told, store } = attemptOf(() => 1)
    attempt.start()
    attempt.progress(0.5, 'half')
    attempt.write({ type: 'output', at: 0, chunk: 'late' })
    expect([told.length, store.write.mock.calls.length]).toEqual([1, 0])
  })
})
