import * as v from 'valibot'
import { describe, expect, it, vi } from 'vitest'
import { ValidationError } from '../../src/errors.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { Schema } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

/** The least that a Standard Schema is. */
function schema<O>(validate: Schema<unknown, O>['~standard']['validate']): Schema<unknown, O> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}
const even = (value: unknown) =>
  Number(value) % 2 === 0 ? { value: Number(value) } : { issues: [{ message: 'not even' }] }
const query = v.object({ query: v.pipe(v.string(), v.minLength(3)), depth: v.optional(v.number(), 1) })

describe('defineRecipe', () => {
  it('gives a frozen copy', () => {
    const definition = { name: 'work', description: 'Works.', run: () => 1 }
    const recipe = defineRecipe(definition)
    expect(recipe).toEqual(definition)
    expect(recipe).not.toBe(definition)
    expect(Object.isFrozen(recipe)).toBe(true)
  })

  it.each([
    [{ name: '' }, 'INVALID_OPTION', /^name must be an id/],
    [{ name: 'a b' }, 'INVALID_OPTION', /^name must be an id/],
    [{ run: undefined }, 'INVALID_OPTION', /^run must be a function, got undefined/],
    [{ runs: () => 1 }, 'UNKNOWN_OPTION', /^the recipe has no option "runs"; the options are: concurrencyKey, /],
    [{ inputSchema: {} }, 'INVALID_OPTION', /^inputSchema\['~standard'\]\.validate must be a function/],
    [{ outputSchema: () => 1 }, 'INVALID_OPTION', /^outputSchema/],
    [{ maxConcurrent: 0 }, 'INVALID_OPTION', /^maxConcurrent must be a whole number from 1/],
    [{ concurrencyKey: 'key' }, 'INVALID_OPTION', /^concurrencyKey must be a function/],
    [{ onSettled: true }, 'INVALID_OPTION', /^onSettled must be a function/],
    [{ timeout: -1 }, 'INVALID_OPTION', /^timeout must be/],
    [{ retry: { attempts: 0 } }, 'INVALID_OPTION', /^retry\.attempts must be/],
    [{ rateLimit: { max: 1 } }, 'INVALID_OPTION', /^rateLimit\.per must be/],
    [{ rateLimit: { max: 1, per: '1s', key: 'a' } }, 'INVALID_OPTION', /^rateLimit\.key must be a function/],
    [{ thread: './m.js', run: undefined }, 'INVALID_OPTION', /^thread must be a module's URL/],
    [{ thread: new URL('file:///m.js') }, 'INVALID_OPTION', /^run must be left out when thread names a module/],
  ])('refuses %j', (part, code, message) => {
    const define = (): unknown => defineRecipe({ name: 'work', run: () => 1, ...part } as never)
    expect(define).toThrow(message)
    expect(define).toThrow(expect.objectContaining({ code }))
  })
})

describe('input', () => {
  it('that does not fit is refused before anything runs, naming path, rule and value', async () => {
    const run = vi.fn()
    const { runner } = testRunner()
    const recipe = defineRecipe({ name: 'research', inputSchema: query, run })
    const error = await runner.submitRecipe(recipe, { query: 'ab' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({ code: 'INVALID_INPUT', option: 'input.query', value: 'ab' })
    expect((error as Error).message).toMatch(/^input\.query must be valid \(Invalid length.*\), got "ab"$/)
    expect(run).not.toHaveBeenCalled()
    expect(runner.tasks).toEqual([])
  })

  it('may be wrong in several places, deep within', async () => {
    const inputSchema = v.object({ list: v.array(v.object({ n: v.number() })), name: v.string() })
    const { runner } = testRunner()
    const recipe = defineRecipe({ name: 'deep', inputSchema, run: () => 1 })
    const submit = runner.submitRecipe(recipe, { list: [{ n: 1 }, { n: 'x' }] } as never)
    await expect(submit).rejects.toMatchObject({ option: 'input.list[1].n', value: 'x' })
    await expect(submit).rejects.toThrow(/; input\.name: Invalid key.*, got "x"$/)
  })

  it.each([
    ['at once', (value: unknown) => even(value)],
    ['later', async (value: unknown) => even(value)],
  ])('is judged by schemas that answer %s', async (_, validate) => {
    const { runner } = testRunner()
    const recipe = defineRecipe({ name: 'half', inputSchema: schema(validate), run: (n: number) => n / 2 })
    expect(await (await runner.submitRecipe(recipe, 42)).wait()).toBe(21)
    await expect(runner.submitRecipe(recipe, 43)).rejects.toThrow('input must be valid (not even), got 43')
  })

  it('reaches the handler as the schema made it, and stays in the store as it was submitted', async () => {
    const inputSchema = v.pipe(
      v.object({ at: v.string(), depth: v.optional(v.number(), 3) }),
      v.transform((given) => ({ ...given, at: new Date(given.at) })),
    )
    const { runner } = testRunner()
    const seen: unknown[] = []
    const recipe = defineRecipe({
      name: 'visit',
      inputSchema,
      run: ({ at, depth }) => seen.push(at, depth),
      onSettled: (_, { input }) => seen.push(input),
    })
    await (await runner.submitRecipe(recipe, { at: '2030-01-01' })).wait()
    expect(seen).toEqual([new Date('2030-01-01'), 3, { at: '2030-01-01' }])
  })

  it('makes the trip through JSON, and what cannot is refused', async () => {
    const { runner } = testRunner()
    const seen: unknown[] = []
    const recipe = defineRecipe({ name: 'echo', run: (input: unknown) => seen.push(input) })
    const input = { n: 1, gone: undefined, at: new Date(0) }
    const task = await runner.submitRecipe(recipe, input)
    input.n = 2
    await task.wait()
    expect(seen).toEqual([{ n: 1, at: '1970-01-01T00:00:00.000Z' }])
    expect(Object.keys(seen[0] as object)).toEqual(['n', 'at'])
    await expect(runner.submitRecipe(recipe, { deep: [() => 1] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      option: 'input.deep[0]',
    })
  })

  it('is refused by a schema that does not say why', async () => {
    const { runner } = testRunner()
    const mute = defineRecipe({ name: 'mute', inputSchema: schema(() => ({ issues: [] })), run: () => 1 })
    await expect(runner.submitRecipe(mute, 1 as never)).rejects.toThrow(
      'input must be valid (the schema does not say why), got 1',
    )
  })
})

describe('the result', () => {
  it('is what the output schema makes of it', async () => {
    const { runner } = testRunner()
    const recipe = defineRecipe({ name: 'work', outputSchema: v.pipe(v.string(), v.trim()), run: () => ' text ' })
    expect(await (await runner.submitRecipe(recipe)).wait()).toBe('text')
  })

  it('that does not fit fails the task as INVALID_RESULT', async () => {
    const { runner } = testRunner()
    const bad = defineRecipe({
      name: 'bad',
      outputSchema: v.object({ n: v.number() }),
      run: () => ({ n: 'x' }) as never,
    })
    const noJson = defineRecipe({ name: 'noJson', run: () => ({ f: () => 1 }) as never })
    expect(await (await runner.submitRecipe(bad)).settled()).toMatchObject({
      error: { code: 'INVALID_RESULT', message: expect.stringMatching(/^result\.n must be valid/) },
    })
    expect(await (await runner.submitRecipe(noJson)).settled()).toMatchObject({
      error: { code: 'INVALID_RESULT', message: expect.stringMatching(/^result\.f must be a JSON value/) },
    })
  })

  it('makes the trip through JSON too', async () => {
    const { runner } = testRunner()
    const result = { at: new Date(0), list: [undefined] }
    const task = await runner.submitRecipe(defineRecipe({ name: 'work', run: () => result as never }))
    expect(await task.wait()).toEqual({ at: '1970-01-01T00:00:00.000Z', list: [null] })
  })
})
