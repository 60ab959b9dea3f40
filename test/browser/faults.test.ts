/** What the page says when something is wrong: damaged lines, a newer server, a store that is taken away, a server that is gone. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { protocolVersion } from '../../src/inspect/protocol.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { look, shows, withBrowser } from './kit.ts'

withBrowser()

const done = defineRecipe({ name: 'done', run: () => 'done' })

async function stored(): Promise<{ readonly dir: string; readonly store: FileStore }> {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-faults-'))
  const dir = join(folder, 'store')
  const store = new FileStore(dir)
  const runner = new BackgroundRunner({ store, recipes: [done] })
  onTestFinished(async () => {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  })
  for (let i = 0; i < 5; i += 1) await (await runner.submitRecipe(done)).wait()
  await runner.stop()
  return { dir, store }
}

it('damaged lines of a journal are said, and all else is shown', async () => {
  const { dir, store } = await stored()
  appendFileSync(join(dir, 'journal', '00000001.jsonl'), '\n00000000 {"type":"torn\nnonsense\n')
  const { page, count } = await look({ store })
  await shows(() => count('completed'), 5)
  await page
    .getByText(/2 damaged lines/)
    .first()
    .waitFor()
})

it('a server that speaks a newer protocol is not misread', async () => {
  const runner = new BackgroundRunner()
  onTestFinished(async () => {
    await runner.stop()
  })
  const { page } = await look({ runner })
  const hello = { type: 'hello', protocol: protocolVersion + 1, version: '9', store: 'x', actions: false, charts: [] }
  await page.route('**/events*', (route) =>
    route.fulfill({ contentType: 'text/event-stream', body: `event: hello\ndata: ${JSON.stringify(hello)}\n\n` }),
  )
  await page.reload()
  await page
    .getByText(/reload the page/i)
    .first()
    .waitFor()
})

it('a store that is taken away is told', async () => {
  const { dir, store } = await stored()
  const { page, count } = await look({ store })
  await shows(() => count('completed'), 5)
  rmSync(dir, { recursive: true, force: true })
  await page.locator('.line-gone, .line.gone, [class*=gone]').first().waitFor()
})

it('a server that is gone is said, and the page goes on once it is back', async () => {
  const runner = new BackgroundRunner()
  onTestFinished(async () => {
    await runner.stop()
  })
  const { page, complaints, count } = await look({ runner })
  await page.context().setOffline(true)
  await page.route('**/events*', (route) => route.abort())
  await page.reload().catch(() => {})
  await page.context().setOffline(false)
  await page.unroute('**/events*')
  await page.reload()
  await runner.submit(() => 1).wait()
  await shows(() => count('completed'), 1)
  // a browser says itself that it could not load something
  complaints.length = 0
  expect(await page.title()).toContain('Offstage')
})
