import { describe, expect, it } from 'vitest'
import { TaskFailedError } from '../../src/errors.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const frozen = Object.freeze(new RangeError('frozen'))
const loop: Record<string, unknown> = {}
loop.self = loop

describe('a handler that throws', () => {
  it.each<[string, unknown, string, string]>([
    ['an error', new TypeError('broken'), 'ERROR', 'broken'],
    ['an error with a code', Object.assign(new Error('denied'), { code: 'EACCES' }), 'EACCES', 'denied'],
    ['a frozen error', frozen, 'ERROR', 'frozen'],
    ['a string', 'out of order', 'ERROR', 'the handler threw "out of order"'],
    ['undefined', undefined, 'ERROR', 'the handler threw undefined'],
    ['null', null, 'ERROR', 'the handler threw null'],
    ['an object', { status: 503 }, 'ERROR', 'the handler threw {"status":503}'],
    ['an object that holds itself', loop, 'ERROR', 'the handler threw something unreadable'],
    ['control characters', '\u001b[2J', 'ERROR', 'the handler threw "\\u001b[2J"'],
    ['an error without a message', new Error(''), 'ERROR', 'Error'],
  ])('%s fails its task, at once and from a promise', async (_, thrown, code, message) => {
    const { runner } = testRunner({ logger: silent })
    const throws = (): never => {
      throw thrown
    }
    for (const work of [throws, async () => throws(), () => Promise.reject(thrown)]) {
      const error = await runner
        .submit(work)
        .wait()
        .catch((reason: unknown) => reason)
      expect(error).toBeInstanceOf(TaskFailedError)
      expect(error).toMatchObject({ code, failure: { code, message } })
      if (thrown !== undefined && thrown !== null) expect((error as Error).cause).toBe(thrown)
    }
  })

  it('keeps the code, the message and the cause of an error as data', async () => {
    const { runner } = testRunner()
    const cause = Object.assign(new Error('the disk is full'), { code: 'ENOSPC' })
    const task = runner.submit(() => Promise.reject(new Error('not saved', { cause })))
    await task.settled()
    expect(task.error).toMatchObject({ code: 'ERROR', message: 'not saved', cause: { code: 'ENOSPC' } })
    expect(JSON.parse(JSON.stringify(task)).error.cause.message).toBe('the disk is full')
  })
})

type Settle = (value?: unknown) => void
/** An object that answers `then` as no promise does. */
const thenable = (then: (done: Settle, no: Settle) => void, on: object = {}): unknown =>
  Object.defineProperty(on, 'then', { value: then })
const broken = new Error('broken')

describe('a handler that returns a thenable', () => {
  it.each<[string, unknown, unknown]>([
    ['settles twice', thenable((done) => [done(1), done(2)]), 1],
    ['resolves, then rejects', thenable((done, no) => [done(1), no(broken)]), 1],
    [
      'resolves, then throws',
      thenable((done) => {
        done(1)
        throw broken
      }),
      1,
    ],
    [
      'is a function',
      thenable(
        (done) => done(3),
        () => {},
      ),
      3,
    ],
    ['resolves with another', thenable((done) => done(thenable((again) => again(4)))), 4],
  ])('which %s settles once', async (_, value, result) => {
    const { runner } = testRunner()
    const task = runner.submit(() => value)
    expect(await task.wait()).toBe(result)
    expect(runner.stats).toMatchObject({ completed: 1, failed: 0, busySlots: 0 })
  })

  it.each<[string, unknown]>([
    [
      'throws',
      thenable(() => {
        throw broken
      }),
    ],
    ['rejects twice', thenable((_, no) => [no(broken), no(new Error('again'))])],
    [
      'cannot even be looked at',
      Object.defineProperty({}, 'then', {
        get() {
          throw broken
        },
      }),
    ],
  ])('which %s fails', async (_, value) => {
    const { runner } = testRunner()
    const task = runner.submit(() => value)
    await expect(task.wait()).rejects.toMatchObject({ cause: broken })
    expect(runner.stats).toMatchObject({ failed: 1, busySlots: 0 })
  })
})

describe('a handler that never settles', () => {
  it('ends by its timeout, and others run', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2, logger: silent })
    const stuck = runner.submit(never, { timeout: '1s' })
    expect(await clock.until(runner.submit(() => 'free').wait())).toBe('free')
    await clock.until(stuck.settled())
    expect(stuck.error?.code).toBe('TIMEOUT')
  })
})

describe('the result', () => {
  it('of a function is handed on as it is', async () => {
    const { runner } = testRunner()
    const result = { when: new Date(0), many: 1n, fn: () => 1, map: new Map() }
    expect(await runner.submit(() => result).wait()).toBe(result)
    expect(await runner.submit(() => {}).wait()).toBeUndefined()
  })

  it.each<[string, unknown]>([
    ['a bigint', { n: 1n }],
    ['a function', { fn: () => 1 }],
    ['itself', loop],
    ['NaN', [Number.NaN]],
    ['a symbol', Symbol('s')],
    [
      'a toJSON that throws',
      {
        toJSON() {
          throw new Error('no')
        },
      },
    ],
  ])('of a recipe fails the task as INVALID_RESULT when it is or holds %s', async (_, result) => {
    const work = defineRecipe({ name: 'work', run: () => result as string })
    const { runner } = testRunner({ recipes: [work], logger: silent })
    const task = await runner.submitRecipe(work)
    await expect(task.wait()).rejects.toMatchObject({ code: 'INVALID_RESULT' })
    expect(runner.stats).toMatchObject({ failed: 1, busySlots: 0 })
  })

  it('of a recipe is a copy, as it would be from another process', async () => {
    const kept = { list: [1, 2], gone: undefined }
    const work = defineRecipe({ name: 'work', run: () => kept })
    const { runner } = testRunner({ recipes: [work] })
    const result = await (await runner.submitRecipe(work)).wait()
    expect([result, result === kept]).toEqual([{ list: [1, 2] }, false])
  })
})
