import { describe, expect, it } from 'vitest'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { brief, recorded } from './recorded.ts'

const lines = async (handler: (ctx: TaskContext) => unknown): Promise<unknown[]> =>
  (await recorded(handler)).events.slice(2, -1).map(brief)

describe('the context', () => {
  it('may be taken apart', async () => {
    const { runner, clock } = testRunner()
    const handler = async ({
      signal,
      progress,
      write,
      log,
      sleep,
      attempt,
      maxAttempts,
      task,
      submit,
    }: TaskContext) => {
      progress(0.5)
      write('text')
      log('line')
      await sleep('1s')
      const child = await submit(() => 'child').wait()
      return { aborted: signal.aborted, attempt, maxAttempts, task, child }
    }
    const task = runner.submit(handler, { name: 'work', retry: { attempts: 2 } })
    const about = { id: task.id, name: 'work' }
    const result = { aborted: false, attempt: 1, maxAttempts: 2, task: about, child: 'child' }
    expect(await clock.until(task.wait())).toEqual(result)
  })

  it('comes behind the arguments', async () => {
    const { runner } = testRunner()
    const task = runner.submit((a: number, b: string, { attempt }) => [a, b, attempt], { args: [1, 'b'] })
    expect(await task.wait()).toEqual([1, 'b', 1])
  })

  it('has the results of what the task needs, in the shape in which it named them', async () => {
    const { runner } = testRunner()
    const one = runner.submit(() => 1)
    const two = runner.submit(() => 'two')
    const named = runner.submit(({ needs }) => needs, { needs: { two, one } })
    const listed = runner.submit(({ needs }) => needs, { needs: [one, two, one] })
    expect(await named.wait()).toEqual({ one: 1, two: 'two' })
    expect(await listed.wait()).toEqual([1, 'two', 1])
  })
})

describe('progress', () => {
  it.each([[-0.1], [1.1], [Number.NaN], ['0.5'], [undefined]])('refuses %s', async (fraction) => {
    const { runner } = testRunner()
    const task = runner.submit(({ progress }) => progress(fraction as number))
    expect(await task.settled()).toMatchObject({ error: { code: 'INVALID_OPTION' } })
    expect(task.error?.message).toMatch(/^progress must be a number from 0 to 1, got /)
  })

  it('bounds its message', async () => {
    const { runner } = testRunner()
    const task = runner.submit(({ progress }) => progress(1, 'x'.repeat(1_000)))
    await task.wait()
    expect(task.message).toBe('x'.repeat(500))
  })
})

describe('write', () => {
  it('makes one piece of what is written in one turn', async () => {
    const handler = async ({ write, sleep }: TaskContext): Promise<void> => {
      for (const word of ['one ', '', 'two ', 'three']) write(word)
      await sleep('1s')
      write('four')
    }
    expect(await lines(handler)).toEqual([
      ['output', 'one two three'],
      ['output', 'four'],
    ])
  })

  it('keeps its place among logs and progress', async () => {
    const handler = ({ write, log, progress }: TaskContext): void => {
      write('a')
      log('between')
      write('b')
      progress(1)
      write('c')
    }
    expect(await lines(handler)).toEqual([
      ['output', 'a'],
      ['info', 'between', undefined],
      ['output', 'b'],
      ['progress', 1, undefined],
      ['output', 'c'],
    ])
  })

  it('loses nothing that was written before an end, however that comes', async () => {
    expect(await lines(({ write }) => write('returned'))).toEqual([['output', 'returned']])
    expect(await lines(async ({ write }) => write('resolved'))).toEqual([['output', 'resolved']])
    const thrown = ({ write }: TaskContext): void => {
      write('thrown')
      throw new Error('no')
    }
    expect(await lines(thrown)).toEqual([['output', 'thrown']])
  })

  it('cuts what is too large, and makes text of what is none', async () => {
    const pieces = await lines(({ write }) => {
      write('x'.repeat(2_500))
      write(42 as unknown as string)
    })
    expect(pieces.map((piece) => (piece as string[])[1]?.length)).toEqual([1_000, 1_000, 500, 2])
  })

  it('says nothing any more once the task has ended', async () => {
    const { runner, clock } = testRunner()
    const contexts: TaskContext[] = []
    const task = runner.submit((ctx) => void contexts.push(ctx))
    await task.wait()
    const before = task.toJSON()
    for (const { write, log, progress } of contexts) {
      write('late')
      log('late')
      progress(0.5)
    }
    await clock.advance(0)
    expect(task.toJSON()).toEqual(before)
  })
})

describe('log', () => {
  it('has a level, info unless it is named', async () => {
    const handler = ({ log }: TaskContext): void => {
      log('plain', { n: 0 })
      log.debug('d')
      log.info('i', [1])
      log.warn('w', null)
      log.error('e', false)
    }
    expect(await lines(handler)).toEqual([
      ['info', 'plain', { n: 0 }],
      ['debug', 'd', undefined],
      ['info', 'i', [1]],
      ['warn', 'w', null],
      ['error', 'e', false],
    ])
  })

  it('keeps a copy of its data, and says what it leaves out', async () => {
    const handler = ({ log }: TaskContext): void => {
      const data = { n: 1 }
      log('copied', data)
      data.n = 2
      log('too long', 'x'.repeat(5_000))
      log('no JSON', { f: () => 1 })
      log('y'.repeat(5_000))
    }
    expect(await lines(handler)).toEqual([
      ['info', 'copied', { n: 1 }],
      ['info', 'too long', 'data left out: it is too long'],
      ['info', 'no JSON', expect.stringMatching(/^data left out: data\.f must be a JSON value/)],
      ['info', 'y'.repeat(4_096), undefined],
    ])
  })
})

describe('sleep', () => {
  it('resolves when the time has passed', async () => {
    const { runner, clock } = testRunner()
    const before = clock.now()
    await clock.until(runner.submit(({ sleep }) => sleep('90s')).wait())
    expect(clock.now() - before).toBe(90_000)
  })

  it('rejects with the reason of the signal when the task should stop, and at once after that', async () => {
    const { runner, clock } = testRunner()
    const caught: unknown[] = []
    const task = runner.submit(async ({ sleep, signal }) => {
      for (const duration of ['1h', 0] as const) await sleep(duration).catch((error) => caught.push(error))
      caught.push(signal.reason)
    })
    await clock.advance(0)
    await task.cancel('enough')
    await clock.until(task.settled())
    expect(caught[0]).toMatchObject({ code: 'CANCELLED', reason: 'enough' })
    expect(new Set(caught).size).toBe(1)
    expect(clock.pending).toBe(1) // the clean-up
  })

  it('refuses what is no duration', async () => {
    const { runner } = testRunner()
    const task = runner.submit(({ sleep }) => sleep(-1))
    expect(await task.settled()).toMatchObject({ error: { code: 'INVALID_OPTION' } })
  })
})
