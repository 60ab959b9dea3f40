import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { SystemClock } from '../../src/clock.ts'
import { BackgroundRunner, coreOf } from '../../src/runner/runner.ts'
import { FileScheduleStore } from '../../src/schedule/file-schedule-store.ts'
import type { ScheduleJob } from '../../src/schedule/job.ts'
import { ScheduleRunner } from '../../src/schedule/schedule-runner.ts'
import { testRunner } from '../../src/testing/runner.ts'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

function setUp() {
  const { runner, clock } = testRunner({ work: false })
  const due = new ScheduleRunner(runner)
  endings.push(() => due.close())
  const add = (name: string, when = 'every 10 minutes', more = {}) =>
    runner.schedules.add({ name, when, message: `${name}!`, ...more })
  return { runner, clock, due, add }
}
const names = (jobs: readonly ScheduleJob[]): string[] => jobs.map(({ name }) => name)

describe('getDueJobs', () => {
  it('hands out what is due, in the order of their times', async () => {
    const { due, add, clock } = setUp()
    await add('b', 'in 9 minutes', { owner: 'ada', metadata: { a: 1 } })
    await add('a', 'in 5 minutes')
    await add('later', 'in 1 hour')
    expect(await due.getDueJobs()).toEqual([])
    await clock.advance('10m')
    const jobs = await due.getDueJobs()
    expect(names(jobs)).toEqual(['a', 'b'])
    expect(jobs[1]).toMatchObject({
      message: 'b!',
      owner: 'ada',
      metadata: { a: 1 },
      scheduledAt: new Date('2030-01-01T00:09:00Z'),
      previousAt: undefined,
      task: { name: 'b', attempt: 1 },
    })
  })

  it('hands out by time, not by rank', async () => {
    const { due, add, clock } = setUp()
    await add('first', 'in 5 minutes')
    await add('urgent', 'in 9 minutes', { submit: { priority: 9 } })
    await clock.advance('10m')
    expect(names(await due.getDueJobs())).toEqual(['first', 'urgent'])
  })

  it('gives each job to one caller', async () => {
    const { runner, due, add, clock } = setUp()
    const other = new ScheduleRunner(runner)
    endings.push(() => other.close())
    for (let i = 0; i < 20; i += 1) await add(`s${i}`)
    await clock.advance('10m')
    const handed = (await Promise.all([due.getDueJobs(), other.getDueJobs(), due.getDueJobs()])).flat()
    expect(names(handed).sort()).toEqual(Array.from({ length: 20 }, (_, i) => `s${i}`).sort())
    expect(await due.getDueJobs()).toEqual([])
  })

  it('hands out at most as many as asked; the others come next', async () => {
    const { due, add, clock } = setUp()
    for (let i = 0; i < 5; i += 1) await add(`s${i}`)
    await clock.advance('10m')
    const some = await due.getDueJobs({ limit: 2 })
    const rest = await due.getDueJobs()
    expect([some.length, rest.length]).toEqual([2, 3])
    await expect(due.getDueJobs({ limit: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    await expect(due.getDueJobs({ most: 1 } as never)).rejects.toMatchObject({ code: 'UNKNOWN_OPTION' })
  })

  it('leaves schedules with a recipe to workers', async () => {
    const { runner, due, clock } = setUp()
    await runner.schedules.add({ name: 'r', when: 'in 1 minute', recipe: 'digest' })
    await clock.advance('5m')
    expect(await due.getDueJobs()).toEqual([])
    expect(runner.pendingTasks.map(({ name }) => name)).toEqual(['r'])
  })
})

describe('a job', () => {
  it('is done when it is completed, once', async () => {
    const { runner, due, add, clock } = setUp()
    await add('a')
    await clock.advance('10m')
    const [job] = await due.getDueJobs()
    expect(runner.runningTasks.map(({ id }) => id)).toEqual([job?.task.id])
    expect(await due.complete(job as ScheduleJob)).toBe(true)
    expect(await due.complete(job as ScheduleJob)).toBe(false)
    expect((await runner.schedules.history('a')).map(({ status }) => status)).toEqual(['completed'])
  })

  it('that fails stands in history, and its schedule goes on', async () => {
    const { runner, due, add, clock } = setUp()
    await add('a')
    await clock.advance('10m')
    const [job] = await due.getDueJobs()
    expect(await due.fail(job as ScheduleJob, new Error('no mail server'))).toBe(true)
    expect((await runner.get(job?.task.id ?? ''))?.error?.message).toBe('no mail server')
    await clock.advance('10m')
    expect(names(await due.getDueJobs())).toEqual(['a'])
    expect((await runner.schedules.history('a')).map(({ status }) => status)).toEqual(['failed', 'running'])
  })

  it('that fails comes again as its schedule says', async () => {
    const { due, add, clock } = setUp()
    await add('a', 'in 1 minute', { submit: { retry: { attempts: 2, minDelay: '1m', jitter: 0 } } })
    await clock.advance('1m')
    const [job] = await due.getDueJobs()
    await due.fail(job as ScheduleJob, 'not yet')
    expect(await due.getDueJobs()).toEqual([])
    await clock.advance('2m')
    const [again] = await due.getDueJobs()
    expect(again?.task).toMatchObject({ id: job?.task.id, attempt: 2 })
    expect(await due.complete(again as ScheduleJob)).toBe(true)
  })

  it('that is cancelled aborts its signal, and cannot be completed any more', async () => {
    const { runner, due, add, clock } = setUp()
    await add('a')
    await clock.advance('10m')
    const [job] = await due.getDueJobs()
    const task = await runner.get(job?.task.id ?? '')
    expect(job?.signal.aborted).toBe(false)
    expect(await task?.cancel('no need')).toBe(true)
    expect(job?.signal.aborted).toBe(true)
    expect(await due.complete(job as ScheduleJob)).toBe(false)
    expect(task?.status).toBe('cancelled')
  })

  it('must be one that was handed out here', async () => {
    const { due } = setUp()
    for (const wrong of [undefined, null, 7, 'a'])
      await expect(due.complete(wrong as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(await due.complete({ task: { id: 'x' } } as never)).toBe(false)
  })
})

describe('close', () => {
  it('gives back what was not completed: another caller gets it', async () => {
    const { runner, due, add, clock } = setUp()
    await add('a')
    await clock.advance('10m')
    const [job] = await due.getDueJobs()
    await due.close()
    await due.close()
    expect(job?.signal.aborted).toBe(true)
    await expect(due.getDueJobs()).rejects.toMatchObject({ code: 'RUNNER_STOPPED' })
    const other = new ScheduleRunner(runner)
    endings.push(() => other.close())
    expect((await other.getDueJobs()).map(({ task }) => task.id)).toEqual([job?.task.id])
  })
})

/** Ten minutes ahead of the machine. */
class Ahead extends SystemClock {
  override now(): number {
    return super.now() + 600_000
  }
}

it('listens to its store from its first call to its close', async () => {
  const { runner, due } = setUp()
  const { store } = coreOf(runner)
  const follow = store.subscribe.bind(store)
  let listening = 0
  store.subscribe = (listener) => {
    listening += 1
    const undo = follow(listener)
    return () => {
      listening -= 1
      undo()
    }
  }
  await due.getDueJobs()
  await due.getDueJobs()
  expect(listening).toBe(1)
  await due.close()
  expect(listening).toBe(0)
})

describe('on a folder', () => {
  it('a slot reaches one of several stores, as in several processes', async () => {
    const dir = join(await mkdtemp(join(tmpdir(), 'offstage-')), 'store')
    const stores = Array.from({ length: 3 }, () => new FileScheduleStore({ dir, durability: 'os' }))
    const runners = stores.map(({ store }) => new BackgroundRunner({ store, work: false, clock: new Ahead() }))
    const dues = runners.map((runner) => new ScheduleRunner(runner))
    endings.push(...[...dues, ...stores].map((each) => () => each.close()), () =>
      rm(join(dir, '..'), { recursive: true, force: true }),
    )
    for (let i = 0; i < 8; i += 1) await stores[0]?.add({ name: `s${i}`, when: 'in 5 minutes', message: 'x' })
    const handed = (await Promise.all(dues.map((each) => each.getDueJobs()))).flat()
    expect(names(handed).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `s${i}`))
  })
})
