import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { ScheduleLoop } from '../../src/schedule/loop.ts'
import { names, setUp } from './loop-set-up.ts'

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
