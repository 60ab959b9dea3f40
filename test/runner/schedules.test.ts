import { describe, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import type { ScheduleOptions } from '../../src/runner/schedule-types.ts'
import type { ScheduledRun } from '../../src/runner/scheduled-run.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { silent } from './work.ts'

const hour = 3_600_000
const start = '2030-01-01T00:00:00.000Z'

function bench(options: Partial<RunnerOptions> = {}) {
  const runs: (ScheduledRun | undefined)[] = []
  const warnings: string[] = []
  const note = defineRecipe({
    name: 'note',
    run: (_: { text: string }, { schedule }) => {
      runs.push(schedule)
      return schedule?.name
    },
  })
  const fails = defineRecipe({
    name: 'fails',
    run: () => {
      throw new Error('no')
    },
  })
  const slow = ['slow', 'slower', 'slowest'].map((name) =>
    defineRecipe({ name, run: (_: undefined, { sleep }) => sleep('90m'), timeout: '2h' }),
  )
  const module = new URL('../fixtures/thread-schedule.mjs', import.meta.url)
  const threaded = defineRecipe<undefined, unknown>({ name: 'threaded', thread: module })
  const logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) }
  const { runner, clock } = testRunner({ recipes: [note, fails, threaded, ...slow], logger, now: start, ...options })
  const hourly = { name: 'hourly', when: 'every hour', recipe: note, input: { text: 'hi' } } satisfies ScheduleOptions
  return { runner, clock, schedules: runner.schedules, hourly, note, runs, warnings }
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return OffstageError.is(error) ? error.code : `no error: ${String(error)}`
}

