/** Time travel: an earlier moment shows what was true then, as a fold of the journal up to there says it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { counters, look, shows, withBrowser } from './kit.ts'

withBrowser()

const work = defineRecipe({
  name: 'work',
  retry: { attempts: 2, minDelay: 20 },
  run: async ({ n }: { n: number }, { progress, sleep }) => {
    await sleep(10)
    progress(0.5, `half of ${n}`)
    await sleep(10)
    if (n % 4 === 3) throw new Error('it never works')
    return n
  },
})

/** A store in which forty tasks have lived and died, and what its journal says after each of its records. */
async function lived() {
  const dir = mkdtempSync(join(tmpdir(), 'offstage-travel-'))
  const store = new FileStore(join(dir, 'store'))
  const runner = new BackgroundRunner({ store, recipes: [work], maxConcurrentTasks: 4 })
  onTestFinished(async () => {
    await runner.stop()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
  for (let n = 0; n < 40; n += 1) await runner.submitRecipe(work, { n }, { id: `t${n}`, name: `task ${n}` })
  await (await runner.get('t20'))?.cancel('in the middle')
  await runner.onIdle()
  /** By position of the recording: every change that a record made is one, and so is a record that made none. */
  const moments: { readonly time: number; readonly counts: Readonly<Record<string, number>> }[] = [
    { time: 0, counts: {} },
  ]
  const state = emptyStore()
  let time = 0
  for await (const step of store.history()) {
    if (step.type !== 'record') continue
    const { changes, accepted } = foldStore(state, step.record)
    time = Math.max(time, step.record.at)
    const counts: Record<string, number> = {}
    for (const task of state.tasks.values()) counts[task.state] = (counts[task.state] ?? 0) + 1
    for (let i = 0; i < Math.max(accepted ? 0 : 1, changes.length); i += 1) moments.push({ time, counts })
  }
  return { runner, store, moments }
}

describe('the slider', () => {
  it('shows the counts of any earlier moment, everywhere, and goes back to live', async () => {
    const { runner, store, moments } = await lived()
    const { page, onChart, count, goTo } = await look({ runner })
    await page
      .getByText(/whole journal|very beginning/i)
      .first()
      .waitFor()
    const slider = page.getByRole('slider', { name: /moment/i })
    expect(Number(await slider.getAttribute('max'))).toBe(moments.length - 1)
    for (const part of [0.15, 0.4, 0.75]) {
      const at = Math.floor((moments.length - 1) * part)
      const then = moments[at] as (typeof moments)[number]
      await goTo(`#/chart?at=${at}`)
      await page.getByText('looking at the past').waitFor()
      for (const state of [
        'pending.queued',
        'pending.delayed',
        'running.executing',
        'completed',
        'failed',
        'cancelled',
      ]) {
        await shows(() => onChart(state), then.counts[state] ?? 0)
      }
      await shows(() => count('completed'), then.counts.completed ?? 0)
      const shown = await page.locator('.travel time, footer time').first().getAttribute('datetime')
      expect(Date.parse(shown ?? '')).toBe(then.time)
    }
    const half = Math.floor(moments.length / 2)
    const done = moments[half]?.counts.completed ?? 0
    await goTo(`#/tasks?at=${half}&status=completed`)
    await shows(() => page.locator('.task-all .task-row').count(), Math.min(done, 80))
    await page.keyboard.press('Space')
    await shows(() => count('completed'), moments.at(-1)?.counts.completed ?? 0)
    expect(await page.getByText('looking at the past').count()).toBe(0)
    expect(store.counts.running).toBe(0)
  })

  it('folds fewer events of the chosen task, and runs nothing again', async () => {
    const { runner, moments } = await lived()
    const { page, goTo } = await look({ runner })
    await goTo('#/task?task=t5')
    await page.locator('.task-title .badge.status-completed').waitFor()
    const steps = page.locator('.step-row')
    await shows(() => steps.count(), 4)
    const folded = (await counters(page)).folded
    expect(folded).toBe(4)
    await page.locator('.step-row').nth(1).click()
    await page.getByText('step 2 of 4').first().waitFor()
    expect((await counters(page)).folded).toBe(folded)
    expect(await page.locator('.mismatch').count()).toBe(0)
    await goTo(`#/task?task=t5&at=1`)
    await page.getByText('looking at the past').waitFor()
    expect(moments[1]?.counts).toEqual({ 'pending.queued': 1 })
    await page.keyboard.press('Space')
    await page.locator('.task-title .badge.status-completed').waitFor()
  })
})
