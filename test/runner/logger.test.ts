import { afterEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { BackgroundRunner } from '../../src/runner/runner.ts'
import type { Logger } from '../../src/runner/runner-options.ts'
import { testRunner } from '../../src/testing/runner.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

type Spied = { readonly [K in keyof Logger]: MockInstance }
const broken = new Error('broken')
const fail = (): never => {
  throw broken
}

function logged(): Spied & Logger {
  return { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
}
const levels = (logger: Spied): number[] => Object.values(logger).map((spy) => spy.mock.calls.length)

/** What nobody would see otherwise: how it is brought about, and the words that tell of it. */
const unseen: [
  what: string,
  act: (runner: BackgroundRunner, clock: VirtualClock) => Promise<void>,
  words: RegExp,
  err?: Error,
][] = [
  [
    'an onProgress that throws',
    async (runner) =>
      void (await runner.submit(({ progress }) => progress(1), { name: 'work', onProgress: fail }).wait()),
    /^onProgress of "work" \(\w{22}\) threw/,
    broken,
  ],
  [
    'an onComplete that throws',
    async (runner) => void (await runner.submit(() => 1, { name: 'work', onComplete: fail }).wait()),
    /^onComplete of "work" \(\w{22}\) threw/,
    broken,
  ],
  [
    'an onComplete whose promise rejects',
    async (runner) => void (await runner.submit(() => 1, { name: 'work', onComplete: async () => fail() }).wait()),
    /^onComplete of "work" \(\w{22}\) threw/,
    broken,
  ],
  [
    'an onSettled that throws',
    async (runner) => {
      const recipe = defineRecipe({ name: 'work', run: async () => 1, onSettled: fail })
      await (await runner.submitRecipe(recipe, undefined)).wait()
    },
    /^onSettled of "work" \(\w{22}\) threw/,
    broken,
  ],
  [
    'a handler that will not stop',
    async (runner, clock) => {
      let free = (): void => {}
      const task = runner.submit(() => new Promise<void>((resolve) => (free = resolve)), { name: 'work' })
      await clock.advance(0)
      await task.cancel()
      await clock.advance('5s')
      free()
    },
    /^"work" \(\w{22}\) was told to stop and still runs; it keeps its slot until it ends/,
  ],
  [
    'a failure that nobody asks about',
    async (runner) => {
      runner.submit(fail, { name: 'work' })
      await runner.onIdle()
    },
    /^"work" \(\w{22}\) failed, and nobody has asked for its outcome: broken/,
    broken,
  ],
]

/** Brings it about, and lets everything be said. */
async function happens(act: (typeof unseen)[number][1], logger?: Logger): Promise<void> {
  const { runner, clock } = testRunner(logger === undefined ? {} : { logger })
  await act(runner, clock)
  await clock.until(runner.stop())
}

describe.each(unseen)('%s', (_, act, words, err) => {
  afterEach(() => vi.restoreAllMocks())

  it('is a warning of the logger, with the error under err', async () => {
    const logger = logged()
    await happens(act, logger)
    expect(levels(logger)).toEqual([0, 0, 1, 0])
    expect(logger.warn.mock.calls[0]).toEqual([err === undefined ? {} : { err }, expect.stringMatching(words)])
  })

  it('is a warning of the process where there is no logger', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await happens(act)
    expect(emit.mock.calls).toEqual([[expect.stringMatching(words), 'OffstageWarning']])
  })
})

describe('a logger that throws', () => {
  it('harms nothing, and the process is warned instead', async () => {
    const emit = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    await happens(
      async (runner) => {
        expect(await runner.submit(() => 'done', { onComplete: fail }).wait()).toBe('done')
      },
      { ...logged(), warn: fail },
    )
    expect(emit.mock.calls).toEqual([
      [expect.stringMatching(/^onComplete of .* threw: Error: broken/), 'OffstageWarning'],
    ])
    vi.restoreAllMocks()
  })
})

describe('a failure that somebody asks about', () => {
  it.each<[string, (task: ReturnType<BackgroundRunner['submit']>) => unknown]>([
    ['wait', (task) => task.wait().catch(() => {})],
    ['settled', (task) => task.settled()],
    ['outcome', (task) => task.outcome],
    ['events', (task) => task.events()],
  ])('with %s is no warning', async (_, ask) => {
    const logger = logged()
    await happens(async (runner) => {
      void ask(runner.submit(fail) as ReturnType<BackgroundRunner['submit']>)
      await runner.onIdle()
    }, logger)
    expect(levels(logger)).toEqual([0, 0, 0, 0])
  })

  it('only after it has happened is no warning either', async () => {
    const logger = logged()
    await happens(async (runner) => {
      const task = runner.submit(fail)
      await runner.onIdle()
      expect(task.error?.message).toBe('broken')
    }, logger)
    expect(levels(logger)).toEqual([0, 0, 0, 0])
  })

  it('with onComplete is no warning', async () => {
    const logger = logged()
    await happens(async (runner) => {
      runner.submit(fail, { onComplete: () => {} })
      await runner.onIdle()
    }, logger)
    expect(levels(logger)).toEqual([0, 0, 0, 0])
  })
})

describe('ordinary work', () => {
  it('is not logged at all: results, cancels, retries', async () => {
    const logger = logged()
    await happens(async (runner, clock) => {
      await runner.submit(() => 1).wait()
      await runner.submit(() => 1, { delay: '1h' }).cancel()
      const retried = runner.submit(({ attempt }) => (attempt === 1 ? fail() : 'done'), { retry: { attempts: 2 } })
      await clock.until(retried.wait())
    }, logger)
    expect(levels(logger)).toEqual([0, 0, 0, 0])
  })
})
