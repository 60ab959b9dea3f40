import { describe, expect, it } from 'vitest'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, never, silent } from './work.ts'

const lifetime = (task: { createdAt: Date; completedAt: Date | undefined }): number =>
  Number(task.completedAt) - Number(task.createdAt)

describe('timeout', () => {
  it('aborts the signal of the attempt and fails the task as TIMEOUT', async () => {
    const { runner, clock } = testRunner()
    let reason: unknown
    const task = runner.submit(
      async ({ signal, sleep }) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason
        })
        await sleep('1h')
      },
      { name: 'slow', timeout: '10s' },
    )
    await expect(clock.until(task.wait())).rejects.toMatchObject({ code: 'TIMEOUT', taskId: task.id })
    expect(lifetime(task)).toBe(10_000)
    expect(reason).toMatchObject({ code: 'TIMEOUT', message: `task slow (${task.id}) ran out of time` })
  })

  it('begins with the attempt: a long queue costs nothing of it', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const tasks = Array.from({ length: 10 }, () => runner.submit(({ sleep }) => sleep('8s'), { timeout: '10s' }))
    await clock.until(runner.onIdle())
    expect(tasks.every(({ status }) => status === 'completed')).toBe(true)
  })

  it('is 5 minutes unless the runner or the task says otherwise', async () => {
    const { runner, clock } = testRunner()
    const brief = testRunner({ defaultTimeout: '1m' })
    const own = runner.submit(({ sleep }) => sleep('1d'), { timeout: '2s' })
    const usual = runner.submit(({ sleep }) => sleep('1d'))
    const endless = runner.submit(({ sleep }) => sleep('1d'), { timeout: false })
    const short = brief.runner.submit(({ sleep }) => sleep('1d'))
    await clock.until(Promise.all([own.settled(), usual.settled(), endless.settled()]))
    await brief.clock.until(short.settled())
    expect([own, usual, endless, short].map(lifetime)).toEqual([2_000, 300_000, 86_400_000, 60_000])
  })

  it('drops a result that comes after it', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const late = deferred<string>()
    const task = runner.submit(() => late.promise, { timeout: '10s', onComplete: () => {} })
    await clock.advance('12s')
    expect(task.state).toBe('running.stopping.timeout')
    late.resolve('too late')
    await clock.advance(0)
    expect([task.status, task.error?.code, task.result]).toEqual(['failed', 'TIMEOUT', undefined])
  })

  it('of 25 days does not end the attempt at once', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('24d').then(() => 'done'), { timeout: '25d' })
    expect(await clock.until(task.wait())).toBe('done')
  })

  it('does not run while the task waits for a child, and goes on afterwards', async () => {
    const { runner, clock } = testRunner()
    const parent = runner.submit(
      async ({ submit, sleep }) => {
        await sleep('6s')
        await submit((ctx) => ctx.sleep('1h'), { timeout: '2h' }).wait()
        await sleep('5s')
      },
      { timeout: '10s' },
    )
    await clock.until(parent.settled())
    expect([parent.error?.code, lifetime(parent)]).toEqual(['TIMEOUT', 3_600_000 + 10_000])
  })
})

describe('deadline', () => {
  it('ends a task that still waits in the queue, and it never runs', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    runner.submit(({ sleep }) => sleep('1m'))
    let ran = false
    const task = runner.submit(
      () => {
        ran = true
      },
      { deadline: '30s' },
    )
    await expect(clock.until(task.wait())).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect([lifetime(task), ran]).toEqual([30_000, false])
  })

  it('may be a moment', async () => {
    const { runner, clock } = testRunner({ now: '2030-01-01T00:00:00Z' })
    const task = runner.submit(({ sleep }) => sleep('1h'), { deadline: new Date('2030-01-01T00:00:45Z') })
    await clock.until(task.settled())
    expect([task.error?.code, lifetime(task)]).toEqual(['TIMEOUT', 45_000])
  })

  it('counts retries: none begins after it', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    let attempts = 0
    const task = runner.submit(
      () => {
        attempts += 1
        throw new Error('broken')
      },
      { deadline: '10s', retry: { attempts: 100, backoff: 'fixed', minDelay: '4s', jitter: 0 } },
    )
    await clock.until(task.settled())
    expect([attempts, task.error?.message, lifetime(task)]).toEqual([3, 'broken', 8_000])
  })

  it('stops a running attempt, however much of its timeout is left', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ sleep }) => sleep('1h'), {
      timeout: '30m',
      deadline: '5s',
      retry: { attempts: 5 },
    })
    await clock.until(task.settled())
    expect([task.error?.code, lifetime(task)]).toEqual(['TIMEOUT', 5_000])
  })

  it('runs on while the task waits for a child, which is stopped with it', async () => {
    const { runner, clock } = testRunner()
    const parent = runner.submit(({ submit }) => submit((ctx) => ctx.sleep('1h'), { name: 'child' }).wait(), {
      deadline: '1m',
    })
    await clock.until(runner.onIdle())
    const child = runner.tasks.find(({ name }) => name === 'child')
    expect([parent.error?.code, lifetime(parent), child?.status]).toEqual(['TIMEOUT', 60_000, 'cancelled'])
  })

  it('before the end of the delay ends the task while it is delayed', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(() => 'never', { delay: '1h', deadline: '1m' })
    await clock.until(task.settled())
    expect([task.error?.code, lifetime(task)]).toEqual(['TIMEOUT', 60_000])
  })
})

describe('the grace period', () => {
  it('lets a handler clean up, within 5 s', async () => {
    const { runner, clock } = testRunner()
    const cleaned: string[] = []
    const task = runner.submit(
      async ({ sleep }) => {
        await sleep('1h').catch(() => {})
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 4_999))
        cleaned.push('all')
      },
      { timeout: '1s' },
    )
    await clock.until(task.settled())
    expect([cleaned, lifetime(task)]).toEqual([['all'], 5_999])
  })

  it('fails the task when it is over, and its slot stays taken', async () => {
    const { runner, clock } = testRunner({ gracePeriod: '2s', maxConcurrentTasks: 1, logger: silent })
    const task = runner.submit(never, { timeout: '1s' })
    const next = runner.submit(() => 'next')
    await clock.until(task.settled())
    await clock.advance('1h')
    expect([lifetime(task), runner.stats.busySlots, next.status]).toEqual([3_000, 1, 'pending'])
  })

  it('of 0 gives up in the same instant', async () => {
    const { runner, clock } = testRunner({ gracePeriod: 0, logger: silent })
    const task = runner.submit(never, { timeout: '1s' })
    await clock.until(task.settled())
    expect(lifetime(task)).toBe(1_000)
  })
})
