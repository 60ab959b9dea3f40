import { describe, expect, it } from 'vitest'
import { StoreError } from '../../src/errors.ts'
import { type ScheduleTools, scheduleTools } from '../../src/schedule/tools.ts'
import { testRunner } from '../../src/testing/runner.ts'

function setUp() {
  const { runner } = testRunner()
  return { runner, tools: scheduleTools(runner, { owner: 'ada' }) }
}

interface StrictSchema {
  readonly required: string[]
  readonly properties: object
}
const strictOf = (tool: ScheduleTools[keyof ScheduleTools]): StrictSchema =>
  tool.inputSchema['~standard'].jsonSchema.input({ target: 'draft-07' }) as unknown as StrictSchema

describe('the tools', () => {
  it('are frozen, and in the neutral form of agent frameworks', () => {
    const { tools } = setUp()
    expect(Object.keys(tools)).toEqual([
      'schedule_add',
      'schedule_list',
      'schedule_remove',
      'schedule_pause',
      'schedule_resume',
      'schedule_update',
    ])
    expect(Object.isFrozen(tools)).toBe(true)
    for (const [name, tool] of Object.entries(tools)) {
      expect(Object.isFrozen(tool)).toBe(true)
      expect(tool.name).toBe(name)
      expect(tool.description).not.toBe('')
      const schema = strictOf(tool)
      expect(schema).toMatchObject({ type: 'object', additionalProperties: false })
      expect(schema.required).toEqual(Object.keys(schema.properties))
      expect(Object.keys(schema.properties)).not.toContain('owner')
    }
  })

  it('never tell a model what a store or a program says, but the log', async () => {
    const heard: string[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (_: object, message: string) => heard.push(message) }
    const { runner } = testRunner({ logger })
    const tools = scheduleTools(runner, { owner: 'ada' })
    Object.assign(runner.schedules, {
      list: () => Promise.reject(new StoreError('STORE_FULL', 'no space left in /home/ada/secret')),
    })
    expect(await tools.schedule_list.execute({})).toBe(
      'Error listing schedules: it could not be done now; the reason was logged',
    )
    expect(heard).toEqual(['schedule_list: listing schedules has failed'])
  })

  it.each([
    [{ owners: 'ada' }, 'UNKNOWN_OPTION'],
    [{ recipes: 'digest' }, 'INVALID_OPTION'],
    [{ recipes: ['../x'] }, 'INVALID_OPTION'],
    [{ maxSchedules: 0 }, 'INVALID_OPTION'],
    [{ tz: '' }, 'INVALID_OPTION'],
    [{ tz: 'Mars/Olympus' }, 'INVALID_OPTION'],
  ])('refuse the options %j', (options, code) => {
    const { runner } = setUp()
    expect(() => scheduleTools(runner, options as never)).toThrow(expect.objectContaining({ code }))
  })

  it.each([[7], [null], [{}]])('refuse %j as a source', (source) => {
    expect(() => scheduleTools(source as never)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
  })
})