describe('a schedule', () => {
  it('makes a task at each slot, whose handler knows which', async () => {
    const { schedules, clock, hourly, runs } = bench()
    const schedule = await schedules.add(hourly)
    expect(schedule).toMatchObject({ name: 'hourly', when: 'every hour', tz: 'UTC', status: 'active', runs: 0 })
    expect([schedule.next, schedule.lastSlot]).toEqual([new Date('2030-01-01T01:00Z'), undefined])
    await clock.advance('2h')
    expect(runs).toEqual([
      { id: schedule.id, name: 'hourly', scheduledAt: new Date('2030-01-01T01:00Z') },
      {
        id: schedule.id,
        name: 'hourly',
        scheduledAt: new Date('2030-01-01T02:00Z'),
        previousAt: new Date('2030-01-01T01:00Z'),
      },
    ])
    expect([schedule.runs, schedule.lastSlot]).toEqual([2, new Date('2030-01-01T02:00Z')])
    expect(schedule.history).toMatchObject([
      { scheduledAt: '2030-01-01T01:00:00.000Z', status: 'completed' },
      { scheduledAt: '2030-01-01T02:00:00.000Z', status: 'completed' },
    ])
  })

  it('tells a handler in a thread, too', async () => {
    const { runner, schedules, clock } = bench()
    await schedules.add({ name: 'a', when: 'every hour', recipe: 'threaded', once: true })
    await clock.advance('1h')
    const [firing] = await schedules.history('a')
    const task = await runner.get(firing?.task ?? '')
    expect(await clock.until((task as NonNullable<typeof task>).wait())).toMatchObject({
      name: 'a',
      scheduledAt: '2030-01-01T01:00:00.000Z',
    })
    await clock.until(runner.stop())
  })

  it('ends with maxRuns, with once, with until, and with the moment of at', async () => {
    const { schedules, clock, hourly, runs } = bench()
    const three = await schedules.add({ ...hourly, name: 'three', maxRuns: 3 })
    const once = await schedules.add({ ...hourly, name: 'once', once: true })
    const until = await schedules.add({ ...hourly, name: 'until', until: '2030-01-01T02:30Z' })
    const at = await schedules.add({ ...hourly, name: 'at', when: 'in 20 minutes' })
    await clock.advance('1d')
    expect([three, once, until, at].map(({ status, runs }) => [status, runs])).toEqual([
      ['exhausted', 3],
      ['exhausted', 1],
      ['exhausted', 2],
      ['exhausted', 1],
    ])
    expect(runs).toHaveLength(7)
    expect([(await three.explain()).code, three.next]).toEqual(['EXHAUSTED', undefined])
  })

  it('whose task fails goes on, and tells of it', async () => {
    const { schedules, clock } = bench()
    await schedules.add({ name: 'a', when: 'every hour', recipe: 'fails', submit: { retry: { attempts: 2 } } })
    await clock.advance('190m')
    expect((await schedules.history('a')).map(({ status }) => status)).toEqual(['failed', 'failed', 'failed'])
  })

  it('skips slots while its task runs, and queues them where it is told to', async () => {
    const { schedules, clock } = bench()
    await schedules.add({ name: 'skip', when: 'every hour', recipe: 'slow' })
    await schedules.add({ name: 'queue', when: 'every hour', recipe: 'slower', overlap: 'queue' })
    await schedules.add({ name: 'newest', when: 'every hour', recipe: 'slowest', overlap: 'cancel-previous' })
    await clock.advance('190m')
    const told = async (name: string) => (await schedules.history(name)).map(({ status, reason }) => reason ?? status)
    expect(await told('skip')).toEqual(['completed', 'OVERLAP', 'running'])
    expect(await told('queue')).toEqual(['completed', 'running', 'pending'])
    expect(await told('newest')).toEqual(['cancelled', 'cancelled', 'running'])
  })

  it('holds up no other of the same recipe while its tasks wait for their turn', async () => {
    const { schedules, clock } = bench()
    await schedules.add({ name: 'queue', when: 'every minute', recipe: 'slower', overlap: 'queue' })
    await schedules.add({ name: 'beside', when: 'every 2 hours', recipe: 'slower' })
    await clock.advance('125m')
    expect((await schedules.history('queue')).at(-1)).toMatchObject({ status: 'pending' })
    expect(await schedules.history('beside')).toMatchObject([{ status: 'running' }])
  })

  it('puts its tasks off by its jitter, not its slots', async () => {
    const { schedules, clock, hourly, runs } = bench()
    await schedules.add({ ...hourly, jitter: '10m' })
    await clock.advance('1h')
    expect(runs).toEqual([])
    await clock.advance('10m')
    expect(runs).toMatchObject([{ scheduledAt: new Date('2030-01-01T01:00Z') }])
  })

  it('fires while the runner is not paused, and only then', async () => {
    const { runner, schedules, clock, hourly } = bench()
    await schedules.add(hourly)
    runner.pause()
    await clock.advance('3h')
    expect(await schedules.history('hourly')).toEqual([])
    runner.resume()
    await clock.advance(0)
    expect(await schedules.history('hourly')).toMatchObject([{ scheduledAt: '2030-01-01T03:00:00.000Z', missed: 3 }])
  })

  it('fires no more when the runner has stopped', async () => {
    const { runner, schedules, clock, hourly, runs } = bench()
    await schedules.add(hourly)
    await clock.until(runner.stop())
    await clock.advance('3h')
    expect([runs, clock.pending]).toEqual([[], 0])
    expect(await codeOf(schedules.add(hourly))).toBe('RUNNER_STOPPED')
  })

  it('does not fire by itself where schedules is false; tick does', async () => {
    const { runner, schedules, clock, hourly, runs } = bench({ schedules: false })
    runner.start()
    await schedules.add(hourly)
    await clock.advance('1h')
    expect(runs).toEqual([])
    expect(await schedules.tick()).toEqual({ fired: 1, skipped: 0, next: new Date('2030-01-01T02:00Z') })
    await clock.advance(0)
    expect(runs).toHaveLength(1)
  })

  it('is refused its slot, not its life, when the queue is full', async () => {
    const { runner, schedules, clock, hourly } = bench({ maxPending: 1, maxConcurrentTasks: 1 })
    runner.submit(({ sleep }) => sleep('90m'), { timeout: '2h' })
    await clock.advance(0)
    runner.submit(() => 1)
    await schedules.add(hourly)
    await clock.advance('2h')
    expect((await schedules.history('hourly')).map(({ reason }) => reason)).toEqual(['QUEUE_FULL', undefined])
  })

  it('shows its scheduler to whoever inspects the runner, below it', async () => {
    const told: string[] = []
    const { runner, clock } = bench({
      inspect: (event) => {
        if ((event.actorRef as { id?: string }).id === 'scheduler' && event.type === '@xstate.event')
          told.push(event.event.type)
      },
    })
    runner.start()
    await clock.advance(0)
    await clock.until(runner.stop())
    expect(told.filter((type) => !type.startsWith('xstate.'))).toEqual(['start', 'tick', 'ticked', 'stop'])
  })

  it('explains itself', async () => {
    const { schedules, clock, hourly } = bench()
    const schedule = await schedules.add(hourly)
    expect(await schedule.explain()).toMatchObject({
      code: 'ACTIVE',
      sentence: expect.stringContaining('2030-01-01T01:00:00.000Z'),
    })
    await clock.advance('1h')
    clock.step(-2 * hour)
    expect((await schedule.explain()).code).toBe('CLOCK_BEHIND')
    await schedules.pause('hourly')
    expect((await schedule.explain()).code).toBe('PAUSED')
    await schedules.remove('hourly')
    expect((await schedule.explain()).code).toBe('REMOVED')
  })

  it('of a recipe that does not exist yet is taken, with a warning', async () => {
    const { schedules, warnings } = bench()
    const schedule = await schedules.add({ name: 'a', when: 'daily', recipe: 'later' })
    expect(warnings).toEqual(['the schedule "a" submits the recipe "later", which is not known here'])
    expect((await schedule.explain()).code).toBe('UNKNOWN_RECIPE')
  })
})

