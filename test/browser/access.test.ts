/** The page for everybody: no serious fault that axe finds, in both themes, wide and narrow. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createActor, setup } from 'xstate'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { look, root, settled, views, withBrowser } from './kit.ts'

withBrowser()

const axe = readFileSync(join(root, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8')

interface Finding {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

async function busyRunner(): Promise<BackgroundRunner> {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 3 })
  onTestFinished(async () => {
    await runner.stop()
  })
  runner.submit(
    async ({ progress, log, sleep }) => {
      progress(0.4, 'reading')
      log.info('read a page', { page: 1 })
      await sleep('1h')
    },
    { id: 'chosen', name: 'chosen', tags: ['demo'] },
  )
  for (let i = 0; i < 12; i += 1) {
    const run = (): number => {
      if (i % 3 === 0) throw new Error('broken')
      return i
    }
    await runner.submit(run, { name: `task ${i}` }).settled()
  }
  await runner.submit(({ sleep }) => sleep('1h'), { name: 'cancelled' }).cancel('no')
  await runner.schedules.add({ name: 'nightly', when: 'every day at 2am', message: 'wake up' })
  return runner
}

describe.each([
  ['light', 1280, 800],
  ['dark', 1280, 800],
  ['light', 390, 844],
  ['dark', 390, 844],
] as const)('%s, %i × %i', (colorScheme, width, height) => {
  it('has no serious fault in any view', { timeout: 120_000 }, async () => {
    const runner = await busyRunner()
    const { page, goTo } = await look(
      { runner, allowActions: true },
      { colorScheme, viewport: { width, height }, reducedMotion: 'reduce' },
    )
    // not as an element: the policy of the page would keep it out
    await page.evaluate(axe)
    const found: string[] = []
    for (const view of [...views, 'task?task=chosen', 'tasks?task=chosen', 'chart?at=5']) {
      await goTo(`#/${view}`)
      await settled(page)
      const { violations } = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
        violations: Finding[]
      }
      for (const { id, impact, nodes } of violations) {
        if (impact === 'serious' || impact === 'critical')
          found.push(`${view}: ${id}: ${nodes[0]?.html}: ${nodes[0]?.failureSummary}`)
      }
      const wide = Number(
        await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
      )
      if (wide > 0) found.push(`${view} is ${wide} px wider than the window`)
    }
    expect(found).toEqual([])
  })
})

describe('by the keyboard alone', () => {
  it('views are chosen, a task is found, opened, walked through and closed', async () => {
    const runner = await busyRunner()
    const { page } = await look({ runner })
    await page.keyboard.press('2')
    await page.locator('.tasks-pane').waitFor()
    await page.keyboard.press('/')
    await page.locator('#search:focus').waitFor()
    await page.keyboard.type('chosen')
    await page.getByText('reading').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.task-list').focus()
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    await page.keyboard.press('Enter')
    await page.locator('.beside .task-title, .task-pane .task-title').first().waitFor()
    await page.keyboard.press('Escape')
    await page.locator('.beside').waitFor({ state: 'detached' })
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.keyboard.press('1')
    await page.locator('.chart-pane').waitFor()
    await page.keyboard.press('[')
    await page.getByText('looking at the past').waitFor()
    await page.keyboard.press(' ')
    await page.getByText('looking at the past').waitFor({ state: 'detached' })
  })
})

describe("a user's own actors", () => {
  it('appear beside the tasks, with their charts, those beyond our subset too', async () => {
    const runner = await busyRunner()
    const { inspector, page, goTo } = await look({ runner })
    const machine = setup({}).createMachine({
      id: 'player',
      type: 'parallel',
      states: {
        sound: { initial: 'loud', states: { loud: { on: { mute: 'silent' } }, silent: { after: { 60000: 'loud' } } } },
        tape: {
          initial: 'stopped',
          states: { stopped: { on: { play: 'playing' } }, playing: { on: { stop: 'stopped' } } },
        },
      },
    })
    const actor = createActor(machine, { id: 'my player', inspect: inspector.inspect }).start()
    onTestFinished(() => {
      actor.stop()
    })
    await goTo('#/actors')
    await page.getByText('my player').first().click()
    await page.locator('[data-state="sound.loud"]').waitFor()
    actor.send({ type: 'mute' })
    await page.getByText('mute').first().waitFor()
    await page
      .locator('.chart-node.chosen[data-state="sound.silent"], .active[data-state="sound.silent"]')
      .first()
      .waitFor()
  })
})
