import { describe, expect, it } from 'vitest'
import { assign, createActor, fromPromise, setup, toPromise, waitFor } from 'xstate'
import { fromTask } from '../../src/runner/from-task.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'

const rest = defineRecipe({
  name: 'rest',
  run: async (duration: `${number}m`, { progress, sleep }) => {
    progress(0.5, 'half')
    await sleep(duration)
    return `rested ${duration}`
  },
})
const restFn = async (duration: `${number}m`, { sleep }: TaskContext): Promise<string> => {
  await sleep(duration)
  return 'rested'
}
const fail = defineRecipe({ name: 'fail', run: () => Promise.reject(Object.assign(new Error('no'), { code: 'NO' })) })

const rejected = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => error,
  )

describe('a task as an actor', () => {
  it('ends with the result as its output', async () => {
    const { runner, clock } = testRunner()
    expect(await clock.until(toPromise(createActor(fromTask(runner, rest), { input: '1m' }).start()))).toBe('rested 1m')
    expect(await clock.until(toPromise(createActor(fromTask(runner, restFn), { input: '1m' }).start()))).toBe('rested')
    const named = fromTask(runner, 'rest')
    expect(await clock.until(toPromise(createActor(named, { input: '2m' }).start()))).toBe('rested 2m')
  })

  it('shows its task and how far that is', async () => {
    const { runner, clock } = testRunner()
    const actor = createActor(fromTask(runner, rest, { submit: { id: 'mine', tags: ['a'] } }), { input: '1m' }).start()
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', taskId: 'mine', progress: 0, message: undefined })
    await clock.advance(0)
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', taskId: 'mine', progress: 0.5, message: 'half' })
    expect((await runner.get('mine'))?.tags).toEqual(['a'])
    await clock.until(toPromise(actor))
    expect(actor.getSnapshot()).toMatchObject({ status: 'done', output: 'rested 1m', progress: 1 })
  })

  it('fails with a code and a message as its error', async () => {
    const { runner, clock } = testRunner()
    const error = await clock.until(rejected(toPromise(createActor(fromTask(runner, fail)).start())))
    expect(error).toEqual({ code: 'NO', message: 'no' })
  })

  it('fails when its task is cancelled, or refused', async () => {
    const { runner, clock } = testRunner()
    const actor = createActor(fromTask(runner, rest, { submit: { id: 'mine' } }), { input: '1m' })
    const cancelled = rejected(toPromise(actor.start()))
    await clock.advance(0)
    await runner.cancel('mine', 'enough')
    expect(await clock.until(cancelled)).toEqual({ code: 'CANCELLED', message: 'enough' })
    const refused = createActor(fromTask(runner, rest, { submit: { id: '../x' } }), { input: '1m' })
    expect(await rejected(toPromise(refused.start()))).toMatchObject({ code: 'INVALID_OPTION' })
  })

  it('is inspected like any actor', async () => {
    const { runner, clock } = testRunner()
    const seen: string[] = []
    const logic = fromTask(runner, rest)
    const actor = createActor(logic, {
      input: '1m',
      inspect: (event) => seen.push(event.type === '@xstate.event' ? event.event.type : event.type),
    })
    await clock.until(toPromise(actor.start()))
    const events = seen.filter((type) => type.startsWith('offstage.'))
    expect(events).toEqual(['offstage.submitted', 'offstage.progress', 'offstage.completed'])
    expect(seen.filter((type) => type === '@xstate.snapshot').length).toBeGreaterThanOrEqual(events.length)
    expect(logic.config).toEqual({ id: 'offstage.task', work: 'rest' })
  })

  it.each([
    [{ onStopp: 'cancel' }, 'UNKNOWN_OPTION'],
    [{ onStop: 'kill' }, 'INVALID_OPTION'],
    [7, 'INVALID_OPTION'],
  ])('is not made with the options %j', (options, code) => {
    const { runner } = testRunner()
    expect(() => fromTask(runner, rest, options as never)).toThrow(expect.objectContaining({ code }))
  })
})

describe('a machine that invokes a task', () => {
  const machineOf = (runner: ReturnType<typeof testRunner>['runner']) =>
    setup({
      types: { context: {} as { output: unknown; error: unknown } },
      actors: { rest: fromTask(runner, rest), fail: fromTask(runner, fail), other: fromPromise(async () => 1) },
    }).createMachine({
      context: { output: undefined, error: undefined },
      initial: 'resting',
      states: {
        resting: {
          invoke: {
            src: 'rest',
            input: '1m',
            onDone: { target: 'failing', actions: assign({ output: ({ event }) => event.output }) },
          },
        },
        failing: {
          invoke: { src: 'fail', onError: { target: 'done', actions: assign({ error: ({ event }) => event.error }) } },
        },
        done: { type: 'final' },
      },
    })

  it('goes on by onDone and onError', async () => {
    const { runner, clock } = testRunner()
    const actor = createActor(machineOf(runner)).start()
    const { context } = await clock.until(waitFor(actor, ({ status }) => status === 'done'))
    expect(context).toEqual({ output: 'rested 1m', error: { code: 'NO', message: 'no' } })
  })

  it('may be stopped at any moment, and nothing is left', async () => {
    const { runner, clock } = testRunner()
    for (const after of [undefined, 0, '1m'] as const) {
      const actor = createActor(machineOf(runner)).start()
      if (after !== undefined) await clock.advance(after)
      actor.stop()
    }
    await clock.until(runner.onIdle())
    expect(runner.runningTasks).toEqual([])
  })
})
