import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { never, silent } from './work.ts'

const rest = ({ sleep }: TaskContext): Promise<void> => sleep('1h')

describe('explain says that a task', () => {
  it('NEEDS others, and which', async () => {
    const { runner, clock } = testRunner()
    const first = runner.submit(rest, { id: 'first' })
    const task = runner.submit(() => 1, { needs: [first] })
    await clock.advance(0)
    expect(await task.explain()).toEqual({
      code: 'NEEDS',
      needs: [{ task: 'first', state: 'running.executing' }],
      sentence: 'It waits for what it needs: first (executing).',
    })
  })

  it('is DELAYED, until when and why', async () => {
    const { runner, clock } = testRunner()
    const asked = runner.submit(() => 1, { delay: '1m' })
    const again = runner.submit(() => Promise.reject(new Error('no')), {
      retry: { attempts: 2, minDelay: '10s', jitter: 0 },
    })
    await clock.advance(0)
    expect(await asked.explain()).toMatchObject({
      code: 'DELAYED',
      because: 'delay',
      until: Date.UTC(2030, 0, 1, 0, 1),
      sentence: 'It is delayed until 2030-01-01T00:01:00.000Z, as was asked for.',
    })
    expect((await again.explain()).sentence).toBe(
      'Attempt 2 of 2 follows at 2030-01-01T00:00:10.000Z after ERROR ("no").',
    )
  })

  it('waits for its own key, as its user named it', async () => {
    const { runner, clock } = testRunner()
    runner.submit(rest, { id: 'holder', concurrencyKey: 'user:1' })
    const task = runner.submit(() => 1, { concurrencyKey: 'user:1' })
    await clock.advance(0)
    expect(await task.explain()).toMatchObject({
      code: 'KEY_FULL',
      limit: 1,
      holders: [{ task: 'holder', zombie: false }],
      sentence: 'Its key "user:1" lets one task run at a time and is held by holder.',
    })
  })

  it('waits for the limit of its recipe', async () => {
    const research = defineRecipe({
      name: 'research',
      maxConcurrent: 2,
      run: (_: undefined, ctx) => rest(ctx as never),
    })
    const { runner, clock } = testRunner({ recipes: [research] })
    for (const id of ['a', 'b']) await runner.submitRecipe(research, undefined, { id })
    const task = await runner.submitRecipe(research)
    await clock.advance(0)
    expect(await task.explain()).toMatchObject({
      code: 'KEY_FULL',
      limit: 2,
      sentence: "The recipe research's limit of 2 is reached, by a and b.",
    })
  })

  it('lends its keys while it is WAITING for a child', async () => {
    const parent = defineRecipe({
      name: 'parent',
      maxConcurrent: 1,
      run: async (_: undefined, ctx) => (await ctx.submit(rest as never, { id: 'child' })).wait(),
    })
    const { runner, clock } = testRunner({ recipes: [parent] })
    const task = await runner.submitRecipe(parent, undefined, { concurrencyKey: 'k' })
    await clock.advance(0)
    expect(await task.explain()).toMatchObject({
      code: 'WAITING',
      sentence: `It waits for child (executing), and lends its key "k" and its place under the recipe parent's limit meanwhile.`,
    })
  })

  it('is in a deadlock over keys, by the names that its user gave', async () => {
    const { runner, clock } = testRunner()
    const cross = (key: string) => (ctx: TaskContext) =>
      ctx.submit(() => 1, { id: `child-${key}`, concurrencyKey: key }).wait()
    const task = runner.submit(cross('b'), { id: 'one', concurrencyKey: 'a' })
    runner.submit(cross('a'), { id: 'two', concurrencyKey: 'b' })
    await clock.advance(0)
    const { code, sentence } = await task.explain()
    expect(code).toBe('DEADLOCK_KEYS')
    expect(sentence).toContain('child-b waits for the key "b" of two')
    expect(sentence).not.toContain('key:')
  })

  it('is QUEUED while nothing holds it back', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    expect(await task.explain()).toEqual({
      code: 'QUEUED',
      sentence: 'Nothing holds it back: it starts as soon as a worker that can run it has room.',
    })
    await task.wait()
  })

  it('finds all SLOTS_FULL, and who has them', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 7 })
    for (let i = 1; i <= 7; i += 1) runner.submit(rest, { id: `t${i}` })
    const task = runner.submit(() => 1)
    await clock.advance(0)
    expect(await task.explain()).toEqual({
      code: 'SLOTS_FULL',
      slots: 7,
      holders: ['t1', 't2', 't3', 't4', 't5', 't6', 't7'],
      sentence: 'It is queued, and all 7 slots of this runner are taken, by t1, t2, t3, t4, t5 and 2 more.',
    })
  })

  it('finds its runner PAUSED', async () => {
    const { runner } = testRunner()
    runner.pause()
    const task = runner.submit(() => 1)
    expect(await task.explain()).toEqual({
      code: 'PAUSED',
      sentence: 'It is queued, and this runner is paused: resume() lets it start.',
    })
  })

  it('finds no worker here: NO_WORKER', async () => {
    const { runner } = testRunner({ work: false })
    const task = await runner.submitRecipe('research')
    expect(await task.explain()).toEqual({
      code: 'NO_WORKER',
      recipe: 'research',
      sentence: 'It is queued, and this runner does not work: call start(), or run a worker on the same store.',
    })
  })

  it('has an UNKNOWN_RECIPE, and which are known', async () => {
    const { runner } = testRunner()
    const task = await runner.submitRecipe('reserch')
    expect((await task.explain()).sentence).toBe(
      'It is queued, and this runner does not know the recipe reserch (it knows: none).',
    )
    await (await runner.submitRecipe(defineRecipe({ name: 'research', run: () => 1 }))).wait()
    expect(await task.explain()).toMatchObject({ code: 'UNKNOWN_RECIPE', recipe: 'reserch', known: ['research'] })
  })

  it('is RATE_LIMITED, and for how long', async () => {
    const fetch = defineRecipe({ name: 'fetch', rateLimit: { max: 1, per: '10s' }, run: () => 1 })
    const { runner, clock } = testRunner({ recipes: [fetch] })
    await (await runner.submitRecipe(fetch)).wait()
    const task = await runner.submitRecipe(fetch)
    await clock.advance('3s')
    expect(await task.explain()).toEqual({
      code: 'RATE_LIMITED',
      recipe: 'fetch',
      inMs: 7_000,
      sentence: 'It is queued, and the rate limit of the recipe fetch lets the next task start in 7000 ms.',
    })
  })

  it('is RUNNING, or STOPPING, and where', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(never, { timeout: '1m' })
    await clock.advance('1s')
    const { worker } = (await task.explain()) as { worker: string }
    expect(await task.explain()).toMatchObject({
      code: 'RUNNING',
      sentence: `Attempt 1 of 1 runs on worker ${worker} since 2030-01-01T00:00:00.000Z, for at most 1 min.`,
    })
    await task.cancel('enough')
    expect(await task.explain()).toMatchObject({ code: 'STOPPING', cause: 'cancel', reason: 'enough' })
    expect((await task.explain()).sentence).toBe(
      `It was told to stop at 2030-01-01T00:00:01.000Z because it was cancelled ("enough"), and its work on worker ${worker} has not ended yet.`,
    )
    await clock.advance('5s')
    expect(await task.explain()).toMatchObject({ code: 'SETTLED', zombie: true })
  })

  it('has SETTLED, and how', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => Promise.reject(new Error('no')))
    await task.settled()
    expect(await task.explain()).toMatchObject({
      code: 'SETTLED',
      sentence: 'It failed at 2030-01-01T00:00:00.000Z with ERROR ("no").',
    })
  })

  it('is GONE', async () => {
    const { runner } = testRunner()
    const task = runner.submit(() => 1)
    await task.wait()
    await runner.clearCompleted()
    expect(await task.explain()).toEqual({
      code: 'GONE',
      sentence: 'It has ended, and the store has forgotten it.',
    })
  })

  it('finds its runner STOPPED, when its store outlives that', async () => {
    const { runner, clock } = testRunner({ store: new MemoryStore(), maxConcurrentTasks: 1 })
    const busy = await runner.submitRecipe(
      defineRecipe({ name: 'busy', run: (_: undefined, ctx) => rest(ctx as never) }),
    )
    const task = await runner.submitRecipe('busy')
    await clock.until(runner.stop())
    expect([busy.status, task.status]).toEqual(['pending', 'pending'])
    expect(await task.explain()).toEqual({
      code: 'STOPPED',
      sentence: 'It is queued, and this runner has stopped: another runner on the same store must run it.',
    })
  })
})
