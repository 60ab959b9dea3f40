/** Opens the real page of a real inspector in the system's browser. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, onTestFinished, vi } from 'vitest'
import { createInspector, type Inspector } from '../../src/inspect/inspector.ts'
import type { InspectorOptions } from '../../src/inspect/inspector-options.ts'
import type { Frame, Hello } from '../../src/inspect/protocol.ts'

export const root = fileURLToPath(new URL('../..', import.meta.url))
const run = promisify(execFile)
let browser: Browser | undefined

/** Those that the tabs lead to. */
export const views = ['chart', 'tasks', 'timeline', 'sequence', 'schedules', 'actors'] as const

/** The one that the gate has looked for, or installed. */
async function browserPath(): Promise<string> {
  const finder = pathToFileURL(join(root, 'scripts', 'lib', 'chromium.mjs'))
  const { chromiumPath } = (await import(finder.href)) as { chromiumPath(): string | undefined }
  const found = chromiumPath()
  if (found === undefined) throw new Error('there is no Chromium: install the package chromium, or set CHROME_PATH')
  return found
}

/** Builds the page from the sources at hand, and starts a browser for the tests of a file. */
export function withBrowser(): void {
  vi.setConfig({ testTimeout: 120_000 })
  beforeAll(async () => {
    await run(process.execPath, [join(root, 'scripts', 'lib', 'page.mjs')])
    // as root there is no sandbox to be had
    browser = await chromium.launch({
      executablePath: await browserPath(),
      args: ['--no-sandbox', '--disable-dev-shm-usage'],
    })
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
  })
}

/** A page that looks at something, and what it did. */
export interface Looking {
  readonly inspector: Inspector
  readonly page: Page
  /** Every request that left the page. */
  readonly requests: string[]
  /** What the browser complained about: errors, and breaches of the policy. */
  readonly complaints: string[]
  /** Of one status, as the header shows it. */
  count(status: string): Promise<number>
  /** Tasks in a state, as the chart shows it. */
  onChart(state: string): Promise<number>
  goTo(hash: string): Promise<void>
}

const desktop: BrowserContextOptions = { viewport: { width: 1280, height: 800 } }

/** Opens the page of an inspector. What it complains about, and whom it asks besides the inspector, fails the test. */
export async function look(options: InspectorOptions, context: BrowserContextOptions = desktop): Promise<Looking> {
  if (browser === undefined) throw new Error('withBrowser() must stand in the file')
  const inspector = createInspector(options)
  const { url, port } = await inspector.listen()
  const tab = await browser.newContext(context)
  const page = await tab.newPage()
  // a bound for what hangs: machines may be busy
  page.setDefaultTimeout(40_000)
  const requests: string[] = []
  const complaints: string[] = []
  page.on('request', (request) => requests.push(request.url()))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  onTestFinished(async () => {
    await tab.close()
    await inspector.close()
    expect(
      requests.filter((each) => !each.startsWith(`http://127.0.0.1:${port}/`) && !each.startsWith('data:')),
    ).toEqual([])
    expect(complaints).toEqual([])
  })
  await page.goto(url)
  await page.locator('[data-status]').first().waitFor()
  return {
    inspector,
    page,
    requests,
    complaints,
    count: async (status) => numberIn(await page.locator(`[data-status=${status}]`).textContent()),
    onChart: async (state) => Number(await page.locator(`[data-state="${state}"]`).getAttribute('data-count')),
    goTo: (hash) => page.goto(new URL(hash, page.url()).href).then(() => {}),
  }
}

const numberIn = (text: string | null): number => Number((text ?? '').replace(/\D/g, ''))

/** Waits until nothing is on its way any more. */
export async function settled(page: Page): Promise<void> {
  await expect
    .poll(() => page.locator('body').innerText(), { timeout: 40_000, interval: 50 })
    .not.toMatch(/Loading|Laying out|Connecting/)
}

/** What the page counts for tests. */
export function counters(page: Page): Promise<{ folded: number; frames: number; bytes: number }> {
  return page.evaluate(() => ({
    ...(globalThis as unknown as { __offstage: { folded: number; frames: number; bytes: number } }).__offstage,
  }))
}

/** Waits until the page shows it. */
export async function shows<T>(read: () => Promise<T>, expected: T): Promise<void> {
  await expect.poll(read, { timeout: 40_000, interval: 50 }).toEqual(expected)
}

export type { Frame, Hello }
