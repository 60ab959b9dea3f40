import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { SystemClock } from '../../../src/clock.ts'
import { beatBytes, beatLine, Heart, type HeartOptions } from '../../../src/store/file/heartbeat.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'

const home = mkdtempSync(join(tmpdir(), 'offstage-heart-'))
const every = 20
const hearts: Heart[] = []
let warned: string[] = []
let made = 0

beforeEach(() => {
  warned = []
})
afterEach(() => {
  for (const heart of hearts.splice(0)) heart.close()
})
afterAll(() => rmSync(home, { recursive: true }))

function heart(options: Partial<HeartOptions> = {}): Heart {
  const made = new Heart({
    clock: new SystemClock(),
    every,
    thread: true,
    touch: () => undefined,
    turned: () => undefined,
    warn: (message, cause) => warned.push(`${message}: ${cause}`),
    ...options,
  })
  hearts.push(made)
  return made
}

const head = 'for people\n'

function file(): string {
  made += 1
  const path = join(home, String(made))
  writeFileSync(path, `${head}${beatLine(0, 0, 0)}`)
  return path
}

interface Line {
  readonly beats: number
  readonly turns: number
  readonly turnedAt: number
}

function lineIn(path: string): Line {
  const [beats = 0, turns = 0, turnedAt = 0] = readFileSync(path, 'utf8').slice(head.length).split(' ').map(Number)
  return { beats, turns, turnedAt }
}

const until = (is: () => boolean): Promise<void> =>
  vi.waitFor(() => expect(is()).toBe(true), { timeout: 5_000, interval: 5 })

/** As a handler does that computes: nothing else of this thread runs. */
const blockLoop = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

describe('the line of a beat', () => {
  it('has one length, whatever it says', () => {
    expect(beatLine(0, 0, 0)).toHaveLength(beatBytes)
    expect(beatLine(1e14, 12.7, Date.now())).toHaveLength(beatBytes)
  })
})

describe('a heart in a thread', () => {
  it('beats, counts the turns of the loop, and leaves the rest of the file alone', async () => {
    const path = file()
    heart().join({ path, offset: head.length })
    await until(() => lineIn(path).turns > 3)
    const { beats, turnedAt } = lineIn(path)
    expect(beats).toBeGreaterThan(0)
    expect(Math.abs(Date.now() - turnedAt)).toBeLessThan(5_000)
    expect(readFileSync(path, 'utf8').slice(0, head.length)).toBe(head)
    expect(statSync(path).size).toBe(head.length + beatBytes)
  })

  it('beats while the loop is blocked, from the start, and tells that it does not turn', () => {
    const path = file()
    heart().join({ path, offset: head.length })
    // nothing of this loop has run since
    blockLoop(1_000)
    const before = lineIn(path)
    expect(before.beats).toBeGreaterThan(2)
    blockLoop(10 * every)
    const after = lineIn(path)
    expect(after.beats).toBeGreaterThan(before.beats)
    expect([after.turns, after.turnedAt]).toEqual([before.turns, before.turnedAt])
  })

  it('beats for all that have joined, in each file for itself', async () => {
    const paths = [file(), file(), file()] as const
    const [one, other] = [heart(), heart()]
    one.join({ path: paths[0], offset: head.length })
    one.join({ path: paths[1], offset: head.length })
    other.join({ path: paths[2], offset: head.length })
    await until(() => paths.every((path) => lineIn(path).beats > 1))
    one.close()
    const before = lineIn(paths[2]).beats
    await until(() => lineIn(paths[2]).beats > before + 2)
  })

  it('stops where a worker leaves, and starts again', async () => {
    const path = file()
    const own = heart()
    own.join({ path, offset: head.length })
    await until(() => lineIn(path).beats > 1)
    own.leave(path)
    const line = beatLine(7, 7, 7)
    writeFileSync(path, `${head}${line}`)
    const other = file()
    own.join({ path: other, offset: head.length })
    await until(() => lineIn(other).beats > 3)
    expect(readFileSync(path, 'utf8')).toBe(`${head}${line}`)
  })

  it('warns once of a file that cannot be written, and goes on when it can', async () => {
    const path = join(home, 'missing')
    heart().join({ path, offset: head.length })
    await until(() => warned.length > 0)
    writeFileSync(path, `${head}${beatLine(0, 0, 0)}`)
    await until(() => lineIn(path).beats > 3)
    expect(warned).toEqual([expect.stringContaining('could not be written: Error: ENOENT')])
  })

  it('never writes through a link', async () => {
    const target = file()
    const path = join(home, 'link')
    symlinkSync(target, path)
    heart().join({ path, offset: head.length })
    await until(() => warned.length > 0)
    expect(lineIn(target).beats).toBe(0)
  })
})

