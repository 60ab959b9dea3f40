import { describe, expect, it } from 'vitest'
import { BackgroundJobManager, JobStatus } from '../../src/runner/job-manager.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

const rest = ({ sleep }: TaskContext): Promise<string> => sleep('1m').then(() => 'rested')

function manage(options = {}) {
  const { runner, clock } = testRunner()
  return { manager: new BackgroundJobManager({ runner, ...options }), runner, clock }
}

describe('run', () => {
  it('answers with the result when it comes within the threshold', async () => {
    const { manager, clock } = manage({ autoBackgroundThreshold: '2m' })
    expect(await manager.run(() => 42)).toEqual({ status: 'completed', result: 42 })
    expect(await clock.until(manager.run(rest))).toEqual({ status: 'completed', result: 'rested' })
    expect(manager.listJobs().size).toBe(0)
  })

  it('answers with a job that goes on when it does not', async () => {
    const { manager, runner, clock } = manage()
    const before = clock.now()
    const answer = await clock.until(manager.run(rest, { name: 'slow' }))
    expect(clock.now() - before).toBe(5_000)
    expect(answer).toEqual({ status: 'running', jobId: expect.stringMatching(/^\w{22}$/) })
    const { jobId } = answer as { jobId: string }
    expect(manager.getStatus(jobId)).toBe(JobStatus.RUNNING)
    expect(manager.getResult(jobId)).toBeUndefined()
    await clock.until(runner.waitAll())
    expect([manager.getStatus(jobId), manager.getResult(jobId)]).toEqual([JobStatus.COMPLETED, 'rested'])
  })

  it('waits for nothing that takes time at a threshold of 0', async () => {
    const { manager, clock } = manage({ autoBackgroundThreshold: 0 })
    const before = clock.now()
    expect(await clock.until(manager.run(rest))).toMatchObject({ status: 'running' })
    expect(clock.now()).toBe(before)
  })

  it('rejects with what the function threw as cause', async () => {
    const { manager } = manage()
    const thrown = new TypeError('no')
    await expect(manager.run(() => Promise.reject(thrown), { name: 'bad' })).rejects.toMatchObject({
      name: 'TaskFailedError',
      code: 'ERROR',
      cause: thrown,
    })
    expect(manager.listJobs().size).toBe(0)
  })

  it('rejects when it was cancelled within the threshold', async () => {
    const { manager, runner, clock } = manage()
    const answer = manager.run(rest)
    await clock.advance(0)
    await runner.cancelAll({ reason: 'enough' })
    await expect(answer).rejects.toMatchObject({ code: 'CANCELLED', reason: 'enough' })
  })

  it('counts the timeout of the job, not of the wait', async () => {
    const { manager, clock } = manage()
    await expect(clock.until(manager.run(rest, { timeout: '1s' }))).rejects.toMatchObject({ code: 'TIMEOUT' })
  })
})

describe('a job', () => {
  it('is started at once, and told about by its id', async () => {
    const { manager, runner } = manage()
    const good = manager.startJob(() => 0, { name: 'good' })
    const bad = manager.startJob(() => Promise.reject(new Error('broken')), { name: 'bad' })
    expect(manager.getStatus(good)).toBe(JobStatus.PENDING)
    await runner.waitAll()
    expect([manager.getStatus(good), manager.getResult(good), manager.getError(good)]).toEqual([
      'completed',
      0,
      undefined,
    ])
    expect([manager.getStatus(bad), manager.getResult(bad)]).toEqual(['failed', undefined])
    expect(manager.getError(bad)).toMatchObject({ code: 'ERROR', message: 'broken' })
    expect([...manager.listJobs()]).toEqual([
      [good, { jobId: good, name: 'good', status: 'completed' }],
      [bad, { jobId: bad, name: 'bad', status: 'failed', error: manager.getError(bad) }],
    ])
  })

  it('can be cancelled', async () => {
    const { manager, runner } = manage()
    const id = manager.startJob(() => 1)
    expect(await manager.cancelJob(id, 'no')).toBe(true)
    expect(manager.getStatus(id)).toBe(JobStatus.CANCELLED)
    const done = manager.startJob(() => 1)
    await runner.waitAll()
    expect(await manager.cancelJob(done)).toBe(false)
  })

  it('that nobody knows is GONE', async () => {
    const { manager } = manage()
    const gone = expect.objectContaining({ code: 'GONE', message: 'there is no job "x"; it may have been forgotten' })
    expect(() => manager.getStatus('x')).toThrow(gone)
    expect(() => manager.getResult('x')).toThrow(gone)
    expect(() => manager.getError('x')).toThrow(gone)
    await expect(manager.cancelJob('x')).rejects.toEqual(gone)
  })
})

describe('a manager', () => {
  it('has a runner of its own with four workers, and ends it', async () => {
    const manager = new BackgroundJobManager()
    let most = 0
    let now = 0
    const work = async (): Promise<void> => {
      now += 1
      most = Math.max(most, now)
      await null
      now -= 1
    }
    await Promise.all(Array.from({ length: 10 }, () => manager.run(work)))
    expect(most).toBe(4)
    await manager.stop()
    expect(() => manager.startJob(() => 1)).toThrow(expect.objectContaining({ code: 'RUNNER_STOPPED' }))
  })

  it('leaves a runner that it was given alone', async () => {
    const { manager, runner } = manage()
    await manager.stop()
    expect(await runner.submit(() => 1).wait()).toBe(1)
  })

  it.each([
    [{ maxWorker: 1 }, 'UNKNOWN_OPTION'],
    [{ maxWorkers: 0 }, 'INVALID_OPTION'],
    [{ autoBackgroundThreshold: -1 }, 'INVALID_OPTION'],
  ])('refuses the options %j', (options, code) => {
    expect(() => new BackgroundJobManager(options as never)).toThrow(expect.objectContaining({ code }))
  })

  it.each([
    ['no function', 7, {}, /^the job must be a function, got 7/],
    ['an unknown option', () => 1, { nmae: 'x' }, /the options are: name, timeout$/],
    ['an empty name', () => 1, { name: '' }, /^name must be text/],
  ])('refuses a job with %s', async (_, fn, options, message) => {
    const { manager, runner } = manage()
    expect(() => manager.startJob(fn as never, options as never)).toThrow(message)
    await expect(manager.run(fn as never, options as never)).rejects.toThrow(message)
    expect(runner.tasks).toEqual([])
  })
})
