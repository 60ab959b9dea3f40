import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { TaskCancelledError } from '../../src/errors.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, never, silent } from './work.ts'

describe('cancel', () => {
  it('ends a pending task at once, and it never runs', async () => {
    const { runner } = testRunner({ maxConcurrentTasks: 1 })
    const work = vi.fn()
    const task = runner.submit(work)
    expect(await task.cancel('not needed')).toBe(true)
    expect(task.outcome).toEqual({ ok: false, status: 'cancelled', reason: 'not needed', by: undefined })
    await runner.onIdle()
    expect(work).not.toHaveBeenCalled()
  })

  it.each([
    ['delayed', { delay: '1h' } as const],
    ['in the queue', {}],
  ])('ends a task that is %s', async (_, options) => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1, defaultTimeout: false })
    runner.submit(never)
    const task = runner.submit(() => 1, options)
    await clock.advance(0)
    expect([await task.cancel(), task.state]).toEqual([true, 'cancelled'])
  })

  it('aborts the signal of a running task with the reason, and frees the slot when the handler has ended', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    let heard: unknown
    const task = runner.submit(async ({ signal, sleep }) => {
      await sleep('1h').catch(() => {})
      heard = signal.reason
    })
    const next = runner.submit(() => 'next')
    await clock.advance('1s')
    const accepted = task.cancel('enough')
    expect([task.state, await accepted]).toEqual(['running.stopping.cancel', true])
    expect(await clock.until(next.wait())).toBe('next')
    expect([task.status, heard]).toEqual(['cancelled', expect.any(TaskCancelledError)])
    expect(heard).toMatchObject({ reason: 'enough', taskId: task.id })
  })

  it('is true again for a task that is cancelled or about to be, and false for one that ended otherwise', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const done = runner.submit(() => 1)
    const failed = runner.submit(() => Promise.reject(new Error('no')))
    const running = runner.submit(({ sleep }) => sleep('1h'))
    await clock.advance(0)
    expect(await Promise.all([done.cancel(), failed.cancel()])).toEqual([false, false])
    expect(await Promise.all([running.cancel('first'), running.cancel('second')])).toEqual([true, true])
    await clock.until(running.settled())
    expect([await running.cancel(), running.outcome]).toEqual([true, expect.objectContaining({ reason: 'first' })])
    expect([done.status, failed.status]).toEqual(['completed', 'failed'])
  })

  it('is answered by the id, and false for an id that nobody knows', async () => {
    const { runner } = testRunner()
    runner.submit(never, { id: 'mine' })
    expect(await Promise.all([runner.cancel('mine'), runner.cancel('yours')])).toEqual([true, false])
  })

  it('rejects the waiter with the reason', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1h'))
    const waiting = clock.until(task.wait())
    await task.cancel('enough')
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', reason: 'enough', by: undefined })
  })

  it('beats retries', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(() => Promise.reject(new Error('no')), { retry: { attempts: 9, minDelay: '1h' } })
    await clock.advance(0)
    expect(task.state).toBe('pending.delayed')
    await task.cancel()
    await clock.advance('1d')
    expect([task.status, task.attempt]).toEqual(['cancelled', 1])
  })

  it('of 100,000 tasks at once cancels each of them', async () => {
    const { runner } = testRunner({ keepFinished: 1_000_000, defaultTimeout: false })
    const tasks = Array.from({ length: 100_000 }, (_, i) =>
      runner.submit(({ sleep }) => sleep('1h'), i % 2 === 0 ? undefined : { delay: '1h', deadline: '2h' }),
    )
    await Promise.resolve()
    const answers = await Promise.all(tasks.map((task) => task.cancel()))
    await runner.onIdle()
    expect([answers.every(Boolean), runner.stats.cancelled, runner.stats.busySlots]).toEqual([true, 100_000, 0])
  }, 30_000)
})

