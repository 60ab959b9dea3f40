import { describe, expect, it } from 'vitest'
import { choice, integer, optional, text, toolSchema } from '../../src/schedule/tool-schemas.ts'

const schema = toolSchema({
  name: text('What it is called.', 10),
  recipe: choice('What runs.', ['digest', 'mail']),
  times: optional(integer('How often.', 1, 1_000)),
  mood: optional(choice('How.', ['good', 'bad'])),
})
const { validate, jsonSchema } = schema['~standard']
const judge = (value: unknown): unknown => {
  const { issues } = validate(value)
  return issues === undefined ? 'valid' : issues.map(({ message }) => message)
}

describe('the JSON Schema of a tool', () => {
  it('asks for every property and allows no others; optional ones may be null', () => {
    expect(jsonSchema.input({ target: 'draft-07' })).toEqual({
      type: 'object',
      properties: {
        name: { type: 'string', description: 'What it is called.' },
        recipe: { type: 'string', description: 'What runs.', enum: ['digest', 'mail'] },
        times: { type: ['integer', 'null'], description: 'How often.' },
        mood: { type: ['string', 'null'], description: 'How.', enum: ['good', 'bad', null] },
      },
      required: ['name', 'recipe', 'times', 'mood'],
      additionalProperties: false,
    })
    expect(jsonSchema.output()).toEqual(jsonSchema.input())
  })

  it('is a copy: whoever converts it may write into it', () => {
    const mine = jsonSchema.input() as { properties: { name?: object; recipe?: { enum: unknown[] } } }
    mine.properties.recipe?.enum.push('rm')
    delete mine.properties.name
    expect(Object.keys((jsonSchema.input() as typeof mine).properties)).toEqual(['name', 'recipe', 'times', 'mood'])
    expect(judge({ name: 'a', recipe: 'rm' })).toEqual(['recipe must be one of digest, mail, got "rm"'])
  })
})

describe('an input', () => {
  it('has null for what was left out, was null or was an empty text', () => {
    const read = { name: 'a', recipe: 'mail', times: null, mood: null }
    expect(validate({ name: 'a', recipe: 'mail' })).toEqual({ value: read })
    expect(validate({ name: 'a', recipe: 'mail', times: null, mood: '' })).toEqual({ value: read })
    expect(validate({ name: 'a', recipe: 'mail', times: 3, mood: 'bad' })).toEqual({
      value: { ...read, times: 3, mood: 'bad' },
    })
  })

  it.each([
    ['no object', 7, ['the input must be an object, got 7']],
    ['null', null, ['the input must be an object, got null']],
    ['an array', [], ['the input must be an object, got []']],
    [
      'an argument that nobody asked for',
      { name: 'a', recipe: 'mail', owner: 'eve' },
      ['there is no argument "owner"; the arguments are: name, recipe, times, mood'],
    ],
    [
      'a prototype',
      JSON.parse('{"name":"a","recipe":"mail","__proto__":{"times":1}}'),
      ['there is no argument "__proto__"; the arguments are: name, recipe, times, mood'],
    ],
    [
      'nothing',
      {},
      ['name must be text of 1 to 10 characters, got undefined', 'recipe must be one of digest, mail, got undefined'],
    ],
    ['an empty name', { name: '', recipe: 'mail' }, ['name must be text of 1 to 10 characters, got ""']],
    [
      'a long name',
      { name: 'x'.repeat(11), recipe: 'mail' },
      ['name must be text of 1 to 10 characters, got "xxxxxxxxxxx"'],
    ],
    [
      'a lone surrogate',
      { name: '\ud800', recipe: 'mail' },
      ['name must be text of 1 to 10 characters, got "\\ud800"'],
    ],
    [
      'a fraction',
      { name: 'a', recipe: 'mail', times: 1.5 },
      ['times must be a whole number from 1 to 1,000, got 1.5'],
    ],
    [
      'too many',
      { name: 'a', recipe: 'mail', times: 1_001 },
      ['times must be a whole number from 1 to 1,000, got 1001'],
    ],
    [
      'a number as text',
      { name: 'a', recipe: 'mail', times: '3' },
      ['times must be a whole number from 1 to 1,000, got "3"'],
    ],
  ])('is refused in words with %s', (_, value, messages) => {
    expect(judge(value)).toEqual(messages)
    expect(validate(value)).not.toHaveProperty('value')
  })

  it('takes nothing from the prototype of what it is given', () => {
    expect(judge(Object.create({ name: 'a', recipe: 'mail' }))).toHaveLength(2)
  })

  it('names one of many unknown arguments', () => {
    const many = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${i}`, 1]))
    expect(judge({ name: 'a', recipe: 'mail', ...many })).toHaveLength(1)
  })
})
