import { describe, expect, it, vi } from 'vitest'
import { seededRandom } from '../../src/random.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

describe('pause', () => {
  it('starts nothing more, and lets go on what runs', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const running = runner.submit(({ sleep }) => sleep('1s').then(() => 'done'))
    const pending = runner.submit(() => 'later')
    await clock.advance(0)
    runner.pause()
    runner.pause()
    await clock.advance('1h')
    expect([running.result, pending.status, runner.stats.state]).toEqual(['done', 'pending', 'paused'])
    expect((await pending.explain()).code).toBe('PAUSED')
    runner.resume()
    expect(await pending.wait()).toBe('later')
    expect(runner.stats.state).toBe('active')
  })

  it('lets a parent go on when the child it waits for has ended', async () => {
    const { runner, clock } = testRunner()
    const parent = runner.submit(({ submit }) => submit((ctx) => ctx.sleep('1s').then(() => 'up')).wait())
    await clock.advance(0)
    runner.pause()
    expect(await clock.until(parent.wait())).toBe('up')
  })

  it('does not stop the time: a deadline passes, a delay too', async () => {
    const { runner, clock } = testRunner()
    runner.pause()
    const late = runner.submit(() => 1, { deadline: '1m' })
    const due = runner.submit(() => 'due', { delay: '1m' })
    await clock.advance('1m')
    expect([late.error?.code, due.status]).toEqual(['TIMEOUT', 'pending'])
    runner.resume()
    expect(await due.wait()).toBe('due')
  })

  it('can be stopped', async () => {
    const { runner } = testRunner()
    runner.pause()
    runner.submit(() => 1)
    expect(await runner.stop()).toEqual({ cancelled: 1, zombies: [] })
  })
})

describe('who works', () => {
  const shout = defineRecipe({ name: 'shout', run: (input: string) => input.toUpperCase() })

  it('is who has submitted, or has been started', async () => {
    const { runner, clock } = testRunner()
    const store = new MemoryStore()
    const client = new BackgroundRunner({ store, clock, work: false, random: seededRandom(1) })
    const worker = new BackgroundRunner({ store, clock, recipes: [shout], random: seededRandom(2) })
    const task = await client.submitRecipe<typeof shout>('shout', 'hi')
    await clock.advance(0)
    expect([task.status, (await task.explain()).code]).toEqual(['pending', 'NO_WORKER'])
    worker.start()
    expect([await task.wait(), runner.stats.completed]).toEqual(['HI', 0])
  })

  it('finds what others have submitted before it was there, delayed tasks too', async () => {
    const { clock } = testRunner()
    const store = new MemoryStore()
    const client = new BackgroundRunner({ store, clock, work: false, random: seededRandom(1) })
    const [now, later] = await client.submitMany([
      { recipe: 'shout', input: 'now' },
      { recipe: 'shout', input: 'later', options: { delay: '1h' } },
    ])
    const worker = new BackgroundRunner({ store, clock, recipes: [shout], random: seededRandom(2) })
    worker.start()
    expect(await clock.until(Promise.all([now?.wait(), later?.wait()]))).toEqual(['NOW', 'LATER'])
  })

  it('never takes a recipe that it does not know', async () => {
    const { clock } = testRunner()
    const store = new MemoryStore()
    const other = defineRecipe({ name: 'other', run: () => 1 })
    const client = new BackgroundRunner({ store, clock, work: false, random: seededRandom(1) })
    const worker = new BackgroundRunner({ store, clock, recipes: [other], random: seededRandom(2) })
    worker.start()
    const unknown = await client.submitRecipe('shout', 'hi')
    const known = await client.submitRecipe('other')
    expect(await known.wait()).toBe(1)
    expect([unknown.status, await clock.until(unknown.settled({ timeout: 0 }))]).toEqual(['pending', undefined])
  })

  it('with work: false runs nothing, functions neither, and cannot be started', async () => {
    const { runner, clock } = testRunner({ work: false })
    const work = vi.fn()
    runner.submit(work)
    await clock.advance('1h')
    expect(work).not.toHaveBeenCalled()
    expect(() => runner.start()).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})

describe("work({ until: 'idle' })", () => {
  it('works until nothing is left, then stops', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2 })
    const tasks = Array.from({ length: 5 }, (_, i) => runner.submit(({ sleep }) => sleep('1s').then(() => i)))
    runner.submit(() => 1, { delay: '1h' })
    expect(await clock.until(runner.work({ until: 'idle' }))).toEqual({ cancelled: 0, zombies: [] })
    expect([tasks.map(({ result }) => result), runner.stats.state]).toEqual([[0, 1, 2, 3, 4], 'stopped'])
  })

  it('is done at once with nothing to do', async () => {
    const { runner } = testRunner()
    expect(await runner.work({ until: 'idle' })).toEqual({ cancelled: 0, zombies: [] })
  })

  it('goes on with what an end makes others submit', async () => {
    const { runner, clock } = testRunner()
    const names: string[] = []
    const next = (left: number): void => {
      runner.submit(() => void names.push(`${left}`), { onComplete: () => left > 0 && next(left - 1) })
    }
    next(3)
    await clock.until(runner.work({ until: 'idle' }))
    expect(names).toEqual(['3', '2', '1', '0'])
  })

  it('stops when the timeout is over', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(({ sleep }) => sleep('1h'))
    await clock.until(runner.work({ until: 'idle', timeout: '10s' }))
    expect([task.status, clock.monotonic()]).toEqual(['cancelled', 10_000])
  })

  it('ends although a handler never does', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const deaf = runner.submit(never, { timeout: '1s' })
    const { zombies } = await clock.until(runner.work({ until: 'idle' }))
    expect(zombies.map(({ id }) => id)).toEqual([deaf.id])
  })

  it.each([undefined, {}, { until: 'noon' }, { until: 'idle', timeout: 0 }])('is refused as %j', async (options) => {
    const { runner } = testRunner()
    await expect(runner.work(options as never)).rejects.toMatchObject({ code: 'INVALID_OPTION' })
    expect(runner.stats.state).toBe('active')
  })
})
