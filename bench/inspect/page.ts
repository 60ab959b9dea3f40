/** @module The page over a store of 100,000 tasks into which 5,000 events a second come, in the system's browser. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { BackgroundRunner, defineRecipe, FileStore } from 'offstage'
import { createInspector } from 'offstage/inspect'
import { type Browser, chromium, type Page } from 'playwright-core'
import { remove, temporary } from '../lib/folder.ts'

const tasks = 100_000
const wanted = 5_000
const loads = 5
const scrolledFor = 4_000

/** In ms, but for the frames in a second. */
export interface PageFigures {
  /** From the request to the first contentful paint, and to the counts of all tasks; of each load. */
  readonly paints: readonly number[]
  readonly counts: readonly number[]
  /** While the list is scrolled under load. */
  readonly framesPerSecond: number
  /** Of the main thread: as the page is loaded, and while it is scrolled under load. */
  readonly longestLoading: number
  readonly longestScrolling: number
  readonly eventsPerSecond: number
  readonly kilobytesPerSecond: number
}

/** The browser that the tests open; undefined without one. */
export async function browserPath(): Promise<string | undefined> {
  const finder = new URL('../../../scripts/lib/chromium.mjs', import.meta.url)
  const { chromiumPath } = (await import(finder.href)) as { chromiumPath(): string | undefined }
  return chromiumPath()
}

const later = defineRecipe({ name: 'later', run: () => 'later' })
const tick = defineRecipe({ name: 'tick', run: () => 1 })

export async function measurePage(executablePath: string): Promise<PageFigures> {
  const folder = temporary('inspect')
  const store = new FileStore({ dir: join(folder, 'store'), durability: 'os' })
  const runner = new BackgroundRunner({ store, recipes: [later, tick], maxConcurrentTasks: 50, keepFinished: 1_000 })
  for (let from = 0; from < tasks; from += 10_000) {
    const options = (i: number) => ({ delay: '1h', name: `later ${from + i}` }) as const
    await runner.submitMany(Array.from({ length: 10_000 }, (_, i) => ({ recipe: later, options: options(i) })))
  }
  const inspector = createInspector({ runner })
  const { url } = await inspector.listen()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  try {
    return await measured(browser, url, runner)
  } finally {
    await browser.close()
    await inspector.close()
    await runner.stop()
    await store.close()
    remove(folder)
  }
}

/** Notes long tasks of the main thread before the page begins. */
const watch = `globalThis.longest = 0; new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) globalThis.longest = Math.max(globalThis.longest, duration)
}).observe({ type: 'longtask', buffered: true })`
const longestOf = (page: Page): Promise<number> => page.evaluate('globalThis.longest')

async function opened(browser: Browser, url: string): Promise<{ page: Page; paint: number; counted: number }> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage()
  await page.addInitScript(watch)
  const began = performance.now()
  await page.goto(url)
  const all = tasks.toLocaleString('en')
  await page.locator('[data-status=pending]', { hasText: all }).waitFor()
  const counted = performance.now() - began
  const paint = await page.evaluate('performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? NaN')
  return { page, paint: Number(paint), counted }
}

async function measured(browser: Browser, url: string, runner: BackgroundRunner): Promise<PageFigures> {
  const paints: number[] = []
  const counts: number[] = []
  let longestLoading = 0
  for (let i = 0; i < loads; i += 1) {
    const { page, paint, counted } = await opened(browser, url)
    paints.push(paint)
    counts.push(counted)
    longestLoading = Math.max(longestLoading, await longestOf(page))
    await page.context().close()
  }
  const { page } = await opened(browser, url)
  await page.goto(new URL('#/tasks', page.url()).href)
  await page.locator('.task-list').waitFor()
  await sleep(500)
  const before = await bytesOf(page)
  await page.evaluate('globalThis.longest = 0')
  const load = busy(runner, scrolledFor)
  const frames = Number(await page.evaluate(scroll))
  const events = await load
  const after = await bytesOf(page)
  return {
    paints,
    counts,
    framesPerSecond: (frames / scrolledFor) * 1_000,
    longestLoading,
    longestScrolling: await longestOf(page),
    eventsPerSecond: events,
    kilobytesPerSecond: (after - before) / scrolledFor,
  }
}

const bytesOf = (page: Page): Promise<number> => page.evaluate('globalThis.__offstage.bytes')

/** Scrolls the list down and counts what was drawn. */
const scroll = `new Promise((resolve) => {
  const list = document.querySelector('.task-list')
  const began = performance.now()
  let frames = 0
  const draw = (now) => {
    frames += 1
    list.scrollTop = (list.scrollTop + 90) % (list.scrollHeight - list.clientHeight)
    if (now - began < ${scrolledFor}) requestAnimationFrame(draw)
    else resolve(frames)
  }
  requestAnimationFrame(draw)
})`

/** Makes events for so long; answers with how many a second. */
async function busy(runner: BackgroundRunner, ms: number): Promise<number> {
  const began = performance.now()
  let events = 0
  while (performance.now() - began < ms) {
    await runner.submitMany(Array.from({ length: 100 }, () => ({ recipe: tick })))
    // each is submitted, started and completed
    events += 300
    const ahead = (events / wanted) * 1_000 - (performance.now() - began)
    if (ahead > 0) await sleep(ahead)
  }
  return (events / (performance.now() - began)) * 1_000
}