describe('cancel in the same tick as the end', () => {
  it('wins when it comes first: the result is dropped, for ever', async () => {
    const { runner, clock } = testRunner()
    const work = deferred<string>()
    const task = runner.submit(() => work.promise)
    await clock.advance(0)
    work.resolve('done')
    const cancelled = task.cancel()
    expect(await clock.until(task.settled())).toMatchObject({ ok: false, status: 'cancelled' })
    expect(await cancelled).toBe(true)
    await clock.advance('1h')
    expect([task.status, task.result, await task.cancel()]).toEqual(['cancelled', undefined, true])
  })

  it('loses when the end comes first: the task stays completed, for ever', async () => {
    const { runner, clock } = testRunner()
    const work = deferred<string>()
    const task = runner.submit(() => work.promise)
    await clock.advance(0)
    work.resolve('done')
    await clock.advance(0)
    expect([task.status, await task.cancel()]).toEqual(['completed', false])
    await clock.advance('1h')
    expect([task.status, task.result]).toEqual(['completed', 'done'])
  })

  it('is one or the other for each of many tasks, and the answer of cancel says which', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 200 })
    const work = Array.from({ length: 200 }, () => deferred<number>())
    const tasks = work.map(({ promise }, i) =>
      runner.submit(async () => {
        for (let hops = i % 7; hops > 0; hops -= 1) await promise
        return promise
      }),
    )
    await clock.advance(0)
    for (const each of work) each.resolve(1)
    const answers: boolean[] = []
    for (const task of tasks) answers.push(await task.cancel())
    await clock.until(runner.onIdle())
    expect(tasks.map(({ status }) => status === 'cancelled')).toEqual(answers)
    expect(new Set(answers).size).toBe(2)
  })

  it('from within the handler wins over what the handler returns', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(async ({ task: { id } }) => {
      await runner.cancel(id)
      return 'done all the same'
    })
    expect(await clock.until(task.settled())).toMatchObject({ status: 'cancelled' })
  })
})

describe('the signal of a submit', () => {
  it('cancels the task when it is aborted, in its own name', async () => {
    const { runner, clock } = testRunner()
    const controller = new AbortController()
    const task = runner.submit(({ sleep }) => sleep('1h'), { signal: controller.signal })
    await clock.advance(0)
    controller.abort(new Error('the user has left'))
    await clock.until(task.settled())
    expect(task.outcome).toMatchObject({ status: 'cancelled', reason: 'the user has left', by: 'signal' })
  })

  it('that is aborted already cancels before anything runs', async () => {
    const { runner } = testRunner()
    const work = vi.fn()
    const task = runner.submit(work, { signal: AbortSignal.abort('gone') })
    await runner.onIdle()
    expect([task.outcome, work.mock.calls.length]).toEqual([expect.objectContaining({ reason: 'gone' }), 0])
  })

  it('may be aborted with anything', async () => {
    const { runner } = testRunner({ maxConcurrentTasks: 1 })
    const unreadable = {
      toString() {
        throw new Error('not to be read')
      },
    }
    for (const reason of [unreadable, Object.create(null), Symbol('s'), 'x'.repeat(10_000), undefined, '\u0000']) {
      const controller = new AbortController()
      const task = runner.submit(never, { signal: controller.signal })
      controller.abort(reason)
      expect(task.status).toBe('cancelled')
    }
  })

  it('of many tasks is let go of when they have ended, and Node has nothing to complain about', async () => {
    const warn = vi.spyOn(process, 'emitWarning')
    const { runner, clock } = testRunner()
    const { signal } = new AbortController()
    const tasks = Array.from({ length: 30 }, () => runner.submit(() => 1, { signal }))
    await Promise.all(tasks.map((task) => task.wait({ signal })))
    await clock.until(runner.submit(({ sleep }) => Promise.all(Array.from({ length: 30 }, () => sleep('1s')))).wait())
    expect([getEventListeners(signal, 'abort'), warn.mock.calls]).toEqual([[], []])
    warn.mockRestore()
  })
})
