import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Ended, offstage, project, type Running, start, withCli } from './kit.ts'

withCli()

const config = `
import { defineConfig, defineRecipe, FileStore } from 'offstage'

const quick = defineRecipe({ name: 'quick', run: (input: unknown) => ({ input }) as never })
const fail = defineRecipe({ name: 'fail', run: () => { throw new Error('no luck \\x1b[2J\\u202e') } })
const slow = defineRecipe({ name: 'slow', run: async (_: unknown, { sleep, log, progress }) => {
  log('begun')
  progress(0.25, 'a quarter \\x9b')
  await sleep('10m')
  return 'slept'
} })
const brief = defineRecipe({ name: 'brief', run: async (_: unknown, { log, sleep }) => {
  log('begun')
  await sleep('3s')
  return 'ended by itself'
} })
const hostile = defineRecipe({ name: 'hostile', run: (_: unknown, { write, log }) => {
  write('one\\ntwo \\x1b]0;title\\x07')
  log.error('\\x1b[31mred', { '\\x1b': '\\u200b' })
  return '\\x1b[2J'
} })
export default defineConfig({
  recipes: [quick, fail, slow, brief, hostile],
  gracePeriod: '1s',
  handleSignals: true,
  store: new FileStore({ dir: import.meta.dirname + '/tasks', lease: '1s' }),
})
`

/** A project with its commands. */
class Place {
  readonly cwd = project({ 'offstage.config.ts': config, 'node_modules/.keep': '' })

  run(...args: string[]): Promise<Ended> {
    return offstage(args, { cwd: this.cwd })
  }

  start(...args: string[]): Running {
    return start(args, { cwd: this.cwd })
  }

  async worker(...args: string[]): Promise<Running> {
    const worker = this.start('work', ...args)
    await worker.until('working on')
    return worker
  }

  async submit(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run('submit', ...args)
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
    return stdout.trim()
  }

  async status(id: string): Promise<string> {
    return JSON.parse((await this.run('status', id, '--json')).stdout).status
  }

  /** Resolves when the log of the task says that it has begun; the n-th time. */
  async begun(id: string, times = 1): Promise<void> {
    const logs = this.start('logs', id, '-f')
    await logs.until(new RegExp(`(begun[\\s\\S]*){${times}}`), 'stdout')
    logs.kill('SIGKILL')
  }
}

describe('two terminals', () => {
  it('submit, list, status, cancel, with a worker killed in between', async () => {
    const place = new Place()
    const first = await place.worker()
    const id = await place.submit('slow', '-i', '{"n":1}')
    await place.begun(id)
    const listed = JSON.parse((await place.run('list', '--json')).stdout)
    expect(listed).toEqual([expect.objectContaining({ id, name: 'slow', status: 'running', progress: 0.25 })])
    expect((await place.run('list')).stdout).toMatch(/slow +running +\S+ +\S+ +██▌|a quarter \\u009b/)
    first.kill('SIGKILL')
    await first.ended
    expect(await place.status(id)).toBe('running')

    const second = await place.worker()
    await place.begun(id, 2)
    const cancelled = await place.run('cancel', id.slice(0, 8), '--reason', 'enough \u200b')
    // its handler may have ended before that is printed
    expect(cancelled).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(`^${id} (was told to stop|cancelled)\n$`),
    })
    const waited = await place.run('wait', id)
    expect(waited).toMatchObject({ code: 4, stdout: '' })
    expect(waited.stderr).toContain('enough \\u200b')
    expect(await place.status(id)).toBe('cancelled')
    expect(await place.run('cancel', id)).toMatchObject({ code: 0 })
    second.kill('SIGTERM')
    expect(await second.ended).toMatchObject({ code: 0, stdout: '' })
  })

  it('wait tells the end by its exit code', async () => {
    const place = new Place()
    const quick = await place.submit('quick', '-i', '[1]')
    const fail = await place.submit('fail')
    const late = await place.submit('quick', '--delay', '1h')
    expect(await place.run('wait', quick, '--timeout', '0')).toMatchObject({ code: 5, stdout: '' })
    expect(await place.run('work', '--for', '20s', '--until-idle', '--drain', '1s')).toMatchObject({ code: 0 })
    const done = await place.run('wait', quick)
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(done.stdout)).toEqual({ input: [1] })
    const failed = await place.run('wait', fail)
    expect(failed).toMatchObject({ code: 1, stdout: '' })
    expect(failed.stderr).toContain('ERROR: no luck \\u001b[2J\\u202e')
    const waiting = await place.run('wait', late, '--timeout', '50ms', '--json')
    expect({ code: waiting.code, ...JSON.parse(waiting.stdout) }).toMatchObject({
      code: 5,
      id: late,
      state: 'pending.delayed',
    })
    const several = await place.run('wait', quick, fail, '--json')
    expect(several.code).toBe(1)
    expect(
      several.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).status),
    ).toEqual(['completed', 'failed'])
    expect((await place.run('wait', 'nope')).code).toBe(3)
  })

  it('submit tells who would run it, and answers a known key', async () => {
    const place = new Place()
    const first = await place.run('submit', 'quick', '--key', 'k', '--priority', '-5')
    expect(first.stderr).toContain('no worker is alive')
    const again = await place.run('submit', 'quick', '--key', 'k')
    expect(again.stdout).toBe(first.stdout)
    expect(again.stderr).toContain('known')
    const conflict = await place.run('submit', 'quick', '--key', 'k', '-i', '1')
    expect(conflict).toMatchObject({ code: 1, stdout: '' })
    expect(conflict.stderr).toContain('another input')
    const unknown = await place.run('submit', 'nope')
    expect(unknown).toMatchObject({ code: 2, stdout: '' })
    const worker = await place.worker()
    const told = await place.run('submit', '--recipe', 'hostile', '--wait')
    expect(told).toMatchObject({ code: 0, stdout: '\\u001b[2J\n', stderr: '' })
    worker.kill('SIGTERM')
    await worker.ended
  })

  it('a recipe that nobody here knows waits for who does', async () => {
    const place = new Place()
    const elsewhere = { cwd: project() }
    const store = ['--store', join(place.cwd, 'tasks')]
    const { code, stdout } = await offstage(['submit', 'quick', '--json', ...store], elsewhere)
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, status: 'pending', recipe: 'quick' })
    const unknown = await offstage(['submit', 'unheard-of', ...store], elsewhere)
    // what this worker cannot do does not keep it up
    await place.run('work', '--until-idle')
    expect(await place.status(JSON.parse(stdout).id)).toBe('completed')
    const worker = await place.worker()
    const explained = JSON.parse((await place.run('explain', unknown.stdout.trim(), '--json')).stdout)
    expect(explained).toMatchObject({ code: 'UNKNOWN_RECIPE', recipe: 'unheard-of' })
    const retold = await offstage(['submit', 'unheard-of', ...store], elsewhere)
    expect(retold.stderr).toContain('no worker that is alive knows unheard-of')
    worker.kill('SIGTERM')
    await worker.ended
  })
})

