import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offstage-'))
  const input = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
  const bundle = await rolldown({ input, platform: 'node', external: ['tinypool', '@opentelemetry/api'] })
  await bundle.write({ dir: folder, entryFileNames: 'offstage.mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs a program to its own end, and tells what it printed; fails if it does not end. */
async function printed(program: string): Promise<string> {
  const whole = `import { BackgroundRunner, MemoryStore } from './offstage.mjs'
    const runner = new BackgroundRunner()
    const inner = new MemoryStore()
    const elsewhere = new Proxy({}, {
      get: (_, key) => (typeof inner[key] === 'function' ? inner[key].bind(inner) : inner[key]),
    })
    const client = new BackgroundRunner({ store: elsewhere, work: false })
    const say = (text) => process.stdout.write(text + ' ')
    process.on('exit', () => say('exit'))
    ${program}`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', whole], { cwd: folder, timeout: 20_000 })
  return stdout.trim()
}

describe.concurrent('a process ends by itself', () => {
  it.each([
    ['where nothing was submitted', ''],
    ['where a runner was started', 'runner.start()'],
    ['where everything has ended, although clean-up would come in an hour', 'await runner.submit(() => 1).wait()'],
    [
      'where somebody listens to all tasks',
      `void (async () => { for await (const e of runner.events()) say(e.type) })()`,
    ],
    ['where the runner has stopped', 'runner.submit(() => 1, { delay: 60_000 }).settled(); await runner.stop()'],
    [
      'where a parent has ended before the child that it waits for',
      'runner.submit(({ submit }) => void submit(() => 1, { delay: 20 }).wait())',
    ],
    ['where a task waits in a store for others to run it', `await client.submitRecipe('later', 1)`],
    ['where a task was cancelled', 'await runner.submit(({ sleep }) => sleep(60_000)).cancel()'],
  ])('%s', async (_, program) => {
    expect(await printed(program)).toBe('exit')
  })
})

describe.concurrent('a process stays alive', () => {
  it.each([
    ['while a task runs', `runner.submit(({ sleep }) => sleep(50).then(() => say('done')))`],
    ['while a task waits for its delay', `runner.submit(() => say('done'), { delay: 50 })`],
    [
      'while a task waits for its retry',
      `runner.submit(({ attempt }) => { if (attempt === 1) throw 1; say('done') },
         { retry: { attempts: 2, minDelay: 50 } })`,
    ],
    [
      'while a task waits for others',
      `const first = runner.submit(({ sleep }) => sleep(50)); runner.submit(() => say('done'), { needs: [first] })`,
    ],
    [
      'while somebody waits for what others run',
      `await (await client.submitRecipe('later', 1)).settled({ timeout: 50 }); say('done')`,
    ],
    [
      'while somebody waits for a task that never ends, until the timeout',
      `await runner.submit(() => new Promise(() => {}), { timeout: false }).settled({ timeout: 50 })
       say('done'); process.exit()`,
    ],
    [
      'while a parent waits for its child',
      `runner.submit(async ({ submit }) => { await submit(({ sleep }) => sleep(50)).wait(); say('done') })`,
    ],
  ])('%s', async (_, program) => {
    expect(await printed(program)).toBe('done exit')
  })
})
