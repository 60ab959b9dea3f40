import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { FileStore } from '../../src/store/file/store.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { silent } from './work.ts'

/** Resolves when the task is in that state. */
async function reaches(task: BackgroundTask<unknown>, state: string): Promise<void> {
  for await (const event of task.events()) {
    if ((event.type === 'state' ? event.state : event.type === 'snapshot' && event.task.state) === state) return
  }
}

describe('a handler that asks', () => {
  it('goes on with the answer', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(async ({ ask }) => `the answer is ${await ask<number>('how much?')}`)
    await reaches(task, 'running.waiting')
    expect(task.asks).toEqual([{ ask: 1, prompt: 'how much?' }])
    expect(task.toJSON().asks).toEqual(task.asks)
    expect((await task.explain()).sentence).toContain('how much?')
    expect(await runner.answer(task.id, 42)).toBe(true)
    expect(await clock.until(task.wait())).toBe('the answer is 42')
    expect(task.asks).toEqual([])
  })

  it('holds no slot meanwhile, and its time does not run', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const asking = runner.submit(({ ask }) => ask(), { timeout: '1s' })
    const other = runner.submit(() => 'done')
    expect(await clock.until(other.wait())).toBe('done')
    await clock.advance('1h')
    expect(asking.state).toBe('running.waiting')
    await asking.answer('late')
    expect(await clock.until(asking.wait())).toBe('late')
  })

  it('is given one answer: the first', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ ask }) => ask())
    await reaches(task, 'running.waiting')
    expect(await Promise.all([task.answer('first'), task.answer('second')])).toEqual([true, false])
    expect(await clock.until(task.wait())).toBe('first')
    expect(await task.answer('third')).toBe(false)
  })

  it('may ask for several things at once, each answered by its number', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ ask }) => Promise.all([ask('a'), ask('b')]))
    await reaches(task, 'running.waiting')
    while (task.asks.length < 2) await clock.advance(1)
    expect(await task.answer('for b', { ask: 2 })).toBe(true)
    expect(task.asks).toEqual([{ ask: 1, prompt: 'a' }])
    expect(await task.answer('for b again', { ask: 2 })).toBe(false)
    await task.answer('for a')
    expect(await clock.until(task.wait())).toEqual(['for a', 'for b'])
  })

  it('hears of a cancel instead', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const task = runner.submit(({ ask }) => ask().catch((error: Error) => Promise.reject(error)))
    await reaches(task, 'running.waiting')
    await task.cancel('nobody knows')
    await clock.until(task.settled())
    expect([task.status, task.outcome]).toMatchObject(['cancelled', { reason: 'nobody knows' }])
    expect(await task.answer('too late')).toBe(false)
  })

  it('is not answered by what JSON cannot carry, nor under an unknown option', async () => {
    const { runner, clock } = testRunner()
    const task = runner.submit(({ ask }) => ask())
    await reaches(task, 'running.waiting')
    await expect(task.answer(1n)).rejects.toThrow('value')
    await expect(task.answer(1, { to: 1 } as never)).rejects.toThrow('no option "to"')
    await expect(task.answer(1, { ask: 0 })).rejects.toThrow('a whole number')
    expect(await runner.answer('nobody', 1)).toBe(false)
    await task.answer(undefined)
    expect(await clock.until(task.wait())).toBeUndefined()
  })
})

describe('in a folder', () => {
  const folders: string[] = []
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })

  it('another process answers', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'offstage-ask-'))
    folders.push(dir)
    const approve = defineRecipe({
      name: 'approve',
      run: async ({ what }: { what: string }, { ask }) => ({ what, by: await ask<string>(`may I ${what}?`) }),
    })
    const worker = new BackgroundRunner({ store: new FileStore(dir), recipes: [approve] })
    const person = new BackgroundRunner({ store: new FileStore(dir), work: false })
    const { id } = await worker.submitRecipe(approve, { what: 'deploy' })
    const seen = (await person.get(id)) as BackgroundTask<unknown>
    await reaches(seen, 'running.waiting')
    expect(seen.asks).toEqual([{ ask: 1, prompt: 'may I deploy?' }])
    expect(await seen.answer('Ada')).toBe(true)
    expect(await seen.wait()).toEqual({ what: 'deploy', by: 'Ada' })
    await Promise.all([worker.stop(), person.stop()])
  })
})
