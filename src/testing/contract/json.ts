/** @module What a store guarantees of values: inputs and results of recipes mean the same in every process. */
import { strict as assert } from 'node:assert'
import { type ErrorCode, OffstageError } from '../../errors.ts'
import { deepestJson } from '../../json.ts'
import type { Guarantee } from './kit.ts'

const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)])
const cycle: { self?: unknown } = {}
cycle.self = cycle

const impossible: [string, unknown][] = [
  ['NaN', { n: Number.NaN }],
  ['Infinity', [Number.POSITIVE_INFINITY]],
  ['a BigInt', { n: 1n }],
  ['a cycle', cycle],
  ['a function', { f: () => 1 }],
  ['a Map', { m: new Map() }],
  ['a lone surrogate', '\ud800'],
  ['what is too deep', nested(deepestJson + 1)],
]

const refused = (act: () => unknown, code: ErrorCode, what: string): Promise<void> =>
  assert.rejects(
    async () => await act(),
    (error) => OffstageError.is(error, code),
    what,
  )

export const jsonGuarantees = {
  'json: an input makes a trip through JSON': async (kit) => {
    const input = { at: new Date(0), none: undefined, list: [undefined, -0], deep: nested(deepestJson - 2) }
    await kit.add('a', { recipe: 'r', input })
    input.list.push(9)
    const { spec } = await kit.task('a')
    assert.deepEqual(spec.input, { at: '1970-01-01T00:00:00.000Z', list: [null, 0], deep: input.deep })
  },

  'json: a result makes a trip through JSON': async (kit) => {
    const claim = await kit.run('a', { recipe: 'r' })
    const result = { at: new Date(0), none: undefined }
    await kit.complete('a', claim, result)
    const { outcome } = (await kit.task('a')).snapshot.context
    assert.deepEqual(outcome, { status: 'completed', result: { at: '1970-01-01T00:00:00.000Z' } })
    const other = await kit.run('b', { recipe: 'r' })
    await kit.append({ type: 'complete', task: 'b', at: kit.tick(), claim: other, result: undefined })
    const none = (await kit.task('b')).snapshot.context.outcome
    assert.deepEqual([none?.status, none?.status === 'completed' && none.result], ['completed', undefined])
  },

  'json: a key named __proto__ is data, and changes no prototype': async (kit) => {
    await kit.add('a', { recipe: 'r', input: JSON.parse('{"__proto__":{"admin":true}}') })
    const input = (await kit.task('a')).spec.input as { admin?: unknown }
    assert.equal(input.admin, undefined)
    assert.equal(JSON.stringify(input), '{"__proto__":{"admin":true}}')
  },

  'json: an input that JSON cannot carry is refused, and nothing of that submit is kept': async (kit) => {
    for (const [what, input] of impossible) {
      const records = [kit.record('good', { recipe: 'r' }), kit.record('bad', { recipe: 'r', input })]
      await refused(() => kit.store.submit(records), 'INVALID_INPUT', what)
      assert.deepEqual(await kit.states('good', 'bad'), [undefined, undefined], what)
    }
  },

  'json: a result that JSON cannot carry is refused, and the task can fail for it': async (kit) => {
    const claim = await kit.run('a', { recipe: 'r' })
    for (const [what, result] of impossible) {
      await refused(() => kit.complete('a', claim, result), 'INVALID_RESULT', what)
      assert.equal(await kit.at('a'), 'running.executing', what)
    }
    assert.equal((await kit.fail('a', claim)).accepted, true)
  },
} satisfies Record<string, Guarantee>