describe('a heart that beats with the loop', () => {
  it('beats with the timers of its clock where files are simulated', async () => {
    const clock = new VirtualClock()
    const touched: string[] = []
    let turned = 0
    const own = heart({
      clock,
      thread: false,
      touch: (path) => touched.push(path),
      turned: () => {
        turned += 1
      },
    })
    own.join({ path: '/a', offset: 0 })
    own.join({ path: '/b', offset: 0 })
    await clock.advance(2 * every)
    expect(touched).toEqual(['/a', '/b', '/a', '/b', '/a', '/b'])
    expect(turned).toBe(2)
    own.close()
    await clock.advance(10 * every)
    expect(touched).toHaveLength(6)
  })

  it('warns once while it cannot be written', async () => {
    const clock = new VirtualClock()
    let fails = true
    const own = heart({
      clock,
      thread: false,
      touch: () => {
        if (fails) throw new Error('EIO')
      },
    })
    own.join({ path: '/a', offset: 0 })
    await clock.advance(10 * every)
    expect(warned).toHaveLength(1)
    fails = false
    await clock.advance(every)
    fails = true
    await clock.advance(10 * every)
    expect(warned).toHaveLength(2)
  })
})

/** Runs a program that uses the heart, as one file without any other, as plain Node does. */
async function programOf(body: string): Promise<{ code: number | null; stdout: string; ms: number }> {
  const folder = join(home, `program-${++made}`)
  mkdirSync(folder)
  const source = (name: string): string => fileURLToPath(new URL(`../../../src/${name}`, import.meta.url))
  const entry = join(folder, 'entry.ts')
  writeFileSync(
    entry,
    `import { Heart } from ${JSON.stringify(source('store/file/heartbeat.ts'))}
     import { SystemClock } from ${JSON.stringify(source('clock.ts'))}
     const [path, offset] = [process.argv[2], ${head.length}]
     const warn = (message, cause) => console.log('warned', message, String(cause))
     const heart = (options = {}) => new Heart({ clock: new SystemClock(), every: 20, thread: true, touch() {}, turned() {}, warn, ...options })
     ${body}`,
  )
  const build = await rolldown({ input: entry, platform: 'node', logLevel: 'silent' })
  await build.write({ file: join(folder, 'program.mjs'), format: 'esm', codeSplitting: false, minify: true })
  const from = performance.now()
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'program.mjs'), file()], {
    timeout: 20_000,
  })
  return { code: status, stdout: `${stdout}${stderr}`, ms: performance.now() - from }
}

describe('a process with a heart', () => {
  it('ends by itself', async () => {
    const { code, stdout, ms } = await programOf('heart().join({ path, offset })')
    expect([code, stdout]).toEqual([0, ''])
    expect(ms).toBeLessThan(10_000)
  })

  const parts = `
    import { readFileSync } from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    import threads, { Worker } from 'node:worker_threads'
    const field = (from) => Number(readFileSync(path, 'utf8').slice(offset + from, offset + from + 15))
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    const more = async (from) => { const before = field(from); while (field(from) < before + 3) await pause(5) }
    const replace = (by) => { threads.Worker = by; syncBuiltinESMExports() }
  `

  it('has one thread for all of them, as long as there is one', async () => {
    const { stdout } = await programOf(`
      ${parts}
      let started = 0
      replace(class extends Worker { constructor(...args) { super(...args); started += 1 } })
      const hearts = [heart(), heart(), heart()]
      for (const each of hearts) each.join({ path, offset })
      await more(0)
      hearts[0].close()
      hearts[0].join({ path, offset })
      for (const each of hearts) each.close()
      console.log(started)
      hearts[1].join({ path, offset })
      console.log(started)
    `)
    expect(stdout).toBe('1\n2\n')
  })

  it('goes on by its loop when no thread can be started, and says so', async () => {
    const { code, stdout } = await programOf(`
      ${parts}
      replace(class { constructor() { throw new Error('no room') } })
      heart().join({ path, offset })
      await more(0)
      await more(16)
    `)
    expect(stdout).toMatch(/^warned the heartbeat goes on without its thread.*Error: no room\n$/)
    expect(code).toBe(0)
  })

  it('goes on by its loop when its thread dies, and says so', async () => {
    const { code, stdout } = await programOf(`
      ${parts}
      let thread
      replace(class extends Worker { constructor(...args) { super(...args); thread = this } })
      heart().join({ path, offset })
      await more(0)
      await thread.terminate()
      await more(0)
      await more(16)
    `)
    expect(stdout).toMatch(/^warned the heartbeat goes on without its thread.*it ended with 1\n$/)
    expect(code).toBe(0)
  })
})
