/**
 * Pictures of the page while the demo runs. The gate takes them to see that each view shows something;
 * OFFSTAGE_SCREENSHOTS=1 puts them into docs/images, where README and docs show them.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { FileStore } from '../../src/store/file/store.ts'
import { look, root, settled, shows, withBrowser } from './kit.ts'

withBrowser()

const program = join(root, '.build', 'examples', 'demo', 'main.js')
const keep = process.env['OFFSTAGE_SCREENSHOTS'] === '1'
const folder = keep ? join(root, 'docs', 'images') : join(root, '.build', `screenshots-${process.pid}`)

/** Begins the demo; resolves with the folder of its store. */
function demo(): Promise<{ readonly dir: string; readonly ended: Promise<number | null> }> {
  const child = spawn(process.execPath, [program, ...(keep ? [] : ['docs'])], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [, dir] = /the store is (\S+)/.exec(said) ?? []
      if (dir !== undefined) resolve({ dir, ended })
    })
    void ended.then(() => reject(new Error(`the demo ended at once:\n${said}`)))
  })
}

it('every view shows the demo, in light and dark, wide and narrow', { timeout: 120_000 }, async () => {
  if (!existsSync(program))
    throw new Error('the demo is not compiled: npm test does so, or node scripts/run.mjs examples')
  mkdirSync(folder, { recursive: true })
  if (!keep) onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { dir } = await demo()
  const store = new FileStore({ dir, readOnly: true })
  onTestFinished(() => store.close())
  await expect
    .poll(async () => (await store.list({ limit: 1 }).catch(() => ({ tasks: [] }))).tasks.length, { timeout: 20_000 })
    .toBe(1)
  const { page, goTo, onChart } = await look(
    { store },
    { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  )
  const take = async (name: string): Promise<void> => {
    await settled(page)
    const path = join(folder, `${name}.png`)
    await page.screenshot({ path, animations: 'disabled' })
    // an empty page is a few kilobytes
    expect(statSync(path).size, name).toBeGreaterThan(15_000)
  }
  await shows(async () => (await onChart('completed')) > 3, true)
  // a picture of work, and not of its end; the gate's demo is over sooner
  if (keep) await shows(async () => (await onChart('running.executing')) > 1, true)
  await take('chart')
  await goTo('#/tasks')
  await page.locator('.task-list').waitFor()
  await page.locator('.task-all .task-row').nth(2).click()
  await page.locator('.beside .step-row').first().waitFor()
  await take('tasks')
  await goTo('#/timeline')
  await page.locator('.bar, .plot').first().waitFor()
  await take('timeline')
  await goTo('#/sequence')
  await page.locator('.message').first().waitFor()
  await take('sequence')
  await goTo('#/schedules')
  await page.getByText('beat').first().waitFor()
  await take('schedules')
  await page.emulateMedia({ colorScheme: 'dark' })
  await goTo('#/chart')
  await page.locator('[data-state="completed"]').waitFor()
  await take('chart-dark')
  await page.setViewportSize({ width: 390, height: 844 })
  await goTo('#/tasks')
  await page.locator('.task-list').waitFor()
  await take('tasks-narrow')
})
