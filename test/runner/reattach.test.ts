import { beforeEach, describe, expect, it } from 'vitest'
import { assign, createActor, setup } from 'xstate'
import { fromTask } from '../../src/runner/from-task.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import type { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'

let runs = 0
beforeEach(() => {
  runs = 0
})
const work = defineRecipe({
  name: 'work',
  run: async (fails: boolean, { sleep }) => {
    runs += 1
    await sleep('1m')
    if (fails) throw Object.assign(new Error('no'), { code: 'NO' })
    return 'worked'
  },
})
const recipes = [work]

/** A user's machine, at work in its first state. */
function machineOf(runner: BackgroundRunner, fails = false) {
  return setup({
    types: { context: {} as { told: unknown } },
    actors: { work: fromTask(runner, work) },
  }).createMachine({
    context: { told: undefined },
    initial: 'working',
    states: {
      working: {
        invoke: {
          id: 'work',
          src: 'work',
          input: fails,
          onDone: { target: 'done', actions: assign({ told: ({ event }) => event.output }) },
          onError: { target: 'failed', actions: assign({ told: ({ event }) => event.error }) },
        },
      },
      done: {},
      failed: {},
    },
  })
}

const actorOf = (runner: BackgroundRunner, fails?: boolean) => createActor(machineOf(runner, fails))
const persist = (actor: { getPersistedSnapshot(): unknown }): never =>
  JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never
const restore = (runner: BackgroundRunner, snapshot: never) =>
  createActor(machineOf(runner), { snapshot }).start() as ReturnType<typeof actorOf>
const stateOf = (actor: ReturnType<typeof actorOf>) => {
  const { value, context } = actor.getSnapshot()
  return { value, told: context.told }
}

/** Two runners that know the same store, like two processes one after the other. */
function lives(options: { keepFinished?: number } = {}) {
  const store = new MemoryStore()
  const begin = (seed: number, now?: string) =>
    testRunner({ store, recipes, seed, ...options, ...(now !== undefined && { now }) })
  return { store, first: begin(1), later: (now?: string) => begin(2, now) }
}

/** A snapshot that was taken as the state was entered: the submit was not acknowledged yet. */
function savedAtOnce(actor: ReturnType<typeof actorOf>): never {
  const saved = persist(actor.start())
  expect(saved).toMatchObject({ children: { work: { snapshot: { submitted: false } } } })
  return saved
}

/** A snapshot of a process that ended before the store had the task. */
const neverArrived = (): never => savedAtOnce(actorOf(testRunner({ recipes, seed: 9, work: false }).runner))

describe('a machine that was restored while its task goes on', () => {
  it('hears how it ends, and the task ran once', async () => {
    const { first, later } = lives()
    const actor = actorOf(first.runner).start()
    await first.clock.advance('30s')
    const saved = persist(actor)
    actor.stop()
    const second = later()
    const restored = restore(second.runner, saved)
    await second.clock.advance(0)
    expect(stateOf(restored)).toEqual({ value: 'working', told: undefined })
    await first.clock.advance('30s')
    expect(stateOf(restored)).toEqual({ value: 'done', told: 'worked' })
    expect(runs).toBe(1)
  })

  it('and again, and at the same moment twice', async () => {
    const { first } = lives()
    const actor = actorOf(first.runner)
    const saved = savedAtOnce(actor)
    actor.stop()
    const second = restore(first.runner, saved)
    const savedAgain = persist(second)
    second.stop()
    const [third, fourth] = [restore(first.runner, savedAgain), restore(first.runner, saved)]
    await first.clock.advance('1m')
    expect([stateOf(third), stateOf(fourth)]).toEqual([
      { value: 'done', told: 'worked' },
      { value: 'done', told: 'worked' },
    ])
    expect(runs).toBe(1)
  })
})

describe('a machine that was restored after its task had ended', () => {
  it.each([
    ['completed', false, { value: 'done', told: 'worked' }],
    ['failed', true, { value: 'failed', told: { code: 'NO', message: 'no' } }],
  ])('%s is told so at once', async (_, fails, told) => {
    const { first, later } = lives()
    const actor = actorOf(first.runner, fails)
    const saved = savedAtOnce(actor)
    actor.stop()
    await first.clock.advance('1m')
    const second = later()
    const restored = restore(second.runner, saved)
    await second.clock.advance(0)
    expect(stateOf(restored)).toEqual(told)
    expect(runs).toBe(1)
  })

  it('as cancelled is told so', async () => {
    const { first, later } = lives()
    const actor = actorOf(first.runner)
    const saved = savedAtOnce(actor)
    await first.clock.advance('1s')
    actor.stop()
    await first.runner.cancel(first.runner.tasks[0]?.id ?? '', 'enough')
    await first.clock.advance('10s')
    const second = later()
    const restored = restore(second.runner, saved)
    await second.clock.advance(0)
    expect(stateOf(restored)).toEqual({ value: 'failed', told: { code: 'CANCELLED', message: 'enough' } })
  })
})

describe('a machine whose task is not in the store any more', () => {
  const gone = { value: 'failed', told: { code: 'GONE', message: expect.any(String) } }

  it('is told GONE, also when its snapshot is older than the acknowledgement', async () => {
    const { first, later } = lives()
    const actor = actorOf(first.runner)
    const saved = savedAtOnce(actor)
    await first.clock.advance('30s')
    const acknowledged = persist(actor)
    actor.stop()
    await first.clock.advance('1m')
    await first.runner.clearCompleted()
    const second = later()
    for (const each of [saved, acknowledged]) {
      const restored = restore(second.runner, each)
      await second.clock.advance(0)
      expect(stateOf(restored)).toEqual(gone)
    }
    await second.clock.advance('2m')
    expect(runs).toBe(1)
  })

  it('is told GONE when retention may have taken the task, and the store remembers nothing of it', async () => {
    const saved = neverArrived()
    const another = lives().later('2030-01-01T01:00:00Z')
    const restored = restore(another.runner, saved)
    await another.clock.advance('2m')
    expect(stateOf(restored)).toEqual(gone)
    const full = lives({ keepFinished: 1 }).first
    await full.clock.until((await full.runner.submitRecipe(work, false)).settled())
    runs = 0
    const restoredThere = restore(full.runner, saved)
    await full.clock.advance('2m')
    expect(stateOf(restoredThere)).toEqual(gone)
    expect(runs).toBe(0)
  })

  it('is told GONE when it was there for certain, whatever the store remembers', async () => {
    const { runner, clock } = lives().first
    const actor = actorOf(runner).start()
    await clock.advance('1s')
    const saved = persist(actor)
    const another = lives().later()
    const restored = restore(another.runner, saved)
    await another.clock.advance('2m')
    expect(stateOf(restored)).toEqual(gone)
    expect(another.runner.tasks).toEqual([])
  })

  it('submits it if it never got there', async () => {
    const saved = neverArrived()
    const { children } = saved as { children: { work: { snapshot: { taskId: string } } } }
    const another = lives().later('2030-01-01T00:59:00Z')
    const restored = restore(another.runner, saved)
    await another.clock.advance('1m')
    expect(stateOf(restored)).toEqual({ value: 'done', told: 'worked' })
    expect(another.runner.tasks.map(({ id }) => id)).toEqual([children.work.snapshot.taskId])
    expect(runs).toBe(1)
  })
})
