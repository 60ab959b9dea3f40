import { describe, expect, it } from 'vitest'
import { TaskStatus } from '../../src/runner/task.ts'
import { testRunner } from '../../src/testing/runner.ts'

const start = Date.UTC(2030, 0, 1)

describe('a handle through the life of its task', () => {
  it('shows what was asked for from the submit on', async () => {
    const { runner } = testRunner()
    const task = runner.submit(function digest() {}, { tags: ['a'], owner: 'ada', metadata: { n: 0 }, delay: '1s' })
    expect(task.id).toMatch(/^[A-Za-z0-9]{22}$/)
    expect(task).toMatchObject({
      name: 'digest',
      status: 'pending',
      state: 'pending.delayed',
      result: undefined,
      error: undefined,
      outcome: undefined,
      progress: 0,
      message: undefined,
      attempt: 1,
      metadata: { n: 0 },
      tags: ['a'],
      owner: 'ada',
      parentId: undefined,
      createdAt: new Date(start),
      startedAt: undefined,
      completedAt: undefined,
      durationMs: undefined,
      isRunning: false,
      isSettled: false,
      isCompleted: false,
      isSuccessful: false,
      deduplicated: false,
    })
    await runner.stop()
  })

  it('has a name, no tags and no metadata of its own accord', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    expect(task).toMatchObject({ name: 'task', tags: [], metadata: {}, owner: undefined })
    await task.wait()
  })

  it('follows it while it runs', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ progress, sleep }) => {
        progress(0.5, 'half way')
        await sleep('5s')
        return 'done'
      },
      { delay: '1s' },
    )
    await clock.advance('2s')
    expect(task).toMatchObject({
      status: TaskStatus.RUNNING,
      state: 'running.executing',
      progress: 0.5,
      message: 'half way',
      startedAt: new Date(start + 1_000),
      completedAt: undefined,
      durationMs: undefined,
      isRunning: true,
      isSettled: false,
    })
    await clock.until(task.wait())
    expect(task).toMatchObject({
      status: TaskStatus.COMPLETED,
      state: 'completed',
      result: 'done',
      outcome: { ok: true, status: 'completed', result: 'done' },
      startedAt: new Date(start + 1_000),
      completedAt: new Date(start + 6_000),
      durationMs: 5_000,
      isRunning: false,
      isSettled: true,
      isCompleted: true,
      isSuccessful: true,
    })
  })

  it('has an error and no result when it failed', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => Promise.reject(new TypeError('wrong')))
    await task.settled()
    expect(task).toMatchObject({
      status: TaskStatus.FAILED,
      error: { code: 'ERROR', message: 'wrong' },
      result: undefined,
      isSettled: true,
      isCompleted: true,
      isSuccessful: false,
      durationMs: 0,
    })
    expect(task.outcome).toEqual({ ok: false, status: 'failed', error: task.error })
  })

  it('never had a beginning when it was cancelled before', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => 1, { delay: '1h' })
    await clock.advance('2s')
    expect(await task.cancel('no')).toBe(true)
    expect(task).toMatchObject({
      status: TaskStatus.CANCELLED,
      startedAt: undefined,
      completedAt: new Date(start + 2_000),
      durationMs: undefined,
      error: undefined,
      isSuccessful: false,
    })
  })

  it('begins its times and its progress anew with each attempt', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ attempt, progress, sleep }) => {
        if (attempt === 1) progress(0.9, 'nearly')
        await sleep('1s')
        if (attempt === 1) throw new Error('no')
      },
      { retry: { attempts: 2, minDelay: '10s', jitter: 0 } },
    )
    await clock.advance('11.5s')
    expect(task).toMatchObject({ attempt: 2, progress: 0, message: undefined, startedAt: new Date(start + 11_000) })
    await clock.until(task.wait())
    expect(task.durationMs).toBe(1_000)
  })

  it('gives dates that nobody can use to change the task', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    task.createdAt.setTime(0)
    expect(task.createdAt.getTime()).toBe(start)
    await task.wait()
  })

  it('is one of many on the same task', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1, { id: 'mine' })
    const other = await runner.get('mine')
    await task.wait()
    expect(other?.result).toBe(1)
    expect(await (await other?.refresh())?.wait()).toBe(1)
    expect(other?.toJSON()).toEqual(task.toJSON())
  })

  it('says when its submit was answered by a task that was there already', async () => {
    const { runner } = testRunner()
    const first = runner.submit(() => 1, { idempotencyKey: 'k', name: 'one' })
    const again = runner.submit(() => 2, { idempotencyKey: 'k', name: 'one' })
    expect([first.deduplicated, again.deduplicated, again.id]).toEqual([false, true, first.id])
    expect(await again.wait()).toBe(1)
  })

  it('has an actor that ends with the outcome', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 'done')
    const states: string[] = []
    const { actor } = task
    actor.subscribe((snapshot) => states.push(JSON.stringify(snapshot.value)))
    await task.wait()
    expect(states).toEqual(['{"running":"executing"}', '"completed"'])
    expect(actor.getSnapshot()).toMatchObject({ status: 'done', output: { status: 'completed', result: 'done' } })
  })
})

describe('cancel', () => {
  it.each([[''], ['a\u0000b'], [42]])('refuses the reason %j', async (reason) => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    await expect(task.cancel(reason as string)).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'reason' })
    expect(await task.wait()).toBe(1)
  })
})
