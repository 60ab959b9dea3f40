import { afterEach, describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { Logger } from '../../src/runner/runner-options.ts'
import type { ScheduleJob } from '../../src/schedule/job.ts'
import { ScheduleLoop, type ScheduleLoopOptions } from '../../src/schedule/loop.ts'
import { testRunner } from '../../src/testing/runner.ts'

const endings: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of endings.splice(0)) await end()
})

function setUp(options: Partial<ScheduleLoopOptions> = {}, runnerOptions = {}) {
  const { runner, clock } = testRunner(runnerOptions)
  const jobs: ScheduleJob[] = []
  const loop = new ScheduleLoop({ runner, onTrigger: (job) => void jobs.push(job), ...options })
  endings.push(
    () => clock.until(loop.stop({ timeout: 0 })),
    () => clock.until(runner.stop()),
  )
  const add = (name: string, when: string, more = {}) =>
    runner.schedules.add({ name, when, message: `${name}!`, ...more })
  return { runner, clock, loop, jobs, add }
}
const names = (jobs: readonly ScheduleJob[]): string[] => jobs.map(({ name }) => name)

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

describe('a loop', () => {
  it('calls back for each slot of a schedule with a message, on time', async () => {
    const { loop, jobs, add, clock } = setUp()
    const { id } = await add('mail', 'every 10 minutes', { owner: 'ada', metadata: { to: 'inbox' } })
    loop.start()
    await clock.advance('25m')
    expect(jobs).toHaveLength(2)
    expect(jobs[0]).toMatchObject({ id, name: 'mail', message: 'mail!', owner: 'ada', metadata: { to: 'inbox' } })
    expect(jobs.map(({ scheduledAt }) => scheduledAt.toISOString())).toEqual([
      '2030-01-01T00:10:00.000Z',
      '2030-01-01T00:20:00.000Z',
    ])
    expect(jobs.map(({ previousAt }) => previousAt?.toISOString())).toEqual([undefined, '2030-01-01T00:10:00.000Z'])
    expect(jobs[0]?.signal).toBeInstanceOf(AbortSignal)
  })

  it('runs from start to stop; a second start does nothing', async () => {
    const { loop, jobs, add, clock } = setUp()
    expect(loop.isRunning).toBe(false)
    loop.start()
    loop.start()
    expect(loop.isRunning).toBe(true)
    await add('mail', 'every 10 minutes')
    await clock.advance('15m')
    expect(names(jobs)).toEqual(['mail'])
    await clock.until(loop.stop())
    expect(loop.isRunning).toBe(false)
    await clock.advance('1h')
    expect(names(jobs)).toEqual(['mail'])
  })

  it('may be started again, and takes one firing for what it missed', async () => {
    // a runner that works would have fired meanwhile
    const { loop, jobs, add, clock } = setUp({}, { work: false })
    await add('mail', 'every 10 minutes')
    loop.start()
    await clock.until(loop.stop())
    await clock.advance('35m')
    loop.start()
    await clock.advance('1s')
    expect(jobs.map(({ scheduledAt }) => scheduledAt.toISOString())).toEqual(['2030-01-01T00:30:00.000Z'])
  })

  it('notices at once what is added, changed or removed while it sleeps', async () => {
    const { runner, loop, jobs, add, clock } = setUp({ tickSeconds: 86_400 })
    loop.start()
    await clock.advance('1m')
    await add('soon', 'in 2 minutes')
    await add('never', 'in 3 minutes')
    await runner.schedules.remove('never')
    await clock.advance('5m')
    expect(names(jobs)).toEqual(['soon'])
  })

  it('submits a schedule with a recipe as that recipe, which the runner runs', async () => {
    const done: unknown[] = []
    const digest = defineRecipe({ name: 'digest', run: async ({ text }: { text: string }) => void done.push(text) })
    const { runner, loop, jobs, clock } = setUp({}, { recipes: [digest] })
    await runner.schedules.add({ name: 'd', when: 'in 1 minute', recipe: digest, input: { text: 'abc' } })
    loop.start()
    await clock.advance('2m')
    expect([done, jobs]).toEqual([['abc'], []])
  })
})

