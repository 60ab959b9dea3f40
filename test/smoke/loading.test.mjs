/** @module What `import 'offstage'` loads, and that it leaves nothing behind. Each look is a fresh process. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const here = import.meta.dirname
const look = `
import { Session } from 'node:inspector'
const session = new Session()
session.connect()
const urls = []
session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url))
session.post('Debugger.enable')
urls.length = 0
const before = process.getActiveResourcesInfo().sort()
await import('offstage')
const after = process.getActiveResourcesInfo().sort()
session.disconnect()
console.log(JSON.stringify({ urls: urls.filter((url) => url.includes('/node_modules/')), before, after }))
`

async function inFreshProcess(code) {
  const options = { cwd: here, timeout: 20_000, killSignal: 'SIGKILL' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], options)
  return stdout
}

test('it loads XState and nanoid and nothing heavier', async () => {
  const { urls } = JSON.parse(await inFreshProcess(look))
  const packages = new Set(urls.map((url) => url.split('/node_modules/').at(-1).split('/')[0]))
  assert.deepEqual([...packages].sort(), ['nanoid', 'offstage', 'xstate'])
  const strays = urls.filter((url) => /\/offstage\/dist\/(?:cli|inspect|engines|testing|web)\//.test(url))
  assert.deepEqual(strays, [])
  assert.deepEqual(
    urls.filter((url) => /development/.test(url)),
    [],
  )
})

test('it opens no timer, file or thread', async () => {
  const { before, after } = JSON.parse(await inFreshProcess(look))
  assert.deepEqual(after, before)
})

test('the process ends at once, with a runner made and a task done', async () => {
  await inFreshProcess(`import 'offstage'`)
  const code = `import { BackgroundRunner } from 'offstage'
const runner = new BackgroundRunner()
console.log(await runner.submit(() => 'done').wait())`
  assert.equal(await inFreshProcess(code), 'done\n')
})
