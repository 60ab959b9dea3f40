import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import { FileStore } from '../../src/store/file/store.ts'

let dir = ''
const open: { runner: BackgroundRunner; store: FileStore }[] = []
let ran: number[] = []
let heard: () => void = () => {}

const tell = defineRecipe({
  name: 'tell',
  run: (_: undefined, { schedule }) => {
    ran.push(schedule?.scheduledAt.getTime() ?? 0)
    heard()
  },
})

/** A process of its own, as far as the store can tell. */
function enter(options: Partial<RunnerOptions> = {}): BackgroundRunner {
  const store = new FileStore({ dir })
  const runner = new BackgroundRunner({ store, recipes: [tell], ...options })
  open.push({ runner, store })
  return runner
}

const times = (count: number): Promise<void> =>
  new Promise((resolve) => {
    heard = () => {
      if (ran.length >= count) resolve()
    }
    heard()
  })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'offstage-schedules-'))
  ran = []
})

afterEach(async () => {
  for (const { runner, store } of open.splice(0)) {
    await runner.stop()
    await store.close()
  }
  await rm(dir, { recursive: true, force: true })
})

it('two processes on one folder fire each slot once, and the one goes on when the other has stopped', async () => {
  const [a, b] = [enter(), enter()]
  await a.schedules.add({ name: 'often', when: 1, recipe: tell })
  a.start()
  b.start()
  await times(2)
  await a.stop()
  await times(4)
  expect(new Set(ran).size).toBe(ran.length)
  expect(ran).toEqual([...ran].sort((one, other) => one - other))
  const schedule = await b.schedules.get('often')
  expect(schedule?.runs).toBeGreaterThanOrEqual(4)
  expect(schedule?.history.some(({ status }) => status === 'skipped')).toBe(false)
})

it('of two processes that add one name at the same moment, exactly one wins', async () => {
  const [a, b] = [enter({ work: false }), enter({ work: false })]
  const answers = await Promise.allSettled(
    [a, b, a, b].map((runner) => runner.schedules.add({ name: 'one', when: 'daily', recipe: tell })),
  )
  expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  for (const answer of answers)
    if (answer.status === 'rejected') expect(OffstageError.is(answer.reason, 'DUPLICATE_SCHEDULE')).toBe(true)
  expect(await b.schedules.list()).toHaveLength(1)
})

it('what one process changes, the other sees, and both can be late', async () => {
  const [a, b] = [enter({ work: false }), enter({ work: false })]
  await a.schedules.add({ name: 'one', when: 'daily', recipe: tell })
  const seen = await b.schedules.get('one')
  await b.schedules.pause('one')
  expect(await a.schedules.update('one', { when: 'hourly' })).toMatchObject({ when: 'hourly', status: 'paused' })
  expect((await b.schedules.get('one'))?.id).toBe(seen?.id)
  expect([await b.schedules.remove('one'), await a.schedules.remove('one')]).toEqual([true, false])
})

it('one pass fires what is due for workers to run, and leaves nothing behind', async () => {
  const cron = enter({ work: false })
  await cron.schedules.add({ name: 'soon', when: 1, recipe: tell, once: true })
  const { next } = await cron.schedules.tick()
  await new Promise((resolve) => setTimeout(resolve, (next?.getTime() ?? 0) - Date.now() + 5))
  expect(await cron.schedules.tick()).toMatchObject({ fired: 1, skipped: 0 })
  expect(ran).toEqual([])
  enter().start()
  await times(1)
  expect((await cron.schedules.get('soon'))?.status).toBe('exhausted')
})

it('nobody fires, and it says so, while no worker lives', async () => {
  const only = enter({ work: false })
  const schedule = await only.schedules.add({ name: 'one', when: 'daily', recipe: tell })
  expect((await schedule.explain()).code).toBe('NO_SCHEDULER')
})