describe('schedules', () => {
  it('have names that are unique per owner, whoever is faster', async () => {
    const { schedules, hourly } = bench()
    const answers = await Promise.allSettled([schedules.add(hourly), schedules.add(hourly), schedules.add(hourly)])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
    const { id } = (await schedules.get('hourly')) ?? {}
    await expect(schedules.add(hourly)).rejects.toMatchObject({
      code: 'DUPLICATE_SCHEDULE',
      message: `a schedule named "hourly" already exists (id: ${id}); remove it first or choose a different name`,
    })
    await schedules.add({ ...hourly, owner: 'ada' })
    expect((await schedules.list()).map(({ owner }) => owner)).toEqual([undefined, 'ada'])
  })

  it('of another owner are not there', async () => {
    const { schedules, hourly } = bench()
    const { id } = await schedules.add({ ...hourly, owner: 'ada' })
    const eve = { owner: 'eve' }
    for (const name of ['hourly', id]) {
      expect([await schedules.get(name, eve), await schedules.remove(name, eve)]).toEqual([undefined, false])
      const refused = [
        schedules.update(name, { when: 'daily' }, eve),
        schedules.pause(name, eve),
        schedules.resume(name, eve),
        schedules.trigger(name, eve),
        schedules.history(name, eve),
        schedules.preview({ name, ...eve }),
      ]
      expect(await Promise.all(refused.map(codeOf))).toEqual(new Array(6).fill('NOT_FOUND'))
    }
    expect([await schedules.list(eve), await schedules.export(eve)]).toEqual([[], []])
    expect((await schedules.get('hourly', { owner: 'ada' }))?.id).toBe(id)
  })

  it('are paused, resumed and removed once', async () => {
    const { schedules, clock, hourly, runs } = bench()
    await schedules.add(hourly)
    expect([await schedules.pause('hourly'), await schedules.pause('hourly')]).toEqual([true, false])
    await clock.advance('5h')
    expect([await schedules.resume('hourly'), await schedules.resume('hourly')]).toEqual([true, false])
    await clock.advance('1h')
    expect(runs).toHaveLength(1)
    expect([await schedules.remove('hourly'), await schedules.remove('hourly')]).toEqual([true, false])
    await clock.advance('5h')
    expect(runs).toHaveLength(1)
    expect(await codeOf(schedules.pause('hourly'))).toBe('NOT_FOUND')
  })

  it('are updated in part; an interval keeps its anchor unless it is changed', async () => {
    const { schedules, clock, hourly } = bench()
    const schedule = await schedules.add(hourly)
    await clock.advance('30m')
    await schedules.update('hourly', { overlap: 'queue', input: { text: 'ho' } })
    expect(schedule).toMatchObject({ overlap: 'queue', input: { text: 'ho' }, next: new Date('2030-01-01T01:00Z') })
    await schedules.update('hourly', { when: 'every 2 hours' })
    expect(schedule.next).toEqual(new Date('2030-01-01T02:30Z'))
  })

  it('are triggered by hand, which uses up nothing', async () => {
    const { schedules, clock, hourly, runs } = bench()
    const schedule = await schedules.add({ ...hourly, maxRuns: 1 })
    const task = await schedules.trigger('hourly')
    expect(await clock.until(task.wait())).toBe('hourly')
    expect([schedule.runs, schedule.status]).toEqual([0, 'active'])
    await clock.advance('1h')
    expect([runs.length, schedule.status]).toEqual([2, 'exhausted'])
  })

  it('refuse a trigger while a task of theirs runs', async () => {
    const { schedules } = bench()
    await schedules.add({ name: 'a', when: 'daily', recipe: 'slow' })
    await schedules.trigger('a')
    expect(await codeOf(schedules.trigger('a'))).toBe('OVERLAP')
  })

  it('come out as they would be added, and go in again', async () => {
    const { schedules, hourly } = bench()
    await schedules.add({ ...hourly, submit: { timeout: '1m', tags: ['x'] }, metadata: { a: 1 }, enabled: false })
    await schedules.add({ name: 'say', when: 'tomorrow at 5pm', tz: 'Europe/Rome', message: 'hi', owner: 'ada' })
    const exported = await schedules.export()
    const other = bench()
    const copied = JSON.parse(JSON.stringify(exported)) as ScheduleOptions[]
    expect(await other.schedules.import(copied)).toEqual({ added: ['hourly', 'say'], updated: [], unchanged: [] })
    expect(await other.schedules.export()).toEqual(exported)
    expect(await other.schedules.import(copied)).toMatchObject({ unchanged: ['hourly', 'say'] })
  })

  it('are made what is declared, by its source alone', async () => {
    const { schedules, hourly } = bench()
    const daily = { ...hourly, name: 'daily', when: 'daily' }
    await schedules.add({ ...hourly, name: 'own' })
    expect(await schedules.sync([hourly, daily], { source: 'a' })).toMatchObject({ added: ['hourly', 'daily'] })
    await schedules.pause('hourly')
    expect(await schedules.sync([{ ...hourly, overlap: 'queue' }, daily], { source: 'a' })).toEqual({
      added: [],
      updated: ['hourly'],
      unchanged: ['daily'],
      removed: [],
    })
    expect((await schedules.get('hourly'))?.status).toBe('paused')
    expect((await schedules.sync([], { source: 'b', prune: true })).removed).toEqual([])
    expect(await codeOf(schedules.sync([hourly], { source: 'b' }))).toBe('DUPLICATE_SCHEDULE')
    expect((await schedules.sync([daily], { source: 'a', prune: true })).removed).toEqual(['hourly'])
    expect((await schedules.list()).map(({ name, source }) => [name, source])).toEqual([
      ['own', undefined],
      ['daily', 'a'],
    ])
  })

  it('are shown before they fire, with clashes and changes of clocks', async () => {
    const { schedules, hourly } = bench()
    const berlin = { ...hourly, when: 'every day at 9am', tz: 'Europe/Berlin' }
    await schedules.add({ ...berlin, name: 'a' })
    await schedules.add({ ...berlin, name: 'b', maxRuns: 1 })
    await schedules.add({ ...berlin, name: 'paused', enabled: false })
    expect(await schedules.preview({ next: 3 })).toMatchObject([
      { schedule: 'a', at: new Date('2030-01-01T08:00Z'), clash: 1 },
      { schedule: 'b', at: new Date('2030-01-01T08:00Z'), clash: 1 },
      { schedule: 'a', at: new Date('2030-01-02T08:00Z'), clash: 0 },
    ])
    const [before, on] = await schedules.preview({ name: 'a', from: new Date('2030-03-29T12:00Z'), next: 2 })
    expect([before?.note, on?.note]).toEqual([
      undefined,
      'DST: on this day the clocks of Europe/Berlin go from GMT+01:00 to GMT+02:00',
    ])
  })
})

