import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createRequire } from 'node:module'
import { afterEach, describe, expect, it } from 'vitest'
import type { Attempt } from '../../src/actors/attempt.ts'
import { Telemetry, type Tracer } from '../../src/actors/telemetry.ts'
import { activeTracer } from '../../src/actors/tracer.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { testRunner } from '../../src/testing/runner.ts'

const off: (() => void)[] = []
afterEach(() => {
  for (const each of off.splice(0)) each()
})

/** Listens to a channel until the test is over. */
function listen<T>(channel: string, listener?: (message: T) => void): T[] {
  const heard: T[] = []
  const hear = (message: unknown): void => {
    heard.push(message as T)
    listener?.(message as T)
  }
  subscribe(channel, hear)
  off.push(() => unsubscribe(channel, hear))
  return heard
}

const nobody = new Telemetry(() => undefined)
/** An attempt that must not be looked at. */
const untouchable = new Proxy({} as Attempt, {
  get: (_, key) => {
    throw new Error(`${String(key)} was read`)
  },
})

describe('without subscribers and tracer', () => {
  it('nothing is computed', () => {
    expect(nobody.listening).toBe(false)
    expect(nobody.inject(untouchable)).toBeUndefined()
    expect(nobody.run(untouchable, () => 'done')).toBe('done')
    nobody.ended(untouchable, true, 'done')
    nobody.changed(untouchable as never)
  })

  it('no package of OpenTelemetry is loaded, whatever runs', async () => {
    await new BackgroundRunner().submit(({ submit }) => submit(() => 1).wait()).wait()
    expect(activeTracer()).toBeUndefined()
    const loaded = Object.keys(createRequire(import.meta.url).cache).filter((path) => path.includes('@opentelemetry'))
    expect(loaded).toEqual([])
  })
})

describe('offstage:task', () => {
  it('tells every step of every task', async () => {
    const heard = listen('offstage:task')
    const { runner, clock } = testRunner({ now: 1_000 })
    const task = runner.submit(() => 'secret result', { id: 'one', name: 'work' })
    await clock.until(task.wait())
    const common = { task: 'one', name: 'work', recipe: undefined, at: 1_000, error: undefined }
    expect(heard).toEqual([
      { ...common, event: 'submit', from: 'new', to: 'pending.queued' },
      { ...common, event: 'start', from: 'pending.queued', to: 'running.executing' },
      { ...common, event: 'complete', from: 'running.executing', to: 'completed' },
    ])
    await runner.stop()
  })

  it('names the recipe, and the code of a failure, but no content', async () => {
    const heard = listen<object>('offstage:task')
    const fails = defineRecipe({
      name: 'fails',
      run: async (input: { prompt: string }, { progress }) => {
        progress(0.5, `half of ${input.prompt}`)
        throw Object.assign(new Error(`no answer to ${input.prompt}`), { code: 'OVERLOADED' })
      },
    })
    const runner = new BackgroundRunner({ recipes: [fails] })
    await (await runner.submitRecipe(fails, { prompt: 'my secret' })).settled()
    expect(heard.at(-1)).toMatchObject({ recipe: 'fails', event: 'fail', to: 'failed', error: 'OVERLOADED' })
    expect(heard).toHaveLength(4)
    expect(JSON.stringify(heard)).not.toContain('secret')
    await runner.stop()
  })
})

describe('offstage:attempt', () => {
  it('tells the start and the end of each call, in one claim', async () => {
    const starts = listen<{ claim: string }>('offstage:attempt:start')
    const ends = listen<{ claim: string }>('offstage:attempt:end')
    const { runner, clock } = testRunner()
    const work = ({ attempt }: { attempt: number }): number => {
      if (attempt === 1) throw new Error('not yet')
      return attempt
    }
    const task = runner.submit(work, { id: 'one', name: 'work', retry: { attempts: 2 } })
    await clock.until(task.wait())
    const call = (attempt: number) => ({
      task: 'one',
      name: 'work',
      recipe: undefined,
      attempt,
      claim: expect.any(String),
    })
    expect(starts).toEqual([call(1), call(2)])
    expect(ends).toEqual([
      { ...call(1), outcome: 'failed', error: 'ERROR' },
      { ...call(2), outcome: 'completed', error: undefined },
    ])
    expect(ends.map(({ claim }) => claim)).toEqual(starts.map(({ claim }) => claim))
    expect(starts[0]?.claim).not.toBe(starts[1]?.claim)
    await runner.stop()
  })

  it.each([
    [undefined, true, 'completed', undefined],
    [undefined, false, 'failed', 'ERROR'],
    ['cancel', true, 'cancelled', undefined],
    ['cancel', false, 'cancelled', undefined],
    ['timeout', true, 'failed', 'TIMEOUT'],
    ['fenced', true, 'failed', 'LOST'],
    ['shutdown', true, 'completed', undefined],
    ['shutdown', false, 'stopped', undefined],
  ] as const)('looks at the stop (%s) before it looks at what came (ok: %s)', (stopCause, ok, outcome, error) => {
    const ends = listen('offstage:attempt:end')
    const attempt = {
      task: { id: 'one', spec: { name: 'work' } },
      number: 1,
      claim: 'c',
      stopCause,
    } as unknown as Attempt
    nobody.ended(attempt, ok, new Error('aborted'))
    expect(ends).toEqual([expect.objectContaining({ outcome, error })])
  })
})

describe('a subscriber that throws', () => {
  it('harms no task: Node makes it an uncaught exception of the next tick', async () => {
    const uncaught: string[] = []
    let allTold = (): void => {}
    const told = new Promise<void>((resolve) => {
      allTold = resolve
    })
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', ({ message }) => {
      if (uncaught.push(message) === 5) allTold()
    })
    off.push(() => {
      process.removeAllListeners('uncaughtException')
      for (const each of others) process.on('uncaughtException', each)
    })
    for (const channel of ['offstage:task', 'offstage:attempt:start', 'offstage:attempt:end']) {
      listen(channel, () => {
        throw new RangeError(channel)
      })
    }
    const runner = new BackgroundRunner()
    expect(await runner.submit(() => 'done').wait()).toBe('done')
    expect(runner.stats).toMatchObject({ completed: 1, busySlots: 0 })
    await told
    expect(new Set(uncaught).size).toBe(3)
    await runner.stop()
  })
})

describe('a tracer', () => {
  it('is looked up at every use, so that it may come later than the runner', () => {
    let tracer: Tracer | undefined
    const telemetry = new Telemetry(() => tracer)
    expect([telemetry.listening, telemetry.inject(undefined)]).toEqual([false, undefined])
    tracer = { inject: () => 'trace', run: (_, handler) => handler(), ended: () => {} }
    expect([telemetry.listening, telemetry.inject(undefined)]).toEqual([true, 'trace'])
  })
})
