import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { OffstageError, StoreError } from '../../src/errors.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { bench } from './late.ts'
import { never, silent } from './work.ts'

const cause = new Error('EIO: i/o error')
const lost = new StoreError('STORE_LOST', 'the folder is lost to this process', { cause })

/** A runner with one task that runs, on a store that is lost when the test says so. */
async function running(run: Parameters<typeof bench>[0], options: Parameters<typeof bench>[1] = {}) {
  const kit = bench(run, options)
  const task = await kit.submit(0)
  while (task.state !== 'running.executing') await turn()
  await kit.quiet()
  /** What the store is asked from now on. */
  const asked: string[] = []
  const lose = (error: OffstageError = lost): void => {
    kit.store.lose(error)
    kit.store.before = (method) => {
      asked.push(method)
      return Promise.reject(error)
    }
  }
  return { ...kit, task, asked, lose }
}

describe('a runner whose store is lost', () => {
  it('aborts what runs, with the reason, and records nothing of it any more', async () => {
    let reason: unknown
    const { lose, quiet, runner, asked, clock } = await running(async (_, ctx) => {
      await new Promise((resolve) => ctx.signal.addEventListener('abort', resolve))
      reason = ctx.signal.reason
      ctx.progress(0.5)
    })
    lose()
    await quiet()
    await clock.advance('1m')
    expect([(reason as OffstageError).code, runner.stats.busySlots, asked]).toEqual(['STORE_LOST', 0, []])
  })

  it('rejects every open wait and stream, and every later call, with the cause', async () => {
    const { lose, runner, task, submit } = await running(never)
    const stream = (async () => {
      for await (const _ of task.events());
    })()
    const open = [task.wait(), task.settled(), runner.waitAll(), stream]
    await turn()
    await turn()
    lose()
    const later = [task.wait(), submit(), task.cancel(), runner.get(task.id), runner.list(), runner.retry(task.id)]
    const answers = await Promise.allSettled([...open, ...later])
    expect(answers.map((each) => each.status === 'rejected' && [each.reason.code, each.reason.cause])).toEqual(
      Array(10).fill(['STORE_LOST', cause]),
    )
  })

  it('says so, once, and in what it says of itself and its tasks', async () => {
    const { lose, runner, task, warnings } = await running(never)
    expect(String(runner)).toBe('BackgroundRunner("late")')
    lose()
    lose()
    expect(warnings).toEqual(['late is lost: nothing more is recorded there'])
    expect(String(runner)).toBe('BackgroundRunner("late", which is lost)')
    expect(await task.explain()).toEqual({
      code: 'STORE_LOST',
      store: 'late',
      sentence: 'Nobody knows here: late is lost to this process, which has to begin again.',
    })
  })

  it('keeps the cause where the store told of it in another way', async () => {
    const { lose, task } = await running(never)
    const error = new OffstageError('STORE', 'the server is gone')
    lose(error)
    await expect(task.wait()).rejects.toMatchObject({ code: 'STORE_LOST', cause: error })
  })

  it('still runs functions, which are in memory, and finds them', async () => {
    const { lose, runner, clock } = await running(never)
    lose()
    const task = runner.submit(() => 'local')
    expect(await clock.until(task.wait())).toBe('local')
    expect((await runner.get(task.id))?.result).toBe('local')
  })

  it('claims nothing there any more', async () => {
    const { lose, runner, quiet, asked, clock } = await running(never)
    lose()
    runner.pause()
    runner.resume()
    await clock.until(runner.submit(() => 1).wait())
    await quiet()
    expect(asked).not.toContain('claim')
  })

  it('stops within the grace period of a handler that does not end', async () => {
    const { lose, runner, task, clock, asked, store } = await running(never)
    lose()
    const { zombies } = await clock.until(runner.stop(), { limit: '6s' })
    expect([zombies.map(({ id }) => id), asked, store.listening]).toEqual([[task.id], [], 0])
  })

  it('notices it by a claim, too', async () => {
    const store = new MemoryStore()
    store.claim = () => {
      throw lost
    }
    const warnings: string[] = []
    const logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) }
    const { runner, clock } = testRunner({ store, logger })
    runner.submit(() => 1)
    await clock.advance('1h')
    expect(warnings).toEqual(['memory is lost: nothing more is recorded there'])
  })

  it('starts nothing that was won in that very moment', async () => {
    let ran = 0
    const { store, submit, quiet, runner } = bench(() => (ran += 1))
    const task = await submit()
    // the claim is folded, and its answer is on the way
    while (task.state !== 'running.executing') await turn()
    store.lose(lost)
    await quiet()
    expect([ran, runner.stats.busySlots]).toEqual([0, 0])
  })
})

describe('a runner that was declared dead', () => {
  it('stops what it ran, goes on under another name, and says so once', async () => {
    const reasons: unknown[] = []
    const { store, runner, clock, submit, warnings, quiet } = bench(async (_, { signal, attempt, task }) => {
      const { run } = store.inner.get(task.id)?.snapshot.context ?? {}
      if (run === 2) return `run ${run}, attempt ${attempt}`
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      reasons.push(signal.reason.code)
      return 'late'
    })
    const task = await submit()
    while (task.state !== 'running.executing') await turn()
    await quiet()
    const dead = store.inner.get(task.id)?.snapshot.context.worker ?? ''
    store.inner.append({ type: 'expire', worker: dead, at: clock.now() })
    expect(await clock.until(task.wait())).toBe('run 2, attempt 1')
    await quiet()
    expect([reasons, store.left]).toEqual([['LOST'], [dead]])
    expect(warnings).toEqual([
      'late: this worker was declared dead while its process stood still; it goes on under another name',
    ])
    await clock.until(runner.stop())
    expect([store.left.length, new Set(store.left).size]).toEqual([2, 2])
  })

  it('gives its claims up at a stop under each of its names', async () => {
    const { store, runner, clock, submit, quiet } = bench(never, { maxConcurrentTasks: 3 })
    const [first, local] = [await submit(), runner.submit(never)]
    while (first.state !== 'running.executing' || local.state !== 'running.executing') await turn()
    const dead = store.inner.get(first.id)?.snapshot.context.worker ?? ''
    store.inner.append({ type: 'expire', worker: dead, at: clock.now() })
    while (first.state !== 'running.executing') await turn()
    await quiet()
    await clock.until(runner.stop())
    expect([first.status, local.status]).toEqual(['pending', 'cancelled'])
  })
})

describe('a runner that has stopped', () => {
  it('listens to a store that others use only while somebody waits', async () => {
    const { store, runner, clock, submit } = bench(() => 1)
    runner.pause()
    const task = await submit()
    await clock.until(runner.stop())
    expect(store.listening).toBe(0)
    const waiting = task.wait()
    expect(store.listening).toBe(2)
    store.inner.append({ type: 'cancel', task: task.id, at: clock.now() })
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(store.listening).toBe(0)
  })

  it('leaves after its last record', async () => {
    const { store, runner, clock, submit, quiet } = bench((_, { sleep }) => sleep('1h'))
    const task = await submit()
    while (task.state !== 'running.executing') await turn()
    await quiet()
    const asked: string[] = []
    store.before = (method) => void asked.push(method)
    await clock.until(runner.stop())
    expect(asked).toEqual(['shutdown', 'ended', 'leave'])
  })

  it('ends although the store never answers', async () => {
    const { runner, clock, task, store } = await running(never)
    store.before = never
    const { zombies } = await clock.until(runner.stop(), { limit: '1m' })
    expect(zombies.map(({ id }) => id)).toEqual([task.id])
  })
})
