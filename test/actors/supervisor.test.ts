import { describe, expect, it, vi } from 'vitest'
import type { Attempt } from '../../src/actors/attempt.ts'
import { Supervisor } from '../../src/actors/supervisor.ts'
import { Telemetry } from '../../src/actors/telemetry.ts'
import { Timers } from '../../src/actors/timer.ts'
import type { Work } from '../../src/actors/work.ts'
import type { SubmitRecord } from '../../src/machines/records.ts'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { seededRandom } from '../../src/random.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const limits = { timeout: 60_000, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
const retry = { attempts: 1, backoff: 'fixed', minDelay: 1, maxDelay: 1, jitter: 0, when: undefined } as const

/** A worker on a store, whose handlers are `work`. */
function worker(work: (attempt: Attempt) => unknown, { slots = 2, stores = [new MemoryStore()] } = {}) {
  const clock = new VirtualClock()
  const timers = new Timers(clock, (error) => {
    throw error
  })
  const face = {
    knows: () => true,
    rateOf: () => undefined,
    working: true,
    recipeNames: () => [],
    inputOf: ({ spec }) => spec.input,
    lost: vi.fn(),
    jobOf: () => ({ call: work }),
    retryOf: () => retry,
    changed: vi.fn(),
    moved: vi.fn(),
    warn: vi.fn(),
  } satisfies Work
  const rest = { random: seededRandom(1), inspect: undefined, telemetry: new Telemetry(() => undefined) }
  const supervisor = new Supervisor({ stores, work: face, clock, timers, slots, ...rest })
  const submit = (task: string, more: Partial<SubmitRecord> = {}, store = stores[0]): StoredTask => {
    const record: SubmitRecord = { type: 'submit', task, at: clock.now(), name: task, limits, ...more }
    return store?.submit([record])[0]?.task as StoredTask
  }
  return { clock, timers, supervisor, submit, stores, store: stores[0] as MemoryStore, work: face }
}
const never = (): Promise<never> => new Promise(() => {})

describe('the supervisor', () => {
  it('fills its slots by itself when something is submitted, and no more than them', async () => {
    const { clock, supervisor, submit } = worker(never)
    const tasks = ['a', 'b', 'c'].map((id) => submit(id))
    await clock.advance(0)
    expect(tasks.map(({ state }) => state)).toEqual(['running.executing', 'running.executing', 'pending.queued'])
    expect([supervisor.busy, [...supervisor.attempts.keys()]]).toEqual([2, ['a', 'b']])
  })

  it('takes turns between its stores', async () => {
    const ran: string[] = []
    const stores = [new MemoryStore(), new MemoryStore()]
    const { clock, submit } = worker((attempt) => void ran.push(attempt.task.id), { slots: 1, stores })
    for (const id of ['a1', 'a2', 'a3']) submit(id, {}, stores[0])
    for (const id of ['b1', 'b2']) submit(id, {}, stores[1])
    await clock.advance(0)
    expect(ran).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
  })

  it('stops an attempt whose task another worker holds, and records nothing of it', async () => {
    let signal: AbortSignal | undefined
    const { clock, supervisor, submit, store } = worker((attempt) => {
      signal = attempt.signal
      return new Promise((resolve) => attempt.signal.addEventListener('abort', () => resolve('late')))
    })
    const task = submit('a')
    await clock.advance(0)
    supervisor.live.root.send({ type: 'pause' })
    store.append({ type: 'expire', worker: supervisor.worker, at: clock.now() })
    await clock.advance(0)
    expect([signal?.reason.code, task.state, supervisor.busy]).toEqual(['LOST', 'pending.queued', 0])
  })

  it('goes on when a store throws at a claim, and tells of it', async () => {
    const { clock, submit, store, work } = worker(() => 1)
    const claim = vi.spyOn(store, 'claim').mockImplementationOnce(() => {
      throw new Error('no disk')
    })
    const task = submit('a')
    await clock.advance('1m')
    expect([task.state, work.warn.mock.calls.length, claim.mock.calls.length > 1]).toEqual(['completed', 1, true])
  })

  it('tries to record the end again, and keeps the slot meanwhile', async () => {
    const { clock, supervisor, submit, store, work } = worker(() => 1)
    const refused = (): never => {
      throw new Error('no disk')
    }
    vi.spyOn(store, 'append').mockImplementationOnce(refused).mockImplementationOnce(refused)
    const task = submit('a')
    await clock.advance(0)
    expect([supervisor.busy, task.state]).toEqual([1, 'running.executing'])
    await clock.advance('3s')
    expect([supervisor.busy, task.state, work.warn.mock.calls]).toEqual([0, 'completed', []])
  })

  it('frees the slot in the end although nothing could be recorded, and tells of it', async () => {
    const { clock, supervisor, submit, store, work } = worker(() => 1)
    vi.spyOn(store, 'append').mockImplementation(() => {
      throw new Error('no disk')
    })
    submit('a')
    await clock.advance('31s')
    expect([supervisor.busy, work.warn.mock.calls[0]?.[0]]).toEqual([0, 'the end of "a" (a) was not recorded'])
  })

  it('fails a task whose handler nobody knows any more', async () => {
    const { clock, submit, work } = worker(() => 1)
    vi.spyOn(work, 'jobOf').mockReturnValue(undefined as never)
    const task = submit('a', { recipe: 'gone' })
    await clock.advance(0)
    expect(task.snapshot.context.outcome).toMatchObject({ status: 'failed', error: { code: 'UNKNOWN_RECIPE' } })
  })

  it('is empty when every handler has ended or was given up', async () => {
    const { clock, supervisor, submit, store } = worker(never)
    expect(supervisor.isEmpty).toBe(true)
    submit('a')
    await clock.advance(0)
    let empty = false
    void supervisor.whenEmpty().then(() => {
      empty = true
    })
    store.append({ type: 'cancel', task: 'a', at: clock.now() })
    await clock.advance(4_999)
    expect([empty, supervisor.isEmpty]).toEqual([false, false])
    await clock.advance(1)
    expect([empty, supervisor.isEmpty, supervisor.attempts.size]).toEqual([true, true, 1])
  })

  it('asks each handler once to stop for a shutdown, and gives its claims up at the end', async () => {
    const { clock, supervisor, submit } = worker(never)
    const [deaf, cancelled] = [submit('a'), submit('b')]
    await clock.advance(0)
    supervisor.shutdown()
    supervisor.shutdown()
    expect([deaf.state, cancelled.state]).toEqual(Array(2).fill('running.stopping.shutdown'))
    supervisor.live.root.send({ type: 'stop' })
    const { left, recorded } = supervisor.abandon()
    await recorded
    expect(left.map(({ id }) => id)).toEqual(['a', 'b'])
    expect([deaf.state, deaf.snapshot.context.orphans]).toEqual(['pending.queued', 0])
  })
})
