import { describe, expect, it } from 'vitest'
import { OffstageError, StoreError, ValidationError } from '../../src/errors.ts'
import { defineTool } from '../../src/schedule/tool.ts'
import { optional, text } from '../../src/schedule/tool-schemas.ts'

const heard: unknown[] = []
const toolThat = (run: () => Promise<string>) =>
  defineTool({
    name: 'greet',
    description: 'Greet somebody.',
    fields: { who: text('Whom.', 10), how: optional(text('How.', 10)) },
    doing: 'greeting',
    warn: (message, cause) => heard.push([message, (cause as Error).message]),
    run,
  })

describe('a tool', () => {
  it('runs with every field, null where one was left out', async () => {
    const tool = defineTool({
      ...{ name: 'greet', description: '', doing: 'greeting', warn: () => {} },
      fields: { who: text('Whom.', 10), how: optional(text('How.', 10)) },
      run: async ({ who, how }) => `${how ?? 'Hello'} ${who}`,
    })
    expect(await tool.execute({ who: 'Ada' })).toBe('Hello Ada')
    expect(await tool.execute({ who: 'Ada', how: 'Ciao' })).toBe('Ciao Ada')
  })

  it('looks at nothing that a framework hands over besides', async () => {
    const tool = toolThat(async () => 'done')
    expect(await tool.execute({ who: 'Ada' }, { owner: 'bob', toString: null })).toBe('done')
  })

  it('judges what it is called with, for not every framework does', async () => {
    const tool = toolThat(() => Promise.reject(new Error('must not run')))
    expect(await tool.execute({ who: 7 } as never)).toBe(
      'Error greeting: who must be text of 1 to 10 characters, got 7',
    )
    expect(await tool.execute(null as never)).toBe('Error greeting: the input must be an object, got null')
  })

  it('tells a model what it can mend', async () => {
    const wrong = new ValidationError('when', 'a schedule', 'x', 'INVALID_SCHEDULE')
    const tool = toolThat(() => Promise.reject(wrong))
    expect(await tool.execute({ who: 'Ada' })).toBe('Error greeting: when must be a schedule, got "x"')
  })

  it.each([
    ['a store', new StoreError('STORE_FULL', 'no space left in /home/ada')],
    ['a lost store', new OffstageError('STORE_LOST', 'redis://:password@host')],
    ['a program', new TypeError('x is not a function')],
    ['what is no error', { message: 'secret' }],
  ])('tells the log, not the model, what comes of %s', async (_, thrown) => {
    heard.length = 0
    const tool = toolThat(() => Promise.reject(thrown))
    expect(await tool.execute({ who: 'Ada' })).toBe('Error greeting: it could not be done now; the reason was logged')
    expect(heard).toEqual([['greet: greeting has failed', thrown.message]])
  })

  it('never rejects, though its own code throws at once', async () => {
    const tool = toolThat(() => {
      throw new Error('at once')
    })
    expect(await tool.execute({ who: 'Ada' })).toMatch(/^Error greeting: /)
  })
})
