import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { ThreadPool } from '../../src/actors/thread.ts'
import { inlineSource } from '../../src/actors/thread-inline.ts'
import type { ThreadContextData } from '../../src/actors/thread-messages.ts'
import { type ThreadHooks, type ThreadRun, ThreadTerminatedError } from '../../src/actors/thread-run.ts'
import { parseDuration } from '../../src/duration.ts'
import { NonRetryableError, OffstageError, RetryAfterError, ValidationError } from '../../src/errors.ts'

const work = new URL('../fixtures/thread-work.mjs', import.meta.url).href
const context: ThreadContextData = { attempt: 1, maxAttempts: 3, taskId: 't1', name: 'dig' }
const pools: ThreadPool[] = []

function makePool(options: Partial<ConstructorParameters<typeof ThreadPool>[0]> = {}): ThreadPool {
  const pool = new ThreadPool({ maxThreads: 1, ...options })
  pools.push(pool)
  return pool
}

function makeHooks() {
  const told: unknown[][] = []
  const { promise: first, resolve } = withResolvers<void>()
  const tell =
    (kind: string) =>
    (...rest: unknown[]) => {
      told.push([kind, ...rest])
      resolve()
    }
  return { told, first, hooks: { progress: tell('progress'), log: tell('log'), write: tell('write') } }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const shared = makePool()

function call(name: string, args: unknown[] = [], hooks: ThreadHooks = makeHooks().hooks, pool = shared): ThreadRun {
  return pool.run({ module: work, export: name }, args, context, hooks)
}

function caught(run: ThreadRun): Promise<Error & { code?: unknown; after?: unknown }> {
  return run.result.then(
    (value) => expect.unreachable(`resolved with ${value}`),
    (error) => error,
  )
}

afterAll(() => Promise.all(pools.map((pool) => pool.close())))

describe('a run in a thread', () => {
  it('calls the default export with the arguments and the context', async () => {
    const run = shared.run({ module: work }, [1, { deep: [2] }], context, makeHooks().hooks)
    expect(await run.result).toEqual({ args: [1, { deep: [2] }], attempt: 1 })
  })

  it('calls an exported function by name', async () => {
    expect(await call('where').result).toBeGreaterThan(0)
  })

  it('calls a function of a data: module', async () => {
    const module = 'data:text/javascript,export const add = (a, b) => a + b'
    expect(await shared.run({ module, export: 'add' }, [1, 2], context, makeHooks().hooks).result).toBe(3)
  })

  it('finds a function inside a default export, as CommonJS has it', async () => {
    const module = 'data:text/javascript,export default { two: () => 2 }'
    expect(await shared.run({ module, export: 'two' }, [], context, makeHooks().hooks).result).toBe(2)
  })

  it('hands the task over in the context', async () => {
    const data = { ...context, config: { model: 'm' }, sessionId: 's1' }
    const run = shared.run({ module: work, export: 'describe' }, [], data, makeHooks().hooks)
    expect(await run.result).toEqual({
      attempt: 1,
      maxAttempts: 3,
      task: { id: 't1', name: 'dig' },
      config: { model: 'm' },
      sessionId: 's1',
      aborted: false,
    })
  })

  it('tells everything in order before its result', async () => {
    const { told, hooks } = makeHooks()
    expect(await call('report', [], hooks).result).toBe('reported')
    const broken = expect.objectContaining({ name: 'Error', message: 'broken' })
    expect(told).toEqual([
      ['log', 'info', 'begins', undefined],
      ['log', 'debug', 'looks', { files: 2 }],
      ['log', 'info', 'told', undefined],
      ['log', 'warn', 'odd', undefined],
      ['log', 'error', 'bad', broken],
      ['write', 'one '],
      ['write', 'two'],
      ['progress', 1, 'all'],
    ])
  })

  it('keeps only the latest of a flood of progress', async () => {
    const { told, hooks } = makeHooks()
    await call('flood', [100_000], hooks).result
    expect(told[0]).toEqual(['progress', 1 / 100_000, 'step 1'])
    expect(told.at(-1)).toEqual(['progress', 1, 'step 100000'])
    expect(told.length).toBeLessThan(50_000)
  })

  it('tells the latest progress although the handler says no more', async () => {
    const { promise: last, resolve } = withResolvers<unknown>()
    const progress: ThreadHooks['progress'] = (fraction, message) => fraction === 0.3 && resolve(message)
    const run = call('reportTwice', [], { ...makeHooks().hooks, progress })
    expect(await last).toBe('waits')
    await run.terminate()
  })

  it('loses no line of a flood of log, and holds the handler back while nobody reads', async () => {
    const said = new Int32Array(new SharedArrayBuffer(4))
    const lines: string[] = []
    const log: ThreadHooks['log'] = (_, line) => {
      if (lines.push(line) > 1) return
      let seen = 0
      while (Atomics.wait(said, 0, seen, 50) !== 'timed-out') seen = Atomics.load(said, 0)
      expect(seen).toBeLessThanOrEqual(256)
    }
    await call('talk', [3_000, said], { ...makeHooks().hooks, log }).result
    expect(lines).toEqual(Array.from({ length: 3_000 }, (_, i) => `line ${i}`))
  })

  it('bounds each line of log and each piece of output', async () => {
    const { told, hooks } = makeHooks()
    await call('long', [], hooks).result
    const [line, loop, ...output] = told
    expect(line?.[2]).toHaveLength(4_096)
    expect(line?.[3]).toHaveLength(4_096)
    expect(loop).toEqual(['log', 'info', 'loop', '[object Object]'])
    expect(output.map(([, chunk]) => String(chunk).length)).toEqual([65_536, 65_536, 18_928])
  })

  it('fails when a hook throws', async () => {
    const write = () => {
      throw new Error('the disk is full')
    }
    expect(await caught(call('report', [], { ...makeHooks().hooks, write }))).toHaveProperty(
      'message',
      'the disk is full',
    )
  })
})

describe('abort', () => {
  it('reaches a handler that listens, whose own ending counts', async () => {
    const { first, hooks } = makeHooks()
    const run = call('waitForAbort', [], hooks)
    await first
    run.abort('not needed')
    expect(await run.result).toBe('cleaned up after AbortError: not needed')
  })

  it('reaches a synchronous loop that looks at the signal', async () => {
    const { first, hooks } = makeHooks()
    const run = call('spinUntilAborted', [], hooks)
    await first
    run.abort('enough')
    expect(await run.result).toBe('saw enough')
  })

  it('ends a sleep', async () => {
    const { first, hooks } = makeHooks()
    const run = call('sleepFor', ['25d'], hooks)
    await first
    run.abort('woken')
    expect(await caught(run)).toMatchObject({ name: 'AbortError', message: 'woken' })
  })

  it('keeps a handler from starting', async () => {
    const { told, hooks } = makeHooks()
    const run = call('report', [], hooks)
    run.abort('too late')
    expect(await caught(run)).toMatchObject({ name: 'AbortError', message: 'too late' })
    expect(told).toEqual([])
  })

  it('does nothing once the run has ended', async () => {
    const run = call('where')
    const id = await run.result
    run.abort('late')
    expect(await call('where').result).toBe(id)
  })
})

describe('terminate', () => {
  it('stops an endless loop, whose output had come through, and the next run gets a fresh thread', async () => {
    const pool = makePool()
    const id = await call('where', [], undefined, pool).result
    const { told, first, hooks } = makeHooks()
    const run = call('spin', [], hooks, pool)
    await first
    await run.terminate()
    const error = await caught(run)
    expect(error).toBeInstanceOf(ThreadTerminatedError)
    expect(error).toMatchObject({ code: 'THREAD', message: 'the thread of dig was terminated' })
    expect(told).toEqual([['write', 'spins']])
    expect(pool.size).toBe(0)
    expect(await call('where', [], undefined, pool).result).not.toBe(id)
  })

  it('keeps a run from starting', async () => {
    const pool = makePool()
    const { told, hooks } = makeHooks()
    const run = call('report', [], hooks, pool)
    await run.terminate()
    expect(await caught(run)).toBeInstanceOf(ThreadTerminatedError)
    expect(await call('where', [], undefined, pool).result).toBeGreaterThan(0)
    expect(told).toEqual([])
  })

  it('lets the next run start when the thread is gone', async () => {
    const pool = makePool()
    const { first, hooks } = makeHooks()
    const spinning = call('spin', [], hooks, pool)
    const next = call('where', [], undefined, pool)
    await first
    await spinning.terminate()
    expect(await next.result).toBeGreaterThan(0)
  })

  it('does nothing once the run has ended', async () => {
    const run = call('where')
    const id = await run.result
    await run.terminate()
    expect(await call('where').result).toBe(id)
  })
})

describe('a failure in a thread', () => {
  it('arrives with name, message, stack, code and cause', async () => {
    const error = await caught(call('fail', ['coded']))
    expect(error).toMatchObject({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
      cause: { message: 'the map' },
    })
    expect(error.stack).toContain('thread-work.mjs')
    expect(error.cause).toBeInstanceOf(Error)
  })

  it.each([
    ['string', 'a string'],
    ['undefined', undefined],
    ['object', { status: 503 }],
  ])('arrives as it was thrown: %s', async (how, value) => {
    expect(await caught(call('fail', [how]))).toEqual(value)
  })

  it.each([
    ['frozen', 'frozen'],
    ['function', 'the handler threw function helper'],
    ['unreadable', 'the handler threw a object that cannot be copied'],
  ])('arrives as an error: %s', async (how, message) => {
    expect(await caught(call('fail', [how]))).toMatchObject({ name: 'Error', message })
  })

  it('keeps what decides about a retry', async () => {
    const closed = await caught(call('fail', ['nonRetryable']))
    expect(closed).toBeInstanceOf(NonRetryableError)
    expect(closed).toMatchObject({ name: 'NonRetryableError', code: 'CLOSED', message: 'the account is closed' })
    const busy = await caught(call('fail', ['retryAfter']))
    expect(busy).toBeInstanceOf(RetryAfterError)
    expect(busy).toMatchObject({ name: 'RetryAfterError', code: 'RETRY_AFTER', after: '30s' })
  })

  it('names why a result cannot leave the thread', async () => {
    const error = await caught(call('unclonable'))
    expect(OffstageError.is(error, 'INVALID_RESULT')).toBe(true)
    expect(error.message).toBe('the result of dig cannot leave the thread: () => 1 could not be cloned.')
  })

  it('names module and export that are not there', async () => {
    const missing = new URL('../fixtures/no-such.mjs', import.meta.url).href
    const lost = await caught(shared.run({ module: missing, export: 'dig' }, [], context, makeHooks().hooks))
    expect(OffstageError.is(lost, 'THREAD')).toBe(true)
    expect(lost.message).toMatch(
      /^cannot load dig of file:.*no-such.mjs: Cannot find module '.*no-such.mjs' imported from offstage:thread$/,
    )
    const none = await caught(call('nothing'))
    expect(OffstageError.is(none, 'THREAD')).toBe(true)
    expect(none.message).toBe(`cannot run nothing of ${work}: the module has no such function`)
  })

  it('names a module that throws while it loads', async () => {
    const module = new URL('../fixtures/thread-broken.mjs', import.meta.url).href
    const error = await caught(shared.run({ module }, [], context, makeHooks().hooks))
    expect(error).toMatchObject({ code: 'THREAD', message: `cannot load default of ${module}: cannot begin` })
  })

  it.each([
    ['exit', 'the thread of dig died: it left by process.exit, or was ended from outside'],
    ['crashLater', 'the thread of dig died: out of turn'],
  ])('says that the thread died: %s', async (name, message) => {
    const error = await caught(call(name))
    expect(OffstageError.is(error, 'THREAD')).toBe(true)
    expect(error.message).toBe(message)
    expect(await call('where').result).toBeGreaterThan(0)
  })

  it('says that the thread ran out of memory', async () => {
    const pool = makePool({ resourceLimits: { maxOldGenerationSizeMb: 16 } })
    const error = await caught(call('devour', [], undefined, pool))
    expect(error).toMatchObject({ code: 'THREAD', cause: { code: 'ERR_WORKER_OUT_OF_MEMORY' } })
  })
})

describe('sleep in a thread', () => {
  it.each([0, 1, '1ms', '0.001s'] as const)('takes %s', async (duration) => {
    expect(await call('sleepFor', [duration]).result).toBe('slept')
  })

  it('takes more than a timer can hold', async () => {
    expect(await call('sleepSideBySide', ['25d', '5ms']).result).toBe('5ms')
  })

  it.each(['5 minutes', '-1s', -1, Number.NaN, '101y', 3_153_600_000_001, null])(
    'refuses %s as every option does',
    async (bad) => {
      expect(() => parseDuration(bad, 'sleep', { min: 0 })).toThrow(ValidationError)
      const error = await caught(call('sleepFor', [bad]))
      expect(OffstageError.is(error, 'INVALID_OPTION')).toBe(true)
      expect(error.message).toContain(
        "sleep must be a duration from 0 to 100 years, as ms or like '30s', '5m', '1h', got",
      )
    },
  )
})

describe('the pool', () => {
  it('has no thread before its first run', () => {
    expect(makePool().size).toBe(0)
  })

  it('refuses arguments that cannot be cloned before it has a thread', () => {
    const pool = makePool()
    expect(() => call('where', [() => 1], undefined, pool)).toThrow(
      /^args must be something that can be copied into a thread/,
    )
    expect(() => pool.run({ module: work }, [], { ...context, config: { on: () => 1 } }, makeHooks().hooks)).toThrow(
      /^config must be something that can be copied into a thread/,
    )
    expect(pool.size).toBe(0)
  })

  it.each(['./work.js', 'https://example.com/a.js', ''])('refuses %j as a module', (module) => {
    expect(() => shared.run({ module }, [], context, makeHooks().hooks)).toThrow(
      /^thread must be the file: or data: URL/,
    )
  })

  it('never has more threads than allowed', async () => {
    const pool = makePool({ maxThreads: 2 })
    const counter = new Int32Array(new SharedArrayBuffer(4))
    const runs = Array.from({ length: 12 }, () => call('overlap', [counter], undefined, pool).result)
    const seen = (await Promise.all(runs)) as number[]
    expect(Math.max(...seen)).toBeLessThanOrEqual(2)
    expect(pool.size).toBeLessThanOrEqual(2)
  })

  it.each([0, 1.5, -1, Number.NaN])('refuses %s threads', (maxThreads) => {
    expect(() => new ThreadPool({ maxThreads })).toThrow(/^maxThreads must be a whole number from 1/)
  })

  it('ends what runs and what waits when it closes, and refuses more', async () => {
    const pool = makePool()
    const { first, hooks } = makeHooks()
    const spinning = call('spin', [], hooks, pool)
    const waiting = call('where', [], undefined, pool)
    await first
    await pool.close()
    expect(await caught(spinning)).toBeInstanceOf(ThreadTerminatedError)
    expect(await caught(waiting)).toBeInstanceOf(ThreadTerminatedError)
    expect(pool.size).toBe(0)
    expect(() => call('where', [], undefined, pool)).toThrow('the thread pool is closed')
  })
})

describe('a plain Node process', () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const run = promisify(execFile)

  async function runPlain(script: string): Promise<unknown> {
    const folder = await mkdtemp(join(tmpdir(), 'offstage-thread-'))
    try {
      await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
      await writeFile(join(folder, 'main.js'), script)
      const config = {
        extends: join(root, 'tsconfig.build.json'),
        compilerOptions: { rootDir: join(root, 'src'), outDir: folder },
      }
      await writeFile(
        join(folder, 'tsconfig.json'),
        JSON.stringify({ ...config, files: [join(root, 'src/actors/thread.ts')], include: [] }),
      )
      await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder])
      return JSON.parse((await run(process.execPath, [join(folder, 'main.js')], { env: {} })).stdout)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('ends by itself while the pool is idle, and loads no pool before the first run', async () => {
    const output = await runPlain(`
      import { ThreadPool } from './actors/thread.js'
      const pool = new ThreadPool({ maxThreads: 1 })
      const loaded = process.moduleLoadList.some((name) => name.endsWith(' worker_threads'))
      const hooks = { progress() {}, log() {}, write() {} }
      const data = { attempt: 1, maxAttempts: 1, taskId: 't1', name: 'dig' }
      const result = await pool.run({ source: '(a) => a + 1' }, [1], data, hooks).result
      console.log(JSON.stringify({ loaded, result, threads: pool.size }))
    `)
    expect(output).toEqual({ loaded: false, result: 2, threads: 1 })
  })
})