describe('a worker that is asked to end', () => {
  it('lets running tasks end', async () => {
    const place = new Place()
    const worker = await place.worker()
    const id = await place.submit('brief')
    await place.begun(id)
    worker.kill('SIGTERM')
    expect(await worker.ended).toMatchObject({ code: 0 })
    expect(worker.stderr).toContain('by SIGTERM')
    expect(await place.status(id)).toBe('completed')
  })

  it('hands back what does not end in time', async () => {
    const place = new Place()
    const worker = await place.worker('--drain', '0')
    const id = await place.submit('slow')
    await place.begun(id)
    worker.kill('SIGINT')
    expect(await worker.ended).toMatchObject({ code: 0 })
    expect(await place.status(id)).toBe('pending')
  })

  it('ends at once by a second signal', async () => {
    const place = new Place()
    const worker = await place.worker()
    await place.begun(await place.submit('slow'))
    worker.kill('SIGINT')
    await worker.until('by SIGINT')
    worker.kill('SIGINT')
    expect(await worker.ended).toMatchObject({ code: null, signal: 'SIGINT' })
  })

  it('ends by itself when the time is over', async () => {
    const place = new Place()
    const { code, stderr } = await place.run('work', '--for', '300ms', '--drain', '1s')
    expect(code).toBe(0)
    expect(stderr).toContain('as the time is over')
  })
})

describe('what tasks write', () => {
  it('is shown safe, and exactly under --json', async () => {
    const place = new Place()
    const id = await place.submit('hostile')
    const followed = place.start('logs', id, '--follow')
    await place.run('work', '--until-idle')
    const { code, stdout } = await place.run('logs', id)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^one\ntwo \\u001b\]0;title\\u0007\n\S+Z error \\u001b\[31mred {"\\u001b":"\\u200b"}\n$/)
    expect(await followed.ended).toMatchObject({ code: 0, stdout })
    const json = (await place.run('logs', id, '--json')).stdout
    expect(
      json
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { type: 'output', at: expect.any(String), chunk: 'one\ntwo \x1b]0;title\x07' },
      { type: 'log', at: expect.any(String), level: 'error', message: '\x1b[31mred', data: { '\x1b': '\u200b' } },
    ])
    for (const command of ['status', 'explain', 'wait']) {
      const { stdout: shown, stderr } = await place.run(command, id)
      expect(shown + stderr).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    }
  })
})

describe('offstage watch', () => {
  it('prints a line for each step where no terminal is, until Ctrl-C', async () => {
    const place = new Place()
    const waiting = await place.submit('quick', '--delay', '1h')
    const watch = place.start('watch')
    const json = place.start('watch', '--json', '--recipe', 'fail')
    await watch.until(`${waiting} pending delayed  quick`, 'stdout')
    const id = await place.submit('fail')
    await watch.until(`${id} pending queued  fail`, 'stdout')
    await place.run('work', '--until-idle')
    await watch.until(`${id} failed  fail`, 'stdout')
    await json.until('"state":"failed"', 'stdout')
    for (const each of [watch, json]) {
      each.kill('SIGINT')
      expect(await each.ended).toMatchObject({ code: 0, stderr: '' })
    }
    const events = json.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(new Set(events.map((event) => event.id))).toEqual(new Set([id]))
  })
})

describe('offstage dev', () => {
  it('begins again when a file changes; the store survives', async () => {
    const place = new Place()
    const dev = place.start('dev')
    await dev.until('working on')
    writeFileSync(join(place.cwd, 'offstage.config.ts'), config.replace("name: 'quick'", "name: 'quicker'"))
    await dev.until('(quicker, ')
    const id = await place.submit('quicker', '-i', '5')
    expect((await place.run('wait', id)).code).toBe(0)
    writeFileSync(join(place.cwd, 'offstage.config.ts'), 'throw new Error("broken")')
    await dev.until('begins again at the next change')
    writeFileSync(join(place.cwd, 'offstage.config.ts'), config)
    await dev.until(/changed[\s\S]*\(quick, /)
    dev.kill('SIGINT')
    expect(await dev.ended).toMatchObject({ code: 0 })
  })
})
