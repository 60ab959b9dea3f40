import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { FileScheduleStore } from '../../src/schedule/file-schedule-store.ts'

const run = promisify(execFile)
let folder = ''
let stores = 0
const children = new Set<ChildProcess>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offstage-'))
  const input = {
    offstage: fileURLToPath(new URL('../../src/index.ts', import.meta.url)),
    'snapshot-thread': fileURLToPath(new URL('../../src/store/file/snapshot-thread.ts', import.meta.url)),
  }
  const bundle = await rolldown({
    input,
    platform: 'node',
    external: ['tinypool', '@opentelemetry/api', 'fs-extra', 'chokidar'],
  })
  await bundle.write({ dir: folder, entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' })
  await bundle.close()
  await symlink(fileURLToPath(new URL('../../node_modules', import.meta.url)), join(folder, 'node_modules'))
}, 60_000)
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children.clear()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newDir = (): string => join(folder, `store-${++stores}`)
const heading = `import { FileScheduleStore, FileStore, ScheduleLoop, ScheduleRunner } from './offstage.mjs'
  const say = (text) => process.stdout.write(text + '\\n')`

/** Runs a program to its own end, and tells what it printed; fails if it does not end. */
async function printed(program: string): Promise<string[]> {
  const args = ['--input-type=module', '-e', `${heading}\n${program}`]
  const { stdout } = await run(process.execPath, args, { cwd: folder, timeout: 20_000 })
  return stdout.trim().split('\n')
}

/** A process with a loop on a folder. Each callback is heard as its name and slot; it goes on for ever if told to. */
function loopIn(dir: string, { hangs = false } = {}) {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `${heading}
      const store = new FileStore({ dir: ${JSON.stringify(dir)}, lease: 500 })
      const onTrigger = (job) => {
        say([job.name, job.scheduledAt.getTime(), job.task.attempt].join(' '))
        ${hangs ? 'return new Promise(() => {})' : ''}
      }
      new ScheduleLoop({ store, onTrigger, ref: true, maxConcurrentTasks: 20 }).start()
      say('ready')`,
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  children.add(child)
  const lines: string[] = []
  const waiting: (() => void)[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const resolve of waiting.splice(0)) resolve()
  })
  const heard = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const calls = (): string[] => lines.filter((line) => line !== 'ready')
  return { child, calls, heard, ready: heard(() => lines.includes('ready')) }
}

describe('loops in several processes on one folder', () => {
  it('call back once for each slot, one of them', async () => {
    const dir = newDir()
    await using store = new FileScheduleStore({ dir, lease: 500 })
    const loops = [loopIn(dir), loopIn(dir), loopIn(dir)]
    await Promise.all(loops.map(({ ready }) => ready))
    for (let i = 0; i < 10; i += 1) await store.add({ name: `s${i}`, when: 'every 1 second', maxRuns: 2, message: 'x' })
    const all = (): string[] => loops.flatMap(({ calls }) => calls())
    await Promise.race(loops.map(({ heard }) => heard(() => all().length >= 20)))
    for (const { child } of loops) child.kill('SIGKILL')
    await Promise.all(loops.map(({ child }) => once(child, 'exit')))
    expect(all()).toHaveLength(20)
    expect(new Set(all()).size).toBe(20)
    for (let i = 0; i < 10; i += 1) expect(all().filter((line) => line.startsWith(`s${i} `))).toHaveLength(2)
  }, 30_000)

  it('take over what a process did not live to end', async () => {
    const dir = newDir()
    await using store = new FileScheduleStore({ dir, lease: 500 })
    await store.add({ name: 'mail', when: 'in 1 second', message: 'x' })
    const dies = loopIn(dir, { hangs: true })
    await dies.heard(() => dies.calls().length === 1)
    const other = loopIn(dir)
    await other.ready
    dies.child.kill('SIGKILL')
    await other.heard(() => other.calls().length === 1)
    const [first, second] = [dies.calls()[0]?.split(' '), other.calls()[0]?.split(' ')]
    expect(second?.slice(0, 2)).toEqual(first?.slice(0, 2))
    const [firing] = (await store.getByName('mail'))?.history ?? []
    expect(firing?.task).toBeDefined()
  }, 30_000)
})