describe('callbacks', () => {
  it('are tasks: listed, and cancelled one by one', async () => {
    let reason: unknown
    const { runner, loop, add, clock } = setUp({
      onTrigger: ({ signal }) =>
        untilAborted(signal).catch((error) => {
          reason = error
          throw error
        }),
    })
    await add('slow', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    const [task] = runner.runningTasks
    expect(task).toMatchObject({ name: 'slow', status: 'running' })
    expect(await task?.cancel('enough')).toBe(true)
    await clock.advance('1s')
    expect(task?.status).toBe('cancelled')
    expect(reason).toBeDefined()
  })

  it('delay no other, however slow', async () => {
    const begun: string[] = []
    const { loop, add, clock } = setUp({
      onTrigger: ({ name, signal }) => {
        begun.push(name)
        return name === 'slow' ? untilAborted(signal) : undefined
      },
    })
    await add('slow', 'in 1 minute')
    await add('quick', 'in 1 minute')
    await add('later', 'in 2 minutes')
    loop.start()
    await clock.advance('3m')
    expect(begun.sort()).toEqual(['later', 'quick', 'slow'])
  })

  it('run at most so many at once', async () => {
    let now = 0
    let most = 0
    const { loop, add, clock } = setUp({
      maxConcurrentTasks: 2,
      onTrigger: async () => {
        now += 1
        most = Math.max(most, now)
        await null
        now -= 1
      },
    })
    for (let i = 0; i < 8; i += 1) await add(`s${i}`, 'in 1 minute')
    loop.start()
    await clock.advance('2m')
    expect([now, most]).toEqual([0, 2])
  })

  it('that throw are logged and stand in history, and the loop goes on', async () => {
    const logged: string[] = []
    const logger = { debug() {}, info() {}, warn() {}, error: (_: object, message: string) => logged.push(message) }
    const seen: string[] = []
    const { runner, loop, add, clock } = setUp({
      logger: logger as Logger,
      onTrigger: ({ name }) => {
        seen.push(name)
        throw new Error('no mail server')
      },
    })
    await add('a', 'every 1 minute')
    loop.start()
    await clock.advance('150s')
    expect(seen).toEqual(['a', 'a'])
    expect(logged).toEqual([expect.stringMatching(/^onTrigger has failed for "a" \(\w+\)$/), expect.anything()])
    const history = await runner.schedules.history('a')
    expect(history.map(({ status }) => status)).toEqual(['failed', 'failed'])
    const task = await runner.get(history[0]?.task ?? '')
    expect(task?.error?.message).toBe('no mail server')
  })

  it('that throw are tried again as the schedule says', async () => {
    let calls = 0
    const { loop, add, clock } = setUp({
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onTrigger: ({ task }) => {
        calls = task.attempt
        if (task.attempt < 3) throw new Error('not yet')
      },
    })
    await add('a', 'in 1 minute', { submit: { retry: { attempts: 3, minDelay: '1s' } } })
    loop.start()
    await clock.advance('10m')
    expect(calls).toBe(3)
  })

  it('may take what a logger that throws makes of it', async () => {
    const warned: unknown[] = []
    const broken = (): never => {
      throw new Error('log is broken')
    }
    const warn = (_: object, message: string): void => void warned.push(message)
    const { loop, add, clock } = setUp({
      logger: { debug: broken, info: broken, warn, error: broken },
      onTrigger: () => broken(),
    })
    await add('a', 'every 1 minute')
    loop.start()
    await clock.advance('150s')
    expect(warned).toHaveLength(2)
  })
})

describe('stop', () => {
  it('lets callbacks end that end within its timeout', async () => {
    let ended = false
    const { runner, loop, add, clock } = setUp({
      onTrigger: async () => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000))
        ended = true
      },
    })
    await add('a', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    await clock.until(loop.stop({ timeout: '5s' }))
    expect(ended).toBe(true)
    expect((await runner.list()).tasks.map(({ status }) => status)).toEqual(['completed'])
  })

  it('cancels the others after that', async () => {
    let aborted = false
    const { runner, loop, add, clock } = setUp({
      onTrigger: ({ signal }) =>
        untilAborted(signal).finally(() => {
          aborted = true
        }),
    })
    await add('a', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    const before = clock.now()
    await clock.until(loop.stop({ timeout: '5s' }))
    expect(clock.now() - before).toBe(5_000)
    expect(aborted).toBe(true)
    const { tasks } = await runner.list()
    expect(tasks[0]?.outcome).toMatchObject({ status: 'cancelled', reason: 'the schedule loop was stopped' })
  })

  it('resolves for callbacks that ignore their signal, too', async () => {
    const { loop, add, clock } = setUp({
      logger: { debug() {}, info() {}, warn() {}, error() {} },
      onTrigger: () => new Promise(() => {}),
    })
    await add('a', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    const before = clock.now()
    await clock.until(loop.stop({ timeout: '1s' }))
    expect(clock.now() - before).toBeLessThanOrEqual(11_000)
  })

  it('lets nothing begin any more: what waits for a place stays for the next loop', async () => {
    const begun: string[] = []
    const { loop, add, clock } = setUp({
      maxConcurrentTasks: 1,
      onTrigger: ({ name, signal }) => {
        begun.push(name)
        return untilAborted(signal)
      },
    })
    await add('a', 'in 1 minute')
    await add('b', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    expect(begun).toHaveLength(1)
    await clock.until(loop.stop({ timeout: 0 }))
    await clock.advance('10m')
    expect(begun).toHaveLength(1)
    loop.start()
    await clock.advance('1s')
    expect(begun.sort()).toEqual(['a', 'b'])
  })

  it('may be called at any time, any number of times', async () => {
    const { loop, add, clock, jobs } = setUp()
    await clock.until(loop.stop())
    loop.start()
    const both = Promise.all([loop.stop(), loop.stop()])
    loop.start()
    await clock.until(both)
    expect(loop.isRunning).toBe(true)
    await add('a', 'in 1 minute')
    await clock.advance('2m')
    expect(names(jobs)).toEqual(['a'])
  })
})

describe('fireDue', () => {
  it('is one pass of a loop that does not run: it ends when the callbacks have', async () => {
    const { loop, add, clock, jobs } = setUp({}, { work: false })
    await add('a', 'every 1 minute')
    await add('b', 'every 1 hour')
    expect(await clock.until(loop.fireDue())).toBe(0)
    await clock.advance('90s')
    expect(await clock.until(loop.fireDue())).toBe(1)
    expect(names(jobs)).toEqual(['a'])
    expect(await clock.until(loop.fireDue())).toBe(0)
    expect(loop.isRunning).toBe(false)
    await clock.advance('1h')
    expect(names(jobs)).toEqual(['a'])
  })

  it('is one more pass of a loop that runs', async () => {
    const { loop, add, clock, jobs } = setUp()
    await add('a', 'in 1 minute')
    loop.start()
    await clock.advance('2m')
    expect(await clock.until(loop.fireDue())).toBe(0)
    expect(names(jobs)).toEqual(['a'])
  })
})

describe('several loops', () => {
  it('on one store call back once for each slot', async () => {
    const { runner, loop, jobs, add, clock } = setUp()
    const other = new ScheduleLoop({ runner, onTrigger: (job) => void jobs.push(job) })
    endings.unshift(() => clock.until(other.stop()))
    await add('a', 'every 1 minute')
    loop.start()
    other.start()
    await clock.advance('10m')
    expect(jobs).toHaveLength(10)
    expect(new Set(jobs.map(({ scheduledAt }) => scheduledAt.getTime())).size).toBe(10)
  })
})

describe('the options', () => {
  const onTrigger = (): void => {}

  it.each([
    [undefined, 'INVALID_OPTION'],
    [{}, 'INVALID_OPTION'],
    [{ onTrigger: 7 }, 'INVALID_OPTION'],
    [{ onTrigger, tickSecond: 1 }, 'UNKNOWN_OPTION'],
    [{ onTrigger, tickSeconds: 0 }, 'INVALID_OPTION'],
    [{ onTrigger, tickSeconds: Number.NaN }, 'INVALID_OPTION'],
    [{ onTrigger, tickSeconds: 86_401 }, 'INVALID_OPTION'],
    [{ onTrigger, maxConcurrentTasks: 0 }, 'INVALID_OPTION'],
    [{ onTrigger, runner: {} }, 'INVALID_OPTION'],
    [{ onTrigger, ref: 1 }, 'INVALID_OPTION'],
    [{ onTrigger, logger: {} }, 'INVALID_OPTION'],
    [{ onTrigger, store: 7 }, 'INVALID_OPTION'],
  ])('%j are refused', (options, code) => {
    expect(() => new ScheduleLoop(options as never)).toThrow(expect.objectContaining({ code }))
  })

  it('name a store or a runner, not both', () => {
    const { runner } = setUp()
    expect(() => new ScheduleLoop({ onTrigger, runner, store: './x' })).toThrow(/^store must be left out/)
  })

  it.each([[{ timeout: -1 }], [{ timeout: 'soon' }], [{ drain: 1 }]])('of stop may not be %j', async (options) => {
    const { loop } = setUp()
    await expect(loop.stop(options as never)).rejects.toThrow(/timeout/)
  })
})
