// A recipe is a handler with a name, a schema and its own limits. Any Standard Schema judges its input before it runs.
// It is submitted by itself or by name, typed either way.
import assert from 'node:assert/strict'
import { BackgroundRunner, defineRecipe, ValidationError } from 'offstage'
import * as v from 'valibot'

const research = defineRecipe({
  name: 'research',
  description: 'Finds sources on a topic.',
  inputSchema: v.object({
    query: v.pipe(v.string(), v.minLength(3)),
    depth: v.optional(v.pipe(v.number(), v.integer(), v.maxValue(5)), 1),
  }),
  run: async ({ query, depth }, { progress, config }) => {
    progress(0.5, 'searching')
    return { query, config, sources: Array.from({ length: depth }, (_, i) => `source ${i + 1} on ${query}`) }
  },
  maxConcurrent: 2,
  timeout: '2m',
  retry: { attempts: 3 },
  rateLimit: { max: 10, per: '1s' },
  onSettled: (outcome, { input }) => console.log(`${input.query}: ${outcome.status}`),
})

const runner = new BackgroundRunner({ recipes: [research] })

const task = await runner.submitRecipe(research, { query: 'tides', depth: 2 }, { config: { language: 'en' } })
const { sources, config } = await task.wait()
console.log(sources)
assert.deepEqual(sources, ['source 1 on tides', 'source 2 on tides'])
assert.deepEqual(config, { language: 'en' })

const byName = await runner.submitRecipe<typeof research>('research', { query: 'comets' })
assert.equal((await byName.wait()).sources.length, 1)

const refused = runner.submitRecipe(research, { query: 'x' })
await assert.rejects(refused, (error) => {
  console.log(String(error))
  return error instanceof ValidationError && error.code === 'INVALID_INPUT' && error.option === 'input.query'
})
