import { describe, expect, it } from 'vitest'
import { createActor, setup, toPromise } from 'xstate'
import { type FromTaskOptions, fromTask } from '../../src/runner/from-task.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { type BackgroundRunner, coreOf } from '../../src/runner/runner.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import type { VirtualClock } from '../../src/testing/virtual-clock.ts'

let runs = 0
const rest = defineRecipe({
  name: 'rest',
  run: async (_: undefined, { sleep }) => {
    runs += 1
    await sleep('1m')
    return 'rested'
  },
})
const restFn = async (_: undefined, { sleep }: TaskContext): Promise<string> => {
  await sleep('1m')
  return 'rested'
}

type OnStop = NonNullable<FromTaskOptions['onStop']>
const works = { recipe: rest, function: restFn }

/** An actor at work within a child machine within a machine, whose first state can be left. */
function machineOf(runner: BackgroundRunner, work: typeof rest | typeof restFn, options?: FromTaskOptions) {
  const inner = setup({ actors: { work: fromTask(runner, work as typeof rest, options) } }).createMachine({
    invoke: { src: 'work', id: 'work', input: undefined },
  })
  return setup({ actors: { inner } }).createMachine({
    initial: 'working',
    states: {
      working: { invoke: { src: 'inner', id: 'inner' }, on: { leave: 'left', end: 'over' } },
      left: {},
      over: { type: 'final' },
    },
  })
}

async function afterwards(
  kind: keyof typeof works,
  onStop: OnStop,
  act: (actor: ReturnType<typeof createActor<ReturnType<typeof machineOf>>>) => void,
  wait: (clock: VirtualClock) => Promise<void> = (clock) => clock.advance('1s'),
): Promise<{ status: string | undefined; reason: string | undefined }> {
  const { runner, clock } = testRunner()
  const actor = createActor(machineOf(runner, works[kind], { onStop })).start()
  await wait(clock)
  act(actor)
  await clock.advance('2m')
  expect(coreOf(runner).watchers.size).toBe(0)
  const [task] = runner.tasks
  return { status: task?.status, reason: task?.toJSON().reason }
}

describe('when its state was left, a task', () => {
  it.each([
    ['recipe', 'auto', 'cancelled'],
    ['function', 'auto', 'cancelled'],
    ['recipe', 'cancel', 'cancelled'],
    ['recipe', 'detach', 'completed'],
    ['function', 'detach', 'completed'],
  ] as const)('of a %s with onStop %s is %s', async (kind, onStop, status) => {
    const reason = status === 'cancelled' ? 'its actor was stopped' : undefined
    expect(await afterwards(kind, onStop, (actor) => actor.send({ type: 'leave' }))).toEqual({ status, reason })
  })

  it.each([
    ['cancel', 'cancelled'],
    ['detach', 'completed'],
  ] as const)('that was not yet submitted with onStop %s is %s', async (onStop, status) => {
    const now = async (): Promise<void> => {}
    expect(await afterwards('recipe', onStop, (actor) => actor.send({ type: 'leave' }), now)).toMatchObject({ status })
  })
})

describe('when its machine has ended, a task', () => {
  it.each([
    ['recipe', 'auto', 'cancelled'],
    ['function', 'auto', 'cancelled'],
    ['recipe', 'detach', 'completed'],
  ] as const)('of a %s with onStop %s is %s', async (kind, onStop, status) => {
    expect(await afterwards(kind, onStop, (actor) => actor.send({ type: 'end' }))).toMatchObject({ status })
  })
})

describe('when the root was stopped, a task', () => {
  it.each([
    ['recipe', 'auto', 'completed'],
    ['function', 'auto', 'cancelled'],
    ['recipe', 'cancel', 'cancelled'],
    ['function', 'detach', 'completed'],
  ] as const)('of a %s with onStop %s is %s', async (kind, onStop, status) => {
    expect(await afterwards(kind, onStop, (actor) => actor.stop())).toMatchObject({ status })
  })

  it('that is the root itself is detached or cancelled in the same way', async () => {
    const { runner, clock } = testRunner()
    const recipe = createActor(fromTask(runner, rest)).start()
    const fn = createActor(fromTask(runner, restFn)).start()
    await clock.advance(0)
    recipe.stop()
    fn.stop()
    await clock.advance('2m')
    expect(runner.tasks.map(({ name, status }) => [name, status])).toEqual([
      ['restFn', 'cancelled'],
      ['rest', 'completed'],
    ])
  })
})

describe('an actor that was restored from its persisted snapshot', () => {
  const persist = (actor: { getPersistedSnapshot(): unknown }): never =>
    JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never

  it.each([
    ['before the submit was acknowledged', undefined],
    ['while the task ran', '30s'],
    ['after the task had ended, unheard', '2m'],
  ] as const)('%s finds its task again, and runs nothing twice', async (_, after) => {
    runs = 0
    const store = new MemoryStore()
    const first = testRunner({ store, recipes: [rest] })
    const actor = createActor(machineOf(first.runner, rest)).start()
    if (after === '30s') await first.clock.advance(after)
    else if (after === '2m') await first.clock.advance('59s')
    const saved = persist(actor)
    const { taskId } = (
      actor.getSnapshot().children.inner as never as {
        getSnapshot(): { children: { work: { getSnapshot(): { taskId: string } } } }
      }
    )
      .getSnapshot()
      .children.work.getSnapshot()
    actor.stop()
    if (after === '2m') await first.clock.advance('2m')
    const second = testRunner({ store, recipes: [rest], seed: 2 })
    const restored = createActor(machineOf(second.runner, rest), { snapshot: saved }).start()
    const { work } = (
      restored.getSnapshot().children.inner as never as { getSnapshot(): { children: { work: never } } }
    ).getSnapshot().children
    const result = toPromise(work)
    await first.clock.advance('2m')
    expect(await second.clock.until(result)).toBe('rested')
    expect(runs).toBe(1)
    expect(first.runner.tasks.map(({ id }) => id)).toEqual([taskId])
  })

  it('tells that its task is GONE', async () => {
    const { runner, clock } = testRunner()
    const logic = fromTask(runner, rest)
    const actor = createActor(logic).start()
    await clock.advance('30s')
    const saved = persist(actor)
    actor.stop()
    await clock.advance('1m')
    await runner.clearCompleted()
    const restored = createActor(logic, { snapshot: saved })
    const error = await toPromise(restored.start()).catch((reason: unknown) => reason)
    expect(error).toEqual({ code: 'GONE', message: expect.stringMatching(/^the store has forgotten the task \w{22}$/) })
  })

  it('that had ended has its output still', () => {
    const { runner } = testRunner()
    const logic = fromTask(runner, rest)
    const snapshot = { ...(createActor(logic).getPersistedSnapshot() as object), status: 'done', output: 'rested' }
    expect(
      createActor(logic, { snapshot: snapshot as never })
        .start()
        .getSnapshot(),
    ).toMatchObject({ output: 'rested' })
    expect(runner.tasks).toEqual([])
  })
})
