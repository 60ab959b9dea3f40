import { describe, expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

describe('clean-up', () => {
  it('forgets a finished task after cleanupDelay, whatever its end; its handle still answers', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const tasks = [
      runner.submit(() => 'done'),
      runner.submit(() => Promise.reject(new Error('no'))),
      runner.submit(() => 1, { delay: '1d' }),
    ]
    await tasks[2]?.cancel()
    await runner.onIdle()
    await clock.advance(3_599_999)
    expect(runner.tasks).toHaveLength(3)
    await clock.advance(1)
    expect([runner.tasks, await runner.get(tasks[0]?.id ?? '')]).toEqual([[], undefined])
    expect([tasks[0]?.result, await tasks[0]?.wait(), (await tasks[0]?.explain())?.code]).toEqual([
      'done',
      'done',
      'GONE',
    ])
  })

  it('takes each task at its own time, and never an unfinished one', async () => {
    const { runner, clock } = testRunner({ cleanupDelay: '10s', defaultTimeout: false })
    for (const at of [0, 5_000, 9_000]) runner.submit(() => at, { delay: at })
    runner.submit(never)
    const left: number[] = []
    for (let i = 0; i < 5; i += 1) {
      await clock.advance('5s')
      left.push(runner.tasks.length)
    }
    expect(left).toEqual([4, 3, 2, 1, 1])
  })

  it('keeps at most keepFinished, the newest', async () => {
    const { runner } = testRunner({ keepFinished: 3 })
    for (let i = 0; i < 10; i += 1) runner.submit(() => i)
    await runner.onIdle()
    expect(runner.tasks.map(({ result }) => result)).toEqual([7, 8, 9])
  })

  it('of 0 keeps nothing', async () => {
    const { runner, clock } = testRunner({ keepFinished: 0 })
    expect(await runner.submit(() => 'done').wait()).toBe('done')
    expect(runner.tasks).toEqual([])
    const soon = testRunner({ cleanupDelay: 0 })
    expect(await soon.runner.submit(() => 'done').wait()).toBe('done')
    await soon.clock.advance(0)
    await clock.advance(0)
    expect(soon.runner.tasks).toEqual([])
  })

  it('is left to the user with autoCleanup: false', async () => {
    const { runner, clock } = testRunner({ autoCleanup: false, keepFinished: 1 })
    for (let i = 0; i < 10; i += 1) runner.submit(() => i)
    await runner.onIdle()
    await clock.advance('365d')
    expect(runner.tasks).toHaveLength(10)
    expect([await runner.clearCompleted(), runner.tasks]).toEqual([10, []])
  })

  it('may come any number of days later', async () => {
    const { runner, clock } = testRunner({ cleanupDelay: '60d' })
    await runner.submit(() => 1).wait()
    await clock.advance('59d')
    expect(runner.tasks).toHaveLength(1)
    await clock.advance('1d')
    expect(runner.tasks).toHaveLength(0)
  })
})

describe('clearCompleted', () => {
  it('forgets what has ended and nothing else, and tells how many', async () => {
    const { runner, clock } = testRunner({ defaultTimeout: false })
    const done = runner.submit(() => 1)
    const running = runner.submit(never)
    const pending = runner.submit(() => 1, { delay: '1h' })
    await clock.advance(0)
    expect(await runner.clearCompleted()).toBe(1)
    expect(runner.tasks.map(({ id }) => id)).toEqual([running.id, pending.id])
    expect([await runner.clearCompleted(), done.result, runner.stats.completed]).toEqual([0, 1, 0])
  })
})

describe('a forgotten task', () => {
  it('cannot be needed or cancelled, and its id is not given twice', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1, { id: 'once' })
    await task.wait()
    await runner.clearCompleted()
    expect(() => runner.submit(() => 1, { needs: [task] })).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_DEPENDENCY' }),
    )
    expect(() => runner.submit(() => 1, { id: 'once' })).toThrow(expect.objectContaining({ code: 'GONE' }))
    expect([await task.cancel(), await runner.cancel('once')]).toEqual([false, false])
  })

  it('frees its idempotencyKey', async () => {
    const { runner } = testRunner()
    await runner.submit(() => 'first', { name: 'work', idempotencyKey: 'k' }).wait()
    await runner.clearCompleted()
    const again = runner.submit(() => 'second', { name: 'work', idempotencyKey: 'k' })
    expect([await again.wait(), again.deduplicated]).toEqual(['second', false])
  })
})
