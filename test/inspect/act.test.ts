import { describe, expect, it, onTestFinished } from 'vitest'
import { BackgroundRunner, defineRecipe, MemoryStore } from '../../src/index.ts'
import { type Actor, act, readAction } from '../../src/inspect/act.ts'
import type { ActionAnswer } from '../../src/inspect/protocol.ts'

const ask = defineRecipe({ name: 'ask', run: async (_: undefined, ctx) => ctx.ask<string>('which?') })
const echo = defineRecipe({ name: 'echo', run: async (input: string) => input })
const endless = defineRecipe({ name: 'endless', run: async (_: undefined, ctx) => ctx.sleep('1h') })

function world({ works = true }: { works?: boolean } = {}): Actor & { errors: unknown[] } {
  const runner = new BackgroundRunner({ recipes: [ask, echo, endless], gracePeriod: 0 })
  onTestFinished(() => runner.stop().then(() => {}))
  const errors: unknown[] = []
  return {
    runner,
    works,
    errors,
    failed: (error) => errors.push(error),
    redact: (text) => text.replaceAll('secret', '***'),
  }
}

describe('an action', () => {
  it.each([
    [null],
    [7],
    ['cancel'],
    [[]],
    [{}],
    [{ do: 'stop' }],
    [{ do: '__proto__' }],
    [{ do: 'constructor' }],
    [{ do: ['cancel'], task: 'a' }],
    [{ do: 'cancel' }],
    [{ do: 'cancel', task: 'a', force: true }],
    [{ do: 'cancel', task: '../x' }],
    [{ do: 'cancel', task: '' }],
    [{ do: 'cancel', task: 'a'.repeat(65_000) }],
    [{ do: 'cancel', task: { $ne: 1 } }],
    [{ do: 'cancel', task: 'a', reason: 7 }],
    [{ do: 'cancel', task: 'a', reason: 'x'.repeat(201) }],
    [{ do: 'cancel', task: 'a', reason: '\u001b[2J' }],
    [{ do: 'retry', task: 'a', reason: 'b' }],
    [{ do: 'answer', task: 'a', value: 1 }],
    [{ do: 'answer', task: 'a', ask: 0, value: 1 }],
    [{ do: 'answer', task: 'a', ask: 1 }],
    [{ do: 'pauseRunner', task: 'a' }],
    [{ do: 'pauseSchedule' }],
    [{ do: 'runSchedule', schedule: '\u202ex' }],
    [JSON.parse('{"do":"cancel","task":"a","__proto__":{"reason":"b"}}')],
  ])('that cannot be is refused: %j', async (given) => {
    expect(() => readAction(given)).toThrow()
    const answer = await act(given, world())
    expect(answer).toMatchObject({ ok: false, code: 'INVALID_ACTION' })
    expect((answer as { message: string }).message.length).toBeLessThan(300)
    expect(JSON.stringify(answer)).not.toMatch(/force|\.\.\/x|202e|aaaa/)
  })

  it('is read with the members that it has, and no others', () => {
    expect(readAction({ do: 'cancel', task: 'a' })).toEqual({ do: 'cancel', task: 'a' })
    expect(readAction({ do: 'answer', task: 'a', ask: 2, value: null })).toEqual({
      do: 'answer',
      task: 'a',
      ask: 2,
      value: null,
    })
  })
})

describe('cancel', () => {
  it('ends a task, with the reason', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(endless)
    expect(await act({ do: 'cancel', task: task.id, reason: 'enough' }, actor)).toEqual({
      ok: true,
      message: 'The task will end as cancelled.',
      task: task.id,
    })
    expect(await task.settled()).toMatchObject({ status: 'cancelled', reason: 'enough' })
  })

  it('says that a task had ended', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(echo, 'a')
    await task.wait()
    const message = 'The task had ended before: it is completed.'
    expect(await act({ do: 'cancel', task: task.id }, actor)).toEqual({ ok: false, code: 'ENDED', message })
  })
})

