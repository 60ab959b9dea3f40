/** What users and models wrote is text in the page, whatever it looks like. */
import { describe, expect, it, onTestFinished } from 'vitest'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { look, settled, views, withBrowser } from './kit.ts'

withBrowser()

const evil = '<img src=x onerror="document.title=\'owned\'"></script><script>document.title="owned"</script>'
const links = 'javascript:document.title="owned"'

function runnerOf(): BackgroundRunner {
  const runner = new BackgroundRunner()
  onTestFinished(async () => {
    await runner.stop()
  })
  return runner
}

describe('hostile texts', () => {
  it('in names, logs, output, results, errors, tags and metadata are shown as they are, in every view', async () => {
    const runner = runnerOf()
    const task = runner.submit(
      ({ log, write, progress }) => {
        progress(0.5, evil)
        log.warn(evil, { evil, links })
        write(`${evil}\n\u001b[2J\u202e`)
        return { evil, svg: '<svg onload="document.title=\'owned\'"></svg>', links, large: 'x'.repeat(1_000_000) }
      },
      { id: 'evil', name: evil.slice(0, 190), tags: [evil.slice(0, 60)], metadata: { [evil]: links } },
    )
    await task.wait()
    const failing = runner.submit(() => Promise.reject(new Error(evil)), { id: 'failing', name: links })
    await failing.settled()
    const { page, goTo } = await look({ runner })
    for (const view of [...views, 'task?task=evil', 'task?task=failing']) {
      await goTo(`#/${view}${view.includes('?') ? '' : '?task=evil'}`)
      await page.locator('.stage').waitFor()
      await settled(page)
      expect(await page.locator('img, script[src], iframe, svg[onload], a[href]').count(), view).toBe(0)
      expect(await page.title(), view).not.toBe('owned')
      const wider = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
      expect(wider, `${view} is wider than the window`).toBeLessThanOrEqual(0)
    }
    await goTo('#/task?task=evil')
    await page.getByText('onerror').first().waitFor()
  })

  it('in the address choose nothing and run nothing', async () => {
    const { page, goTo } = await look({ runner: runnerOf() })
    for (const hash of [
      '#/chart?task=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E',
      '#/tasks?search=%3Cscript%3E',
      '#/nonsense?at=-1&x=y',
      '#/tasks?from=1e400&size=NaN',
    ]) {
      await goTo(hash)
      await page.locator('.stage').waitFor()
    }
    expect(await page.title()).not.toBe('owned')
  })
})
