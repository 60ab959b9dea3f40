import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { scheduleTools } from '../../src/schedule/tools.ts'
import { testRunner } from '../../src/testing/runner.ts'

const digest = defineRecipe({ name: 'digest', run: async ({ text }: { text: string }) => text.length })
const secret = defineRecipe({ name: 'secret', run: () => 'do not tell' })

describe('task_submit, task_status, task_cancel', () => {
  const withTasks = () => {
    const { runner, clock } = testRunner({ recipes: [digest, secret] })
    return { runner, clock, tools: scheduleTools(runner, { owner: 'ada', recipes: ['digest'] }) }
  }
  const idIn = (told: string): string => /id: (\w+)/.exec(told)?.[1] ?? ''

  it('are there for chosen recipes only', () => {
    const { tools, runner } = withTasks()
    expect(Object.keys(tools)).toContain('task_submit')
    expect(Object.keys(scheduleTools(runner))).not.toContain('task_submit')
    expect(tools.task_submit.inputSchema['~standard'].jsonSchema.input()).toMatchObject({
      properties: { recipe: { enum: ['digest'] } },
    })
  })

  it('run a recipe for the owner and tell its result', async () => {
    const { tools, runner, clock } = withTasks()
    const told = await tools.task_submit.execute({ recipe: 'digest', input: '{"text":"four"}' })
    expect(told).toMatch(/^Task 'digest' submitted \(id: \w{22}\)\.$/)
    const id = idIn(told)
    await clock.until(runner.waitAll())
    expect(await tools.task_status.execute({ id })).toBe(`Task ${id} ("digest") is completed. Result: 4`)
    expect(await tools.task_cancel.execute({ id })).toBe(`Task ${id} is already completed.`)
    expect((await runner.get(id))?.owner).toBe('ada')
  })

  it('cancel a task', async () => {
    const { tools, runner } = withTasks()
    runner.pause()
    const id = idIn(await tools.task_submit.execute({ recipe: 'digest', input: '{"text":""}' }))
    expect(await tools.task_status.execute({ id })).toBe(`Task ${id} ("digest") is pending.`)
    expect(await tools.task_cancel.execute({ id, reason: 'no need' })).toBe(`Task ${id} cancelled.`)
    expect(await tools.task_status.execute({ id })).toBe(`Task ${id} ("digest") is cancelled: no need`)
  })

  it('tell in words what cannot be', async () => {
    const { tools, runner } = withTasks()
    expect(await tools.task_submit.execute({ recipe: 'secret' })).toBe(
      'Error submitting task: recipe must be one of digest, got "secret"',
    )
    expect(await tools.task_submit.execute({ recipe: 'digest', input: '{' })).toBe(
      'Error submitting task: input must be JSON text, got "{"',
    )
    expect(await tools.task_submit.execute({ recipe: 'digest', input: '['.repeat(5_000) + ']'.repeat(5_000) })).toMatch(
      /^Error submitting task: input.* must be nested at most 128 deep/,
    )
    expect(runner.tasks).toEqual([])
  })

  it('see neither tasks of others nor those of other recipes', async () => {
    const { tools, runner } = withTasks()
    runner.pause()
    const others = await runner.submitRecipe(digest, { text: 'x' }, { owner: 'bob' })
    const nobodys = await runner.submitRecipe(digest, { text: 'x' })
    const hidden = await runner.submitRecipe(secret, undefined, { owner: 'ada' })
    for (const { id } of [others, nobodys, hidden]) {
      expect(await tools.task_status.execute({ id })).toBe(`Task "${id}" not found.`)
      expect(await tools.task_cancel.execute({ id })).toBe(`Task "${id}" not found.`)
    }
    const ofNobody = scheduleTools(runner, { recipes: ['digest'] })
    expect(await ofNobody.task_status.execute({ id: others.id })).toBe(`Task "${others.id}" not found.`)
    expect(await ofNobody.task_status.execute({ id: nobodys.id })).toBe(`Task ${nobodys.id} ("digest") is pending.`)
    expect(runner.pendingTasks).toHaveLength(3)
  })
})
