import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { silent } from './work.ts'

const module = new URL('../fixtures/thread-work.mjs', import.meta.url)
const make = (slots = 1): BackgroundRunner =>
  new BackgroundRunner({ maxConcurrentTasks: slots, gracePeriod: '50ms', logger: silent })
/** Resolves when the handler in the thread has said something. */
async function says(task: BackgroundTask<unknown>): Promise<void> {
  for await (const { type } of task.events()) if (type === 'output' || type === 'log') return
}
const spin = { thread: module, export: 'spin' } as const

describe('a thread', () => {
  it('runs a function that closes over nothing, with its arguments', async () => {
    await using runner = make()
    const task = runner.submit((a: number, b: number) => a + b, { thread: true, args: [20, 22] })
    expect(await task.wait()).toBe(42)
  })

  it('runs the exported function of a module, with its arguments and its context', async () => {
    await using runner = make()
    const task = runner.submit({ thread: module, args: ['a', 1] })
    expect(await task.wait()).toEqual({ args: ['a', 1], attempt: 1 })
  })

  it('reports progress, logs and output like any task', async () => {
    await using runner = make()
    const task = runner.submit({ thread: module, export: 'report' })
    const seen: string[] = []
    for await (const event of task.events()) {
      if (event.type === 'log') seen.push(`${event.level} ${event.message}`)
      if (event.type === 'output') seen.push(event.chunk)
    }
    expect(seen.join('|')).toContain('info begins|debug looks|info told|warn odd|error bad|one ')
    expect([task.result, task.progress, task.message]).toEqual(['reported', 1, 'all'])
  })

  it('hears the abort, and may clean up', async () => {
    await using runner = make()
    const task = runner.submit({ thread: module, export: 'waitForAbort' })
    await says(task)
    await task.cancel('enough')
    expect(await task.settled()).toMatchObject({ status: 'cancelled', reason: 'enough' })
    expect(runner.stats.busySlots).toBe(0)
  })

  it('is ended by a cancel although it never looks up: its slot is free, and the next task runs', async () => {
    await using runner = make()
    const task = runner.submit(spin)
    const next = runner.submit(() => 'next')
    await says(task)
    expect(await task.cancel()).toBe(true)
    expect(await next.wait()).toBe('next')
    expect([task.status, runner.stats.busySlots]).toEqual(['cancelled', 0])
    expect(await runner.submit({ thread: module, args: [1] }).wait()).toMatchObject({ args: [1] })
  })

  it('is ended by its timeout, and tried again while attempts are left', async () => {
    await using runner = make()
    const task = runner.submit({ ...spin, timeout: '100ms', retry: { attempts: 2, minDelay: 1, jitter: 0 } })
    await expect(task.wait()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect([task.attempt, runner.stats.busySlots]).toEqual([2, 0])
  })

  it('is ended by stop, and is no zombie', async () => {
    const runner = make(2)
    const [one, two] = [runner.submit(spin), runner.submit(spin)]
    await Promise.all([says(one), says(two)])
    expect(await runner.stop()).toEqual({ cancelled: 2, zombies: [] })
    expect([one.status, two.status]).toEqual(['cancelled', 'cancelled'])
  })

  it('of a recipe gets the input, and is ended by the timeout of the recipe', async () => {
    await using runner = make()
    const thread = new URL('data:text/javascript,export default (input) => { while (input === 1); return input }')
    const spinning = defineRecipe({ name: 'spinning', thread, timeout: '500ms' })
    const [stuck, quick] = await runner.submitMany([1, 2].map((input) => ({ recipe: spinning, input })))
    await expect(stuck?.wait()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(await quick?.wait()).toBe(2)
  })

  it('never starts when its input is judged for too long, and the slot is kept until the judge is done', async () => {
    let judge = (): void => {}
    const validate = (value: unknown) =>
      new Promise<{ value: unknown }>((resolve) => {
        judge = () => resolve({ value })
      })
    let calls = 0
    const slowly = (value: unknown) => {
      calls += 1
      return calls === 1 ? { value } : validate(value)
    }
    const schema = { '~standard': { version: 1, vendor: 'test', validate: slowly } } as const
    await using runner = make()
    const recipe = defineRecipe({ name: 'judged', thread: module, export: 'spin', inputSchema: schema, timeout: 20 })
    const task = await runner.submitRecipe(recipe, 1)
    await expect(task.wait()).rejects.toMatchObject({ code: 'TIMEOUT' })
    expect(runner.stats.busySlots).toBe(1)
    judge()
    expect(await runner.submit(() => 'next').wait()).toBe('next')
  })
})

describe('a thread that cannot be', () => {
  it.each(['https://example.org/x.js', 'node:fs'])('is refused before anything runs: %s', (url) => {
    const runner = make()
    const thread = new URL(url)
    const refusal = expect.objectContaining({ code: 'INVALID_OPTION', option: 'thread' })
    expect(() => runner.submit({ thread })).toThrow(refusal)
    expect(() => defineRecipe({ name: 'x', thread })).toThrow(refusal)
    expect(() => runner.submit(() => 1, { thread })).toThrow(refusal)
    expect(runner.tasks).toEqual([])
  })

  it('fails its task when the module is not there, or has no such function', async () => {
    await using runner = make()
    const missing = runner.submit({ thread: new URL('nowhere.mjs', module) })
    const nameless = runner.submit({ thread: module, export: 'nothing' })
    await expect(missing.wait()).rejects.toMatchObject({ failure: { message: expect.stringContaining('nowhere.mjs') } })
    await expect(nameless.wait()).rejects.toMatchObject({ code: 'THREAD' })
  })

  it('fails its task when an argument cannot be copied', async () => {
    await using runner = make()
    const task = runner.submit({ thread: module, args: [() => 1] })
    await expect(task.wait()).rejects.toMatchObject({ code: 'INVALID_OPTION' })
  })
})
