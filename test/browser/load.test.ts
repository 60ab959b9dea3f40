/** A large and busy store: what the page gets, holds and does is bounded. The speed of it is printed by a benchmark. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { framesPerSecond } from '../../src/inspect/protocol.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { counters, look, shows, withBrowser } from './kit.ts'

withBrowser()

const later = defineRecipe({ name: 'later', run: () => 'later' })
const tick = defineRecipe({ name: 'tick', run: () => 1 })
const tasks = 100_000
/** Events a second: each tick is submitted, started and completed. */
const wanted = 5_000

it(`shows ${tasks} tasks while ${wanted} events a second come in`, { timeout: 240_000 }, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'offstage-load-'))
  const store = new FileStore({ dir: join(dir, 'store'), durability: 'os' })
  const runner = new BackgroundRunner({ store, recipes: [later, tick], maxConcurrentTasks: 50 })
  onTestFinished(async () => {
    await runner.stop()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  const delayed = { delay: '1h' } as const
  for (let from = 0; from < tasks; from += 10_000) {
    await runner.submitMany(
      Array.from({ length: 10_000 }, (_, i) => ({ recipe: later, options: { ...delayed, name: `later ${from + i}` } })),
    )
  }
  const chosen = await runner.submitRecipe(later, undefined, { id: 'chosen', delay: '1h' })
  const { page, goTo, count } = await look({ runner })
  await shows(() => count('pending'), tasks + 1)
  await goTo('#/tasks?task=chosen')
  await page.locator('.step-row').first().waitFor()
  const rows = (): Promise<number> => page.locator('.task-list [role=row]').count()
  await shows(async () => (await rows()) > 5, true)
  expect(await rows()).toBeLessThanOrEqual(100)

  const before = await counters(page)
  const began = performance.now()
  const until = began + 3_000
  let sent = 0
  while (performance.now() < until) {
    await runner.submitMany(Array.from({ length: 100 }, () => ({ recipe: tick })))
    sent += 300
    const ahead = began + (sent / wanted) * 1_000 - performance.now()
    if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead))
  }
  const seconds = (performance.now() - began) / 1_000
  const after = await counters(page)
  console.log(
    `${Math.round(sent / seconds)} events a second for ${seconds.toFixed(1)} s: ${after.frames - before.frames} messages, ` +
      `${Math.round((after.bytes - before.bytes) / 1024)} KiB, ${await rows()} rows`,
  )
  // two streams: the list, and the chosen task, to which nothing happens
  expect((after.frames - before.frames) / seconds).toBeLessThanOrEqual(2 * Math.min(framesPerSecond, 10))
  // what comes does not grow with what happens
  expect((after.bytes - before.bytes) / (after.frames - before.frames)).toBeLessThan(120_000)
  expect(await rows()).toBeLessThanOrEqual(100)
  expect(after.folded).toBe(before.folded)

  await page
    .getByRole('textbox', { name: /search/i })
    .or(page.getByRole('searchbox'))
    .first()
    .fill('later 99999')
  await shows(async () => (await page.getByText('later 99999').count()) > 0, true)
  await chosen.cancel('seen')
  await page.locator('.beside .badge.status-cancelled').first().waitFor()
  expect((await counters(page)).folded).toBe(before.folded + 1)
})
