import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { getBackgroundRunner, recipe, withBackground } from '../../src/runner/shared.ts'

const shout = defineRecipe({ name: 'shout', run: (text: string) => text.toUpperCase() })

afterEach(() => getBackgroundRunner().stop())

describe('the runner of the process', () => {
  it('is made at the first call, and the same from then on', () => {
    const runner = getBackgroundRunner({ maxConcurrentTasks: 2 })
    expect(runner).toBeInstanceOf(BackgroundRunner)
    expect(runner.stats.maxConcurrentTasks).toBe(2)
    expect(getBackgroundRunner()).toBe(runner)
  })

  it('is the same for every copy of the library', async () => {
    const runner = getBackgroundRunner()
    vi.resetModules()
    const copy = await import('../../src/runner/shared.ts')
    expect(copy.getBackgroundRunner).not.toBe(getBackgroundRunner)
    expect(copy.getBackgroundRunner()).toBe(runner)
  })

  it('refuses options once it exists, even the same', () => {
    getBackgroundRunner()
    expect(() => getBackgroundRunner({})).toThrow(/^options must be given at the first call of getBackgroundRunner/)
  })

  it('is a new one after it was stopped, and while it stops', async () => {
    const first = getBackgroundRunner()
    const stopping = first.stop()
    const second = getBackgroundRunner()
    expect(second).not.toBe(first)
    await stopping
    expect(getBackgroundRunner()).toBe(second)
    await second.stop()
    expect(getBackgroundRunner({ maxConcurrentTasks: 1 }).stats.maxConcurrentTasks).toBe(1)
  })

  it('is not made of options that cannot be', () => {
    expect(() => getBackgroundRunner({ maxConcurrentTasks: 0 })).toThrow(/^maxConcurrentTasks must be/)
    expect(getBackgroundRunner({ maxConcurrentTasks: 3 }).stats.maxConcurrentTasks).toBe(3)
  })
})

describe('recipe.runBackground', () => {
  it('submits a recipe to it, by itself or by name, with all options of a submit', async () => {
    const task = await recipe.runBackground(shout, { input: 'hello', id: 'mine', tags: ['a'] })
    expect(getBackgroundRunner().tasks.map(({ id }) => id)).toEqual(['mine'])
    expect(task.tags).toEqual(['a'])
    expect(await task.wait()).toBe('HELLO')
    expect(await (await recipe.runBackground('shout', { input: 'again' })).wait()).toBe('AGAIN')
  })

  it('needs neither input nor options', async () => {
    const tick = defineRecipe({ name: 'tick', run: (input: undefined) => input === undefined })
    expect(await (await recipe.runBackground(tick)).wait()).toBe(true)
  })

  it('works on the store of the config, with its recipes, where there is a config', async () => {
    const before = process.cwd()
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-shared-')))
    writeFileSync(
      join(home, 'offstage.config.mjs'),
      "export default { dir: 'data', recipes: [{ name: 'twice', run: (n) => n * 2 }], maxConcurrentTasks: 2 }",
    )
    try {
      process.chdir(home)
      const tasks = await Promise.all([1, 2].map((input) => recipe.runBackground('twice', { input })))
      expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual([2, 4])
      expect(getBackgroundRunner().stats.maxConcurrentTasks).toBe(2)
      expect(existsSync(join(home, 'data', 'store.json'))).toBe(true)
    } finally {
      process.chdir(before)
      await getBackgroundRunner().stop()
      rmSync(home, { recursive: true })
    }
  })

  it('refuses what a submit refuses', async () => {
    await expect(recipe.runBackground(shout, { input: 'x', nmae: 'y' } as never)).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
    })
  })
})

describe('withBackground', () => {
  const echo = () => ({ name: 'echo', start: async (prompt: string) => `said ${prompt}` })

  it('gives an agent what submits it to the runner of the process', async () => {
    const agent = echo()
    const same = withBackground(agent)
    expect(same).toBe(agent)
    const task = same.background.submitAgent('hello', { id: 'mine' })
    expect([task.id, task.name]).toEqual(['mine', 'echo'])
    expect(await task.wait()).toBe('said hello')
    expect(same.background.runner).toBe(getBackgroundRunner())
  })

  it('submits it to a runner of its own if it is given one', async () => {
    const runner = new BackgroundRunner()
    const agent = withBackground(echo(), runner)
    expect(agent.background.runner).toBe(runner)
    await agent.background.submitAgent('hello').wait()
    expect([runner.tasks.length, getBackgroundRunner().tasks.length]).toEqual([1, 0])
    await runner.stop()
  })

  it('goes on with the next runner once the first was stopped', async () => {
    const agent = withBackground(echo())
    await agent.background.runner.stop()
    expect(await agent.background.submitAgent('hello').wait()).toBe('said hello')
  })

  it('stays out of sight when the agent is copied or printed, and may be given again', () => {
    const agent = withBackground(echo())
    expect(Object.keys(agent)).toEqual(['name', 'start'])
    const runner = new BackgroundRunner()
    expect(withBackground(agent, runner).background.runner).toBe(runner)
  })

  it('tells what an agent must have, at the submit', () => {
    const agent = withBackground({} as never as ReturnType<typeof echo>)
    expect(() => agent.background.submitAgent('hello')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED_AGENT' }))
  })
})
