import { describe, expect, it } from 'vitest'
import { type Config, defineConfig, envFiles, readConfig, runnerOptions } from '../../src/runner/config.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { MemoryStore } from '../../src/store/memory.ts'

const hello = defineRecipe({ name: 'hello', run: () => 'hello' })
const wrong = (config: object): Config => defineConfig(config as Config)

describe('defineConfig', () => {
  it('gives the config back, frozen', () => {
    const config = defineConfig({ recipes: [hello], name: 'shop', dir: './data', maxConcurrentTasks: 3 })
    expect(config).toEqual({ recipes: [hello], name: 'shop', dir: './data', maxConcurrentTasks: 3 })
    expect(Object.isFrozen(config)).toBe(true)
  })

  it('refuses an option that nobody reads, and lists those there are', () => {
    expect(() => wrong({ recipies: [] })).toThrow(/the config has no option "recipies"; the options are: .*recipes/)
  })

  it.each([
    [{ name: '' }, 'name must be text'],
    [{ name: 'a\u202eb' }, 'name must be text'],
    [{ dir: 5 }, 'dir must be a path'],
    [{ dir: 'a\0b' }, 'dir must be a path'],
    [{ envFile: [''] }, 'envFile must be a path'],
    [{ agents: [] }, 'agents must be an object of agents by name'],
    [{ schedules: {} }, 'schedules must be an array'],
    [{ maxConcurrentTasks: 0 }, 'maxConcurrentTasks must be a whole number'],
    [{ defaultTimeout: '5 minutes' }, 'defaultTimeout must be a duration'],
    [{ recipes: [{ name: 'a' }] }, 'recipes[0].run must be a function'],
    [{ recipes: [{ ...hello, name: '../x' }] }, 'name must be an id'],
    [{ recipes: hello }, 'recipes must be an array'],
    [{ store: new MemoryStore(), dir: 'x' }, 'dir must be left out when store says where tasks are kept'],
    [undefined, 'the config must be an object'],
    [[], 'the config must be an object'],
  ])('refuses %o', (config, message) => {
    expect(() => wrong(config as object)).toThrow(message)
  })

  it('refuses two recipes of one name, and one recipe twice', () => {
    const other = defineRecipe({ name: 'hello', run: () => 'other' })
    for (const recipes of [
      [hello, other],
      [hello, hello],
    ])
      expect(() => defineConfig({ recipes })).toThrow(expect.objectContaining({ code: 'DUPLICATE_RECIPE' }))
  })

  it('tells apart what is for runners', () => {
    const config = defineConfig({ name: 'shop', dir: 'data', envFile: false, agents: {}, schedules: [], work: false })
    expect(runnerOptions(config)).toEqual({ name: 'shop', schedules: [], work: false })
  })
})

describe('what a file exports as its config', () => {
  it('may be an object that nobody has checked', () => {
    expect(readConfig({ default: { recipes: [hello] } })).toEqual({ recipes: [hello] })
    expect(() => readConfig({ default: { recipies: [] } })).toThrow('has no option "recipies"')
  })

  it('is its default export', () => {
    for (const exported of [undefined, {}, { config: {} }]) {
      expect(() => readConfig(exported)).toThrow('it has no default export; write: export default defineConfig(')
    }
  })
})

it('reads .env unless the config names other files of variables, or none', () => {
  expect(envFiles({})).toEqual(['.env'])
  expect(envFiles({ envFile: 'a.env' })).toEqual(['a.env'])
  expect(envFiles({ envFile: ['a.env', 'b.env'] })).toEqual(['a.env', 'b.env'])
  expect(envFiles({ envFile: false })).toEqual([])
})
