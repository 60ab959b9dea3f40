/** The page beside real runs: what happens is seen as it happens. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { counters, look, shows, withBrowser } from './kit.ts'

withBrowser()

function runnerOf(options: ConstructorParameters<typeof BackgroundRunner>[0] = {}): BackgroundRunner {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 2, ...options })
  onTestFinished(async () => {
    await runner.stop()
  })
  return runner
}

/** A promise, and what settles it. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}

describe('the chart', () => {
  it('shows tasks go through their states, live', async () => {
    const runner = runnerOf()
    const { onChart, count } = await look({ runner })
    const gates = [gate(), gate(), gate()]
    const tasks = gates.map(({ opened }, i) => runner.submit(() => opened, { name: `task ${i}` }))
    await shows(() => onChart('running.executing'), 2)
    await shows(() => onChart('pending.queued'), 1)
    await shows(() => onChart('running'), 2)
    gates[0]?.open()
    await shows(() => onChart('completed'), 1)
    await shows(() => onChart('pending.queued'), 0)
    gates[1]?.open()
    gates[2]?.open()
    await Promise.all(tasks.map((task) => task.wait()))
    await shows(() => onChart('completed'), 3)
    await shows(() => onChart('running'), 0)
    await shows(() => count('completed'), 3)
  })

  it('shows a cancelled task as such, and what it says about it', async () => {
    const runner = runnerOf()
    const { page, onChart, goTo } = await look({ runner })
    const task = runner.submit(({ sleep }) => sleep('1h'), { id: 'endless', name: 'endless' })
    await goTo('#/chart?task=endless')
    await shows(() => onChart('running.executing'), 1)
    await page.locator('.chart-node.chosen[data-state="running.executing"]').waitFor()
    await task.cancel('not needed any more')
    await shows(() => onChart('cancelled'), 1)
    await page.locator('.chart-node.chosen[data-state="cancelled"]').waitFor()
    await page.getByText('not needed any more').first().waitFor()
  })

  it('draws every chart, with every state of the machine', async () => {
    const { page } = await look({ runner: runnerOf() })
    for (const [name, states] of [
      ['runner', ['accepting.active', 'draining', 'stopped']],
      ['schedule', ['live.active', 'live.paused', 'exhausted', 'removed']],
      ['scheduler', ['waiting', 'ticking']],
      ['worker', ['alive.ready', 'lost']],
      ['task', ['pending.blocked', 'running.stopping.timeout']],
    ] as const) {
      await page
        .locator('.chart-pane')
        .getByRole('button', { name: new RegExp(`\\b${name}$`, 'i') })
        .click()
      for (const state of states) await page.locator(`[data-state="${state}"]`).waitFor()
    }
  })
})

describe('the chosen task', () => {
  it('is folded in the page, each event once, while it goes on', async () => {
    const runner = runnerOf()
    const { page, goTo } = await look({ runner })
    const more = gate()
    const task = runner.submit(
      async ({ progress, log, sleep }) => {
        log.info('begun <b>not bold</b>')
        for (let i = 1; i <= 20; i += 1) {
          progress(i / 40, `part ${i}`)
          await sleep(5)
        }
        await more.opened
        for (let i = 21; i <= 40; i += 1) progress(i / 40, `part ${i}`)
        return { answer: 42 }
      },
      { id: 'folded', name: 'folded' },
    )
    await goTo('#/task?task=folded')
    await page.getByText('part 20').first().waitFor()
    await page.getByText('begun <b>not bold</b>').waitFor()
    const half = (await counters(page)).folded
    expect(half).toBeGreaterThanOrEqual(1)
    more.open()
    await task.wait()
    await page.locator('.task-title .badge.status-completed').first().waitFor()
    // submit, start, 40 times progress, complete; a page that came late began with a snapshot
    await shows(async () => (await counters(page)).folded <= 43, true)
    expect((await counters(page)).folded).toBeGreaterThan(half)
    await page.getByText('42').first().waitFor()
  })
})

describe('actions', () => {
  it('cancel, retry and answer through the page where they are allowed', async () => {
    const runner = runnerOf()
    const { page, goTo } = await look({ runner, allowActions: true })
    const asking = runner.submit(({ ask }) => ask('Deploy it?'), { id: 'asking', name: 'asking' })
    await goTo('#/task?task=asking')
    await page.getByText('Deploy it?').first().waitFor()
    await page.getByLabel('Answer to ask 1').fill('"yes"')
    await page
      .getByRole('button', { name: /answer/i })
      .first()
      .click()
    expect(await asking.wait()).toBe('yes')
    const endless = runner.submit(({ sleep }) => sleep('1h'), { id: 'endless', name: 'endless' })
    await goTo('#/task?task=endless')
    await page.locator('.task-title .badge.status-running').first().waitFor()
    await page.getByRole('button', { name: 'Cancel…' }).click()
    await page.getByLabel('Reason, if you like').fill('seen on the page')
    await page.getByRole('button', { name: 'Cancel the task' }).click()
    await shows(async () => (await endless.settled())?.ok, false)
    expect(endless.outcome).toMatchObject({ status: 'cancelled', reason: 'seen on the page' })
  })

  it('are not there where they are not allowed', async () => {
    const runner = runnerOf()
    const { page, goTo } = await look({ runner })
    runner.submit(({ sleep }) => sleep('1h'), { id: 'endless', name: 'endless' })
    await goTo('#/task?task=endless')
    await page.locator('.task-title .badge.status-running').first().waitFor()
    expect(await page.getByRole('button', { name: 'Cancel…' }).count()).toBe(0)
  })
})
