import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { coreOf } from '../../src/runner/runner.ts'
import { ScheduleLoop } from '../../src/schedule/loop.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { endings, names, setUp, untilAborted } from './loop-set-up.ts'

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

  it('leaves nothing behind that listens', async () => {
    const { runner, loop, clock } = setUp({}, { work: false })
    const { store } = coreOf(runner)
    const follow = store.onSchedules.bind(store)
    let listening = 0
    store.onSchedules = (listener) => {
      listening += 1
      const undo = follow(listener)
      return () => {
        listening -= 1
        undo()
      }
    }
    loop.start()
    await clock.advance('1m')
    expect(listening).toBe(1)
    await clock.until(loop.stop())
    expect(listening).toBe(0)
    expect(clock.pending).toBe(0)
  })

  it('says nothing of a callback that it has cancelled', async () => {
    const said: unknown[] = []
    const say = (...all: unknown[]): void => void said.push(all)
    const { loop, add, clock } = setUp({
      logger: { debug: say, info: say, warn: say, error: say },
      onTrigger: ({ signal }) => untilAborted(signal),
    })
    await add('a', 'in 1 minute')
    loop.start()
    await clock.advance('61s')
    await clock.until(loop.stop({ timeout: 0 }))
    expect(said).toEqual([])
  })

  it('is waited for by the next start: two runs never overlap', async () => {
    const told: string[] = []
    const { loop, add, clock } = setUp({
      onTrigger: async ({ name }) => {
        told.push(`${name} begins`)
        await new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000))
        told.push(`${name} ends`)
      },
    })
    await add('a', 'in 60 seconds')
    await add('b', 'in 61 seconds')
    loop.start()
    await clock.advance('60s')
    const stopped = loop.stop({ timeout: '10s' })
    loop.start()
    await clock.advance('10s')
    await stopped
    expect(told).toEqual(['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('in the turn of the start lets nothing begin', async () => {
    const { runner, loop, clock } = setUp()
    loop.start()
    await clock.until(loop.stop())
    expect(coreOf(runner).working).toBe(false)
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

  it('waits for callbacks that take their time', async () => {
    const { runner, loop, add, clock } = setUp(
      {
        onTrigger: ({ signal }) =>
          Promise.race([untilAborted(signal), new Promise<void>((resolve) => clock.setTimeout(resolve, 3_000))]),
      },
      { work: false },
    )
    await add('a', 'in 1 minute')
    await clock.advance('2m')
    expect(await clock.until(loop.fireDue())).toBe(1)
    expect((await runner.schedules.history('a')).map(({ status }) => status)).toEqual(['completed'])
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

describe('the runner that was given', () => {
  it('is heeded: while it is paused nothing fires, and nothing is lost', async () => {
    const { runner, loop, add, clock, jobs } = setUp()
    await add('a', 'every 10 minutes')
    loop.start()
    runner.pause()
    await clock.advance('25m')
    expect([jobs, await runner.schedules.history('a')]).toEqual([[], []])
    runner.resume()
    await clock.advance('1m')
    expect(jobs.map(({ scheduledAt }) => scheduledAt.toISOString())).toEqual(['2030-01-01T00:20:00.000Z'])
  })

  it('may stop first: no slot is used up for that', async () => {
    const { runner, loop, add, clock, jobs } = setUp()
    await add('a', 'every 10 minutes')
    loop.start()
    await clock.advance('1m')
    const { store } = coreOf(runner)
    await clock.until(runner.stop())
    await clock.advance('25m')
    const [schedule] = await store.schedules()
    expect([jobs, schedule?.history]).toEqual([[], []])
  })
})

describe('a folder', () => {
  it('that the loop has opened is closed with it, and one that was given is not', async () => {
    const close = vi.spyOn(FileStore.prototype, 'close')
    const dir = await mkdtemp(join(tmpdir(), 'offstage-'))
    const onTrigger = (): void => {}
    const loop = new ScheduleLoop({ store: join(dir, 'own'), onTrigger })
    expect(await loop.fireDue()).toBe(0)
    expect(close).toHaveBeenCalledTimes(1)
    const store = new FileStore(join(dir, 'given'))
    expect(await new ScheduleLoop({ store, onTrigger }).fireDue()).toBe(0)
    expect(close).toHaveBeenCalledTimes(1)
    await store.close()
    close.mockRestore()
    await rm(dir, { recursive: true, force: true })
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
