import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findingsOfSchedules } from '../../src/cli/commands/schedule-doctor.ts'
import { BackgroundRunner, FileStore, type RunnerOptions } from '../../src/index.ts'

const twice = { name: 'twice', run: async (n: number) => n * 2 }

function place(options: RunnerOptions = {}): BackgroundRunner {
  const path = mkdtempSync(join(tmpdir(), 'offstage-doctor-'))
  const store = new FileStore({ dir: join(path, 'store') })
  const runner = new BackgroundRunner({ store, recipes: [twice], handleSignals: false, ...options })
  onTestFinished(async () => {
    await runner.stop()
    await store.close()
    rmSync(path, { recursive: true, force: true, maxRetries: 3 })
  })
  return runner
}

it('says nothing where there are no schedules', async () => {
  expect(await findingsOfSchedules(place({ work: false }))).toEqual([])
})

it('says once that no worker is alive', async () => {
  const runner = place({ work: false })
  for (const name of ['a', 'b']) await runner.schedules.add({ name, when: '1h', recipe: 'twice', input: 1 })
  await runner.schedules.pause('b')
  expect(await findingsOfSchedules(runner)).toEqual([
    {
      what: 'schedules',
      state: 'note',
      says: expect.stringMatching(/^2: 1 active, 1 paused, 0 exhausted; no worker is alive .*offstage work$/),
    },
  ])
})

it('tells which schedule submits what no worker knows, and is content with the others', async () => {
  const runner = place()
  runner.start()
  await runner.schedules.add({ name: 'good', when: '1h', recipe: 'twice', input: 1 })
  await runner.schedules.add({ name: 'bad', when: '1h', recipe: 'later' })
  expect(await findingsOfSchedules(runner)).toEqual([
    { what: 'schedules', state: 'ok', says: '2: 2 active, 0 paused, 0 exhausted' },
    {
      what: 'schedule',
      state: 'note',
      says: expect.stringMatching(/^bad: .* no living worker knows the recipe "later"/),
    },
  ])
})

it('tells at most twenty, and how many more there are', async () => {
  const runner = place()
  runner.start()
  const all = Array.from({ length: 23 }, (_, i) => ({ name: `s${i}`, when: '1h', recipe: 'later' }))
  await runner.schedules.import(all)
  const found = await findingsOfSchedules(runner)
  expect(found).toHaveLength(1 + 20 + 1)
  expect(found.at(-1)?.says).toMatch(/^3 schedules more/)
})
