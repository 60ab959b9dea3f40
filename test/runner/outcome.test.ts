import { describe, expect, it } from 'vitest'
import { OffstageError, TaskCancelledError, TaskFailedError, WaitTimeoutError } from '../../src/errors.ts'
import { testRunner } from '../../src/testing/runner.ts'

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('wait', () => {
  it('resolves with the very result of a function', async () => {
    const { runner } = testRunner()
    const result = new Map([[1, () => 2]])
    const task = runner.submit(() => result)
    expect(await task.wait()).toBe(result)
    expect(await task.wait()).toBe(result)
    expect(task.result).toBe(result)
  })

  it('rejects with the code and the message of the failure, and the very thing that was thrown as cause', async () => {
    const { runner } = testRunner()
    const thrown = Object.freeze(Object.assign(new Error('no such page'), { code: 'ENOENT' }))
    const task = runner.submit(() => Promise.reject(thrown), { id: 't', name: 'fetch' })
    const error = (await caught(task.wait())) as TaskFailedError
    expect(error).toBeInstanceOf(TaskFailedError)
    expect(OffstageError.is(error, 'ENOENT')).toBe(true)
    expect(error.cause).toBe(thrown)
    expect([error.taskId, error.message]).toEqual(['t', 'task fetch (t) failed: no such page'])
    expect(error.failure).toMatchObject({ code: 'ENOENT', message: 'no such page', stack: thrown.stack })
  })

  it.each([['text'], [42], [{ odd: true }], [Symbol('s')]])('has %s as cause when that was thrown', async (thrown) => {
    const { runner } = testRunner()
    const error = (await caught(runner.submit(() => Promise.reject(thrown)).wait())) as TaskFailedError
    expect(error.cause).toBe(thrown)
    expect(error.code).toBe('ERROR')
  })

  it('says so when undefined was thrown', async () => {
    const { runner } = testRunner()
    const error = (await caught(runner.submit(() => Promise.reject(undefined)).wait())) as TaskFailedError
    expect(error.message).toMatch(/failed: the handler threw undefined$/)
    expect((error.cause as Error).message).toBe('the handler threw undefined')
  })

  it('does not blame a timeout on what an earlier attempt threw', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(
      async ({ attempt, sleep }) => {
        if (attempt === 1) throw new Error('the first')
        await sleep('1h')
      },
      { timeout: '1s', retry: { attempts: 2, minDelay: 0 } },
    )
    const error = (await clock.until(caught(task.wait()))) as TaskFailedError
    expect(error.code).toBe('TIMEOUT')
    expect((error.cause as Error).message).toBe('the attempt did not end within 1000 ms')
  })

  it('rejects for a cancelled task with the reason and by whom', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1, { id: 't', name: 'work' })
    await task.cancel('not needed')
    const error = (await caught(task.wait())) as TaskCancelledError
    expect(error).toBeInstanceOf(TaskCancelledError)
    expect(error).toMatchObject({ code: 'CANCELLED', taskId: 't', reason: 'not needed', by: undefined })
    expect(error.message).toBe('task work (t) was cancelled: not needed')
  })

  it.each([[0], ['2s']] as const)('gives up after %s, and the task goes on', async (timeout) => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'), { id: 't', name: 'work' })
    const error = (await clock.until(caught(task.wait({ timeout })))) as WaitTimeoutError
    expect(error).toBeInstanceOf(WaitTimeoutError)
    const ms = timeout === 0 ? 0 : 2_000
    expect(error.message).toBe(`task work (t) did not end within ${ms} ms; it goes on`)
    await clock.until(task.wait())
    expect(task.status).toBe('completed')
  })

  it('rejects with the reason of its signal, and the task goes on', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'))
    const leave = new AbortController()
    const waiting = caught(task.wait({ signal: leave.signal }))
    leave.abort(new Error('left'))
    expect(await waiting).toEqual(new Error('left'))
    expect(await caught(task.wait({ signal: leave.signal }))).toEqual(new Error('left'))
    await clock.until(task.wait())
    expect(task.isSuccessful).toBe(true)
  })

  it('answers at once for a task that has ended, whatever its timeout and signal', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    await task.wait()
    expect(await task.wait({ timeout: 0, signal: AbortSignal.abort() })).toBe(1)
  })

  it.each([
    [{ timeout: -1 }, 'INVALID_OPTION', /^timeout must be/],
    [{ timeout: '5 parsecs' }, 'INVALID_OPTION', /^timeout must be/],
    [{ signal: {} }, 'INVALID_OPTION', /^signal must be an AbortSignal/],
    [{ timeuot: 1 }, 'UNKNOWN_OPTION', /the options are: signal, timeout$/],
    [null, 'INVALID_OPTION', /^the wait options must be an object/],
  ])('refuses the options %j', async (options, code, message) => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    const error = (await caught(task.wait(options as never))) as Error
    expect(OffstageError.is(error, code)).toBe(true)
    expect(error.message).toMatch(message)
    await task.wait()
  })
})

describe('settled', () => {
  it('never rejects for the end of the task', async () => {
    const { runner } = testRunner()
    const cancelled = runner.submit(() => 1)
    await cancelled.cancel('no')
    const failed = runner.submit(() => Promise.reject(new Error('broken')))
    expect(await runner.submit(() => undefined).settled()).toEqual({ ok: true, status: 'completed', result: undefined })
    expect(await failed.settled()).toMatchObject({ ok: false, status: 'failed', error: { message: 'broken' } })
    expect(await cancelled.settled()).toEqual({ ok: false, status: 'cancelled', reason: 'no', by: undefined })
  })

  it('is undefined when the timeout passed first', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1m'))
    expect(await clock.until(task.settled({ timeout: '1s' }))).toBeUndefined()
    expect(task.outcome).toBeUndefined()
    expect(await clock.until(task.settled())).toEqual(task.outcome)
  })
})