describe('getDueJobs in several processes', () => {
  it('gives each job to one of them', async () => {
    const dir = newDir()
    await using store = new FileScheduleStore({ dir })
    for (let i = 0; i < 30; i += 1) await store.add({ name: `s${i}`, when: 'in 1 second', message: 'x' })
    const moment = Date.now() + 1_500
    const program = `const store = new FileScheduleStore(${JSON.stringify(dir)})
      const due = new ScheduleRunner(store)
      await store.list()
      while (Date.now() < ${moment});
      for (let empty = 0; empty < 3; ) {
        const jobs = await due.getDueJobs({ limit: 4 })
        if (jobs.length === 0) empty += 1
        for (const job of jobs) {
          say(job.name)
          await due.complete(job)
        }
      }
      await due.close()
      await store.close()`
    const told = (await Promise.all([0, 1, 2].map(() => printed(program)))).flat().filter((line) => line !== '')
    expect(told.sort()).toEqual(Array.from({ length: 30 }, (_, i) => `s${i}`).sort())
    const schedules = await store.list()
    expect(schedules.map(({ history }) => history.map(({ status }) => status))).toEqual(
      Array.from({ length: 30 }, () => ['completed']),
    )
  }, 30_000)
})

describe('a name that several processes add at the same moment', () => {
  it('goes to exactly one of them; the others are told which', async () => {
    const dir = newDir()
    await using store = new FileScheduleStore({ dir })
    expect(await store.list()).toEqual([])
    const moment = Date.now() + 1_000
    const program = (who: number): string => `const store = new FileScheduleStore(${JSON.stringify(dir)})
      await store.list()
      while (Date.now() < ${moment});
      const told = await store.add({ name: 'mail', when: 'daily', message: 'of ${who}' }).then(({ id }) => 'won ' + id, (e) => e.message)
      say(told)
      await store.close()`
    const told = (await Promise.all([0, 1, 2, 3].map((who) => printed(program(who))))).flat()
    const won = told.filter((each) => each.startsWith('won '))
    expect(won).toHaveLength(1)
    const id = won[0]?.slice('won '.length) as string
    expect((await store.list()).map((each) => each.id)).toEqual([id])
    for (const each of told)
      if (each !== won[0]) expect(each).toContain(`a schedule named "mail" already exists (id: ${id})`)
  }, 30_000)
})

describe.concurrent('a process', () => {
  const loop = (dir: string, options: string): string =>
    `const loop = new ScheduleLoop({ store: ${JSON.stringify(dir)}, ${options} })`

  it('is not kept alive by a loop', async () => {
    const program = `${loop(newDir(), 'onTrigger: () => {}')}
      loop.start()
      setTimeout(() => say('here'), 100)
      process.on('exit', () => say(String(loop.isRunning)))`
    expect(await printed(program)).toEqual(['here', 'true'])
  })

  it('is kept alive by a loop with ref, until that is stopped', async () => {
    const dir = newDir()
    const program = `const store = new FileScheduleStore(${JSON.stringify(dir)})
      await store.add({ name: 'a', when: 'in 1 second', message: 'x' })
      await store.close()
      ${loop(dir, "ref: true, onTrigger: (job) => { say(job.message); void loop.stop().then(() => say('stopped')) }")}
      loop.start()`
    expect(await printed(program)).toEqual(['x', 'stopped'])
  })

  it('is kept alive by a callback that runs', async () => {
    const dir = newDir()
    const program = `const store = new FileScheduleStore(${JSON.stringify(dir)})
      await store.add({ name: 'a', when: 'in 1 second', message: 'x' })
      await store.close()
      const onTrigger = () => new Promise((resolve) => setTimeout(resolve, 300).unref()).then(() => say('done'))
      ${loop(dir, 'onTrigger')}
      loop.start()
      const alive = setInterval(() => {}, 50)
      setTimeout(() => clearInterval(alive), 1_200)`
    expect(await printed(program)).toEqual(['done'])
  })
})
