import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { testRunner } from '../../src/testing/runner.ts'

const run = vi.fn((n: number) => n * 2)
const double = defineRecipe({ name: 'double', inputSchema: v.number(), run })
const shout = defineRecipe({ name: 'shout', run: (text: string) => text.toUpperCase() })

describe('submitMany', () => {
  it('answers with the tasks in the order of the items', async () => {
    const { runner } = testRunner({ recipes: [double] })
    const tasks = await runner.submitMany([
      { recipe: double, input: 1, options: { id: 'one', priority: -1 } },
      { recipe: shout, input: 'two' },
      { recipe: 'double', input: 3, options: { name: 'three' } },
    ])
    expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual([2, 'TWO', 6])
    expect([tasks[0]?.id, tasks[2]?.name]).toEqual(['one', 'three'])
  })

  it('answers with the tasks in the order of the items, whatever they need of each other', async () => {
    const { runner } = testRunner({ recipes: [double] })
    const first = { id: 'a' } as never
    const tasks = await runner.submitMany([
      { recipe: double, input: 1, options: { id: 'b', needs: [first] } },
      { recipe: double, input: 2, options: { id: 'a' } },
    ])
    expect(tasks.map(({ id }) => id)).toEqual(['b', 'a'])
    expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual([2, 4])
  })

  it('answers with nothing to nothing', async () => {
    const { runner } = testRunner()
    expect(await runner.submitMany([])).toEqual([])
  })

  it.each([
    ['an input that does not fit', { recipe: double, input: 'x' }, 'INVALID_INPUT'],
    ['an input that is no JSON', { recipe: shout, input: () => 1 }, 'INVALID_INPUT'],
    ['an unknown recipe', { recipe: 'triple' }, 'UNKNOWN_RECIPE'],
    ['an unknown option', { recipe: shout, options: { nmae: 'x' } }, 'UNKNOWN_OPTION'],
    ['an unknown member', { recipe: shout, inputs: 1 }, 'UNKNOWN_OPTION'],
    ['a bad id', { recipe: shout, options: { id: '../x' } }, 'INVALID_OPTION'],
    ['no recipe', {}, 'INVALID_OPTION'],
    ['null', null, 'INVALID_OPTION'],
    ['undefined', undefined, 'INVALID_OPTION'],
  ])('submits nothing when one item is %s', async (_, bad, code) => {
    run.mockClear()
    const { runner } = testRunner({ recipes: [double] })
    const items = [{ recipe: double, input: 1 }, bad as never, { recipe: double, input: 3 }]
    await expect(runner.submitMany(items)).rejects.toMatchObject({ code })
    await runner.onIdle()
    expect(runner.tasks).toEqual([])
    expect(run).not.toHaveBeenCalled()
  })

  it('submits nothing when there are more items than may be pending', async () => {
    const { runner } = testRunner({ recipes: [double], maxPending: 2 })
    const items = [1, 2, 3].map((input) => ({ recipe: double, input }))
    await expect(runner.submitMany(items)).rejects.toMatchObject({ code: 'QUEUE_FULL' })
    expect(runner.tasks).toEqual([])
  })

  it.each([[undefined], [{}], ['double']])('refuses %j', async (items) => {
    const { runner } = testRunner()
    await expect(runner.submitMany(items as never)).rejects.toThrow(/^items must be an array, got /)
  })
})