describe('what is refused', () => {
  it.each([
    ['*/0m', 'INVALID_SCHEDULE'],
    ['every 0 minutes', 'INVALID_SCHEDULE'],
    ['in -5 minutes', 'INVALID_SCHEDULE'],
    ['at:garbage', 'INVALID_SCHEDULE'],
    ['cron:garbage', 'INVALID_SCHEDULE'],
    ['0 0 31 2 *', 'INVALID_SCHEDULE'],
    ['', 'INVALID_SCHEDULE'],
    ['x'.repeat(100_000), 'INVALID_SCHEDULE'],
    [Number.NaN, 'INVALID_SCHEDULE'],
    [-5, 'INVALID_SCHEDULE'],
    [undefined, 'INVALID_SCHEDULE'],
    [{}, 'INVALID_SCHEDULE'],
  ])('when: %j', async (when, code) => {
    const { schedules, hourly } = bench()
    expect(await codeOf(schedules.add({ ...hourly, when: when as string }))).toBe(code)
    expect(await schedules.list()).toEqual([])
  })

  it.each<[string, object, string]>([
    ['a zone that does not exist', { tz: 'Mars/Olympus' }, 'INVALID_SCHEDULE'],
    ['an empty name', { name: '' }, 'INVALID_OPTION'],
    ['a name with a control character', { name: 'a\0b' }, 'INVALID_OPTION'],
    ['a name of 64 KB', { name: 'n'.repeat(65_536) }, 'INVALID_OPTION'],
    ['a name that is none', { name: 5 }, 'INVALID_OPTION'],
    ['a recipe and a message', { message: 'hi' }, 'INVALID_OPTION'],
    ['neither', { recipe: undefined, input: undefined }, 'INVALID_OPTION'],
    ['a recipe of a strange name', { recipe: '../x' }, 'INVALID_OPTION'],
    ['an unknown option', { every: 5 }, 'UNKNOWN_OPTION'],
    ['an unknown misfire', { misfire: 'twice' }, 'INVALID_OPTION'],
    ['an unknown overlap', { overlap: 'both' }, 'INVALID_OPTION'],
    ['a jitter that is negative', { jitter: -1 }, 'INVALID_OPTION'],
    ['no runs', { maxRuns: 0 }, 'INVALID_OPTION'],
    ['half a run', { maxRuns: 1.5 }, 'INVALID_OPTION'],
    ['until yesterday', { until: '2029-12-31' }, 'INVALID_OPTION'],
    ['until whenever', { until: 'soon' }, 'INVALID_OPTION'],
    ['until an invalid Date', { until: new Date(Number.NaN) }, 'INVALID_OPTION'],
    ['metadata that is no object', { metadata: [1] }, 'INVALID_OPTION'],
    ['an option of submits that it does not take', { submit: { delay: 5 } }, 'UNKNOWN_OPTION'],
    ['a deadline that is no duration', { submit: { deadline: 'later' } }, 'INVALID_OPTION'],
    ['an input that is not JSON', { input: { n: 1n } }, 'INVALID_INPUT'],
  ])('%s', async (_what, more, code) => {
    const { schedules, hourly } = bench()
    expect(await codeOf(schedules.add({ ...hourly, ...more } as ScheduleOptions))).toBe(code)
  })

  it('nothing at all', async () => {
    const { schedules } = bench()
    expect(await codeOf(schedules.add(undefined as unknown as ScheduleOptions))).toMatch(/^(INVALID|UNKNOWN)_OPTION$/)
    expect(await codeOf(schedules.get(5 as unknown as string))).toBe('INVALID_OPTION')
    expect(await schedules.get('__proto__')).toBeUndefined()
  })
})
