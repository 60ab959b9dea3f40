import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { RunnerOptions } from '../../src/runner/runner-options.ts'
import type { AnyRecipe } from '../../src/runner/types.ts'
import { silent } from './work.ts'

const large = (mark: string): string => mark.repeat(100_000)
const ends: (() => unknown)[] = []

/** A runner on a folder of its own, which a text names. */
function inFolder(recipe: AnyRecipe, options: Partial<RunnerOptions> = {}) {
  const dir = join(mkdtempSync(join(tmpdir(), 'offstage-')), 'store')
  const warnings: string[] = []
  const logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) }
  const runner = new BackgroundRunner({ store: `file:${dir}`, recipes: [recipe], logger, ...options })
  ends.push(
    () => runner.stop(),
    () => rmSync(dir, { recursive: true, force: true }),
  )
  return { runner, dir, warnings }
}

afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})

describe('an input and a result that stand in files of their own', () => {
  it('are read wherever somebody asks: handler, result, outcome, JSON, needs, onSettled, retry', async () => {
    const seen: unknown[] = []
    const echo = defineRecipe({
      name: 'echo',
      run: ({ text }: { text: string }, ctx) => {
        seen.push((ctx.needs as string[] | undefined)?.[0]?.length)
        return text
      },
      onSettled: (outcome, { input }) =>
        void seen.push(outcome.ok && outcome.result === (input as { text: string }).text),
    })
    const { runner, dir } = inFolder(echo, { maxConcurrentTasks: 1 })
    const first = await runner.submitRecipe(echo, { text: large('a') })
    const second = await runner.submitRecipe(echo, { text: 'small' }, { needs: [first] as never })
    expect(await first.wait()).toBe(large('a'))
    expect([first.result, first.outcome, first.toJSON().result]).toEqual([
      large('a'),
      { ok: true, status: 'completed', result: large('a') },
      large('a'),
    ])
    await second.wait()
    expect(await (await runner.retry(first.id)).wait()).toBe(large('a'))
    await runner.onIdle()
    expect(seen.filter((each) => each !== undefined)).toEqual(expect.arrayContaining([100_000, true]))
    expect(readdirSync(join(dir, 'blobs')).length).toBeGreaterThan(0)
  })

  it('are what the key of a rate limit is told from', async () => {
    const keys: string[] = []
    const fetch = defineRecipe({
      name: 'fetch',
      rateLimit: {
        max: 1_000,
        per: '1s',
        key: (input) => {
          keys.push(String((input as { text: string }).text).slice(0, 3))
          return 'one'
        },
      },
      run: (_: { text: string }) => 1,
    })
    const { runner } = inFolder(fetch)
    const task = await runner.submitRecipe(fetch, { text: large('b') })
    await task.wait()
    expect(new Set(keys)).toEqual(new Set(['bbb']))
  })

  it('fail the attempt when they are damaged, and take nothing else down', async () => {
    const told: unknown[] = []
    const echo = defineRecipe({
      name: 'echo',
      run: ({ text }: { text: string }) => text.length,
      onSettled: () => void told.push(1),
    })
    const { runner, dir } = inFolder(echo)
    runner.pause()
    const task = await runner.submitRecipe(echo, { text: large('c') })
    for (const name of readdirSync(join(dir, 'blobs'), { recursive: true, withFileTypes: true }))
      if (name.isFile()) writeFileSync(join(name.parentPath, name.name), 'damaged')
    runner.resume()
    await expect(task.wait()).rejects.toMatchObject({ name: 'TaskFailedError' })
    expect(await (await runner.submitRecipe(echo, { text: 'fine' })).wait()).toBe(4)
  })
})

describe('a store that a text names', () => {
  it('is closed when its runner has stopped', async () => {
    const { runner, dir } = inFolder(defineRecipe({ name: 'one', run: () => 1 }))
    const task = await runner.submitRecipe('one')
    await task.wait()
    await runner.stop()
    expect(readdirSync(join(dir, 'workers'))).toEqual([])
    await expect(task.refresh()).rejects.toMatchObject({ code: 'STORE' })
  })

  it.each(['redis://localhost', 'folder', 'http://user:secret@host'])('is refused: %s', (store) => {
    const refused = (): unknown => new BackgroundRunner({ store: store as never })
    expect(refused).toThrow(/store must be a store, or 'file:'|'file:' and a folder/)
    expect(refused).not.toThrow(/secret/)
  })
})
