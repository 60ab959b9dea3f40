/** @module Tasks in a folder, and the command line on it: a worker is killed in the middle, another one ends the task. */
import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { BackgroundRunner, defineRecipe, FileStore } from 'offstage'

// the package is found from here
const here = fileURLToPath(new URL('.', import.meta.url))
const main = fileURLToPath(new URL('./cli/main.js', import.meta.resolve('offstage')))
const config = `
import { defineConfig, defineRecipe, FileStore } from 'offstage'

const second = defineRecipe({
  name: 'second',
  run: async (input: { n: number }, { attempt, log, sleep }) => {
    log('begun')
    if (process.env.HANG) await sleep('1h')
    return { n: input.n, attempt } as const
  },
})
export default defineConfig({ recipes: [second], store: new FileStore({ dir: import.meta.dirname + '/tasks', lease: '1s' }) })
`
let cwd = ''

before(async () => {
  cwd = await mkdtemp(join(here, 'project-'))
})
after(() => rm(cwd, { recursive: true, force: true, maxRetries: 3 }))

async function offstage(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], { cwd })
  return stdout.trim()
}

test('a task in a folder is worked on through another store', async () => {
  const dir = join(cwd, 'library')
  const double = defineRecipe({ name: 'double', run: (n) => 2 * n })
  const stores = [new FileStore(dir), new FileStore(dir)]
  const [submits, works] = stores.map((store, i) => new BackgroundRunner({ store, recipes: [double], work: i === 1 }))
  const task = await submits.submitRecipe(double, 21)
  works.start()
  assert.equal(await task.wait({ timeout: '20s' }), 42)
  for (const runner of [submits, works]) await runner.stop()
  for (const store of stores) await store.close()
})

test('what init writes runs', async () => {
  await offstage('init')
  const id = await offstage('submit', 'hello')
  await offstage('work', '--until-idle')
  assert.equal(JSON.parse(await offstage('status', id, '--json')).status, 'completed')
})

test('the task of a killed worker is done by another one', async () => {
  await writeFile(join(cwd, 'offstage.config.ts'), config)
  const id = await offstage('submit', 'second', '-i', '{"n":7}')
  const worker = spawn(process.execPath, [main, 'work'], { cwd, env: { ...process.env, HANG: '1' }, stdio: 'ignore' })
  const logs = spawn(process.execPath, [main, 'logs', id, '-f'], { cwd, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(logs.stdout, 'data')
  logs.kill('SIGKILL')
  const ended = once(worker, 'exit')
  worker.kill('SIGKILL')
  await ended
  assert.equal(JSON.parse(await offstage('status', id, '--json')).status, 'running')

  const rest = spawn(process.execPath, [main, 'work'], { cwd, stdio: 'ignore' })
  try {
    assert.equal(JSON.parse(await offstage('wait', id, '--timeout', '30s')).n, 7)
  } finally {
    rest.kill('SIGTERM')
  }
  const [code] = await once(rest, 'exit')
  assert.equal(code, 0)
})