describe('an inline function in a thread', () => {
  const inline = (source: string, args: unknown[] = []) => shared.run({ source }, args, context, makeHooks().hooks)

  it('runs as it was written', async () => {
    const source = inlineSource((a: number, b: number, ctx: { attempt: number }) => a + b + ctx.attempt)
    expect(await inline(source, [1, 2]).result).toBe(4)
  })

  it('runs with the names that compilers keep', async () => {
    expect(await inline('() => { const f = __name(() => 5, "f"); return f() }').result).toBe(5)
  })

  it('imports what comes with Node', async () => {
    const source = `async () => (await import('node:path')).sep.length`
    expect(await inline(source).result).toBe(1)
  })

  it('says that it cannot import packages', async () => {
    const error = await caught(inline(`() => import('nanoid')`))
    expect(OffstageError.is(error, 'THREAD')).toBe(true)
    expect(error.message).toMatch(
      /"nanoid" from "offstage:thread".*: a function in a thread can import\(\) only what node: or a URL names/,
    )
  })

  it('says so when it closes over something', async () => {
    const outside = 5
    const error = await caught(inline(inlineSource(() => outside + 1)))
    expect(OffstageError.is(error, 'THREAD')).toBe(true)
    expect(error.message).toMatch(/^outside is not defined: a function in a thread cannot close over anything/)
  })
})
