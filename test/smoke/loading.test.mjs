/** @module What `import 'offstage'` loads, and that it leaves nothing behind. Each look is a fresh process. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const here = import.meta.dirname
const look = `
import { createHook } from 'node:async_hooks'
import { Session } from 'node:inspector'
const session = new Session()
session.connect()
const urls = []
const made = []
session.post('Debugger.enable')
session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url))
const hook = createHook({ init: (id, type) => made.push(type) }).enable()
await import('offstage')
hook.disable()
session.disconnect()
console.log(JSON.stringify({ urls: urls.filter((url) => url.includes('/node_modules/')), made }))
`
// what reading a module makes by itself
const ofLoading = /^(?:PROMISE|TickObject|Microtask|FS\w*|FILEHANDLE\w*|InspectorSession)$/

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

test('it makes no timer, thread, watcher or socket', async () => {
  const { made } = JSON.parse(await inFreshProcess(look))
  assert.ok(made.length > 0)
  assert.deepEqual(
    made.filter((type) => !ofLoading.test(type)),
    [],
  )
})

test('the process ends at once, with a runner made and a task done', async () => {
  await inFreshProcess(`import 'offstage'`)
  const code = `import { BackgroundRunner } from 'offstage'
const runner = new BackgroundRunner()
console.log(await runner.submit(() => 'done').wait())`
  assert.equal(await inFreshProcess(code), 'done\n')
})