describe('retry', () => {
  it('submits an ended task once more', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(echo, 'a')
    await task.wait()
    const answer = (await act({ do: 'retry', task: task.id }, actor)) as ActionAnswer & { task: string }
    expect(answer).toMatchObject({ ok: true })
    expect(answer.task).not.toBe(task.id)
    expect(await (await actor.runner.get(answer.task))?.wait()).toBe('a')
  })

  it('refuses one that goes on', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(endless)
    expect(await act({ do: 'retry', task: task.id }, actor)).toMatchObject({ ok: false })
  })
})

describe('answer', () => {
  it('gives a handler what it asked for, once', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(ask)
    await expect.poll(() => task.asks).toHaveLength(1)
    const given = { do: 'answer', task: task.id, ask: 1, value: 'this' }
    expect(await act({ ...given, ask: 2 }, actor)).toMatchObject({ ok: false, code: 'NOT_ASKED' })
    expect(await act(given, actor)).toEqual({ ok: true, message: 'The task has its answer.', task: task.id })
    expect(await task.wait()).toBe('this')
    expect(await act(given, actor)).toMatchObject({ ok: false, code: 'NOT_ASKED' })
  })

  it('refuses what is nested too deeply', async () => {
    const actor = world()
    const task = await actor.runner.submitRecipe(ask)
    await expect.poll(() => task.asks).toHaveLength(1)
    const value = JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))
    expect(await act({ do: 'answer', task: task.id, ask: 1, value }, actor)).toMatchObject({ ok: false })
    expect(task.asks).toHaveLength(1)
  })
})

describe('the runner', () => {
  it('is paused and goes on', async () => {
    const actor = world()
    expect(await act({ do: 'pauseRunner' }, actor)).toMatchObject({ ok: true })
    expect(JSON.stringify(actor.runner.stats.state)).toContain('paused')
    expect(await act({ do: 'resumeRunner' }, actor)).toMatchObject({ ok: true })
    expect(JSON.stringify(actor.runner.stats.state)).toContain('active')
  })

  it('is not, where none works', async () => {
    expect(await act({ do: 'pauseRunner' }, world({ works: false }))).toMatchObject({ ok: false, code: 'NO_RUNNER' })
  })
})

describe('a schedule', () => {
  it.each([undefined, 'ada'])('is paused, goes on, and is run by hand, whoever owns it (%s)', async (owner) => {
    const actor = world()
    const options = { name: 'daily', when: 'every day at 9am', recipe: echo, input: 'a', ...(owner && { owner }) }
    const { id } = await actor.runner.schedules.add(options)
    const tell = (verb: string): Promise<ActionAnswer> => act({ do: verb, schedule: id }, actor)
    expect(await tell('pauseSchedule')).toEqual({ ok: true, message: 'The schedule is paused.' })
    expect(await tell('pauseSchedule')).toMatchObject({ ok: false, code: 'NOT_CHANGED' })
    expect(await tell('resumeSchedule')).toEqual({ ok: true, message: 'The schedule is active again.' })
    expect(await tell('resumeSchedule')).toMatchObject({ ok: false, code: 'NOT_CHANGED' })
    const made = (await tell('runSchedule')) as { task: string }
    expect(await (await actor.runner.get(made.task))?.wait()).toBe('a')
  })
})

describe('what is not there', () => {
  it.each(['cancel', 'retry'])('cannot be told to %s', async (verb) => {
    expect(await act({ do: verb, task: 'nobody' }, world())).toMatchObject({ ok: false, code: 'NOT_FOUND' })
  })

  it.each(['pauseSchedule', 'resumeSchedule', 'runSchedule'])('cannot be told to %s', async (verb) => {
    expect(await act({ do: verb, schedule: 'nobody' }, world())).toMatchObject({ ok: false, code: 'NOT_FOUND' })
  })
})

describe('an error', () => {
  class Broken extends MemoryStore {
    override get(): never {
      throw new Error('redis://secret@host')
    }
  }

  it('is told the log, and its secrets nobody', async () => {
    const actor = { ...world(), runner: new BackgroundRunner({ store: new Broken() }) }
    const answer = await act({ do: 'cancel', task: 'a' }, actor)
    expect(answer).toEqual({
      ok: false,
      code: 'INTERNAL',
      message: 'Something went wrong. The log of the inspector tells what.',
    })
    expect(actor.errors).toHaveLength(1)
  })
})
