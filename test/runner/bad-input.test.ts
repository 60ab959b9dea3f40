import { describe, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import type { SubmitOptions } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

/** What a refusal says: the option, and the value as it was given. */
const refusal = (option: string, value: unknown) => expect.objectContaining({ code: 'INVALID_OPTION', option, value })

describe('a runner is refused', () => {
  it.each<[keyof RunnerOptions, unknown[]]>([
    ['maxConcurrentTasks', [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', 100_001, null]],
    ['defaultTimeout', [0, -1, Number.NaN, 'soon', '5 m', '-1s', true, 1e300]],
    ['gracePeriod', [-1, Number.NaN, '1x', {}]],
    ['cleanupDelay', [-1, '']],
    ['retention', [-1, 'week']],
    ['keepFinished', [-1, 0.5]],
    ['maxPending', [0, -5, '10']],
    ['autoCleanup', ['yes', 1]],
    ['work', [0]],
    ['handleSignals', ['SIGTERM']],
    ['recipes', [{}, 'all']],
  ])('for its %s', (option, values) => {
    for (const value of values) {
      if (value === null) continue
      expect(() => new BackgroundRunner({ [option]: value })).toThrow(refusal(option, value))
    }
  })

  it.each<[string, RunnerOptions]>([
    ['retry.attempts', { retry: { attempts: 0 } }],
    ['retry.attempts', { retry: { attempts: 1_001 } }],
    ['retry.backoff', { retry: { backoff: 'linear' as 'fixed' } }],
    ['retry.minDelay', { retry: { minDelay: -1 } }],
    ['retry.maxDelay', { retry: { maxDelay: 'long' as '1s' } }],
    ['retry.jitter', { retry: { jitter: 1.1 } }],
    ['retry.when', { retry: { when: true as never } }],
    ['clock.setTimeout', { clock: { now: () => 0, monotonic: () => 0 } as never }],
    ['random.id', { random: { next: () => 0 } as never }],
    ['store.submit', { store: {} as never }],
    ['logger.debug', { logger: { warn: () => {} } as never }],
  ])('for its %s (%#)', (option, options) => {
    expect(() => new BackgroundRunner(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', option }))
  })

  it.each([null, 5, 'fast', []])('when its options are %j', (options) => {
    expect(() => new BackgroundRunner(options as never)).toThrow(OffstageError)
  })

  it('for an option that nobody reads, naming those that are', () => {
    expect(() => new BackgroundRunner({ maxConcurrent: 3 } as never)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_OPTION',
        message: expect.stringMatching(/"maxConcurrent".*maxConcurrentTasks/),
      }),
    )
  })
})

const tooLong = 'x'.repeat(201)
const badIds = [
  '',
  '.',
  '..',
  '../x',
  '/etc/passwd',
  'C:\\x',
  'a\0b',
  'a b',
  '-rf',
  'x'.repeat(65_536),
  'e\u0301',
  '\u202Ex',
  '__proto__',
  7,
  {},
  Symbol('id'),
]

describe('a submit is refused, and nothing is submitted,', () => {
  it.each<[keyof SubmitOptions, unknown[]]>([
    ['id', badIds],
    ['name', ['', tooLong, 'a\nb', '\u202Ex', '\uD800', 5]],
    ['timeout', [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 'soon', true, '101w0', 4e15]],
    ['delay', [-1, Number.NaN, 'tomorrow', 4e15]],
    ['deadline', [0, -1, Number.NaN, 'noon', new Date(Number.NaN)]],
    ['priority', [0.5, 1_001, -1_001, 'high', Number.NaN]],
    ['idempotencyKey', ['', tooLong, 5]],
    ['owner', ['', tooLong, {}]],
    ['tags', ['a', {}, Array(33).fill('a')]],
    ['metadata', [[], 'a', 5]],
    ['args', ['a', {}, 5]],
    ['signal', [{}, 'abort', true]],
    ['onProgress', [true]],
    ['onComplete', ['done']],
    ['thread', [false, 'file:///x.js', 1]],
    ['export', ['fn']],
  ])('for its %s', (option, values) => {
    const { runner } = testRunner()
    for (const value of values) {
      expect(() => runner.submit(() => 1, { [option]: value } as never)).toThrow(refusal(option, value))
    }
    expect([runner.tasks, runner.stats.pending]).toEqual([[], 0])
  })

  it.each<[string, unknown]>([
    ['concurrencyKey', 5],
    ['concurrencyKey', ''],
    ['concurrencyKey.key', { key: '', limit: 1 }],
    ['concurrencyKey.limit', { key: 'a', limit: 0 }],
    ['concurrencyKey.limit', { key: 'a' }],
    ['metadata.a', { a: 1n }],
    ['metadata.a.b', { a: { b: () => 1 } }],
    ['tags[1]', ['a', 5]],
    ['retry.attempts', { attempts: 0 }],
  ])('for its %s (%#)', (option, value) => {
    const { runner } = testRunner()
    const name = option.split(/[.[]/)[0] as string
    expect(() => runner.submit(() => 1, { [name]: value } as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: expect.stringContaining(name) }),
    )
    expect(runner.tasks).toEqual([])
  })

  it.each([undefined, null, 5, 'fn', {}, [], { run: () => 1 }, Promise.resolve(1)])('when the task is %s', (work) => {
    const { runner } = testRunner()
    expect(() => runner.submit(work as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'the task', rule: 'a function' }),
    )
    expect(runner.tasks).toEqual([])
  })

  it.each([null, 5, 'fast', []])('when the options are %j', (options) => {
    const { runner } = testRunner()
    expect(() => runner.submit(() => 1, options as never)).toThrow(OffstageError)
    expect(runner.tasks).toEqual([])
  })

  it('for an option that nobody reads, naming those that are', () => {
    const { runner } = testRunner()
    expect(() => runner.submit(() => 1, { retries: 3 } as never)).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_OPTION', message: expect.stringMatching(/"retries".*\bretry\b/) }),
    )
    expect(runner.tasks).toEqual([])
  })

  it('for a thread that is no module', () => {
    const { runner } = testRunner()
    expect(() => runner.submit({ thread: new URL('https://example.org/x.js') })).toThrow(
      expect.objectContaining({ code: 'INVALID_OPTION', option: 'thread' }),
    )
    expect(runner.tasks).toEqual([])
  })

  it('when maxPending tasks wait already; there is room again when one of them goes', async () => {
    const { runner } = testRunner({ maxPending: 2 })
    runner.pause()
    const [first] = [runner.submit(() => 1), runner.submit(() => 2)]
    expect(() => runner.submit(() => 3)).toThrow(
      expect.objectContaining({ code: 'QUEUE_FULL', message: expect.stringContaining('at most 2 tasks') }),
    )
    expect(runner.tasks).toHaveLength(2)
    await first?.cancel()
    expect(runner.submit(() => 3).status).toBe('pending')
  })
})

describe('a wait is refused', () => {
  it.each([{ timeout: -1 }, { timeout: Number.NaN }, { timeout: 'soon' }, { signal: {} }, { until: 1 }, null])(
    'with %j, and the task goes on',
    async (options) => {
      const { runner } = testRunner()
      const task = runner.submit(() => 'done')
      await expect(task.wait(options as never)).rejects.toThrow(OffstageError)
      expect(await task.wait()).toBe('done')
    },
  )
})

describe('what a handler asks for is refused in the handler', () => {
  it.each<[string, (ctx: never) => unknown]>([
    ['progress', ({ progress }: { progress(fraction: unknown): void }) => progress(1.5)],
    ['progress', ({ progress }: { progress(fraction: unknown): void }) => progress(Number.NaN)],
    ['sleep', ({ sleep }: { sleep(duration: unknown): unknown }) => sleep('a while')],
    ['sleep', ({ sleep }: { sleep(duration: unknown): unknown }) => sleep(-1)],
  ])('as a %s that cannot be (%#)', async (option, work) => {
    const { runner } = testRunner()
    const task = runner.submit(work as () => unknown)
    await expect(task.wait()).rejects.toMatchObject({ code: 'INVALID_OPTION', cause: { option } })
  })
})
