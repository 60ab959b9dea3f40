import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { assign, createActor, setup, waitFor } from 'xstate'
import { fromTask } from '../../src/runner/from-task.ts'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { FileStore } from '../../src/store/file/store.ts'

const persist = (actor: { getPersistedSnapshot(): unknown }): never =>
  JSON.parse(JSON.stringify(actor.getPersistedSnapshot())) as never

describe('on a file store, a machine that was restored by another process', () => {
  let runs = 0
  let folder = ''
  const open: { runner: BackgroundRunner; store: FileStore }[] = []
  /** A process of its own, as far as the store can tell. */
  const begin = (options: { work?: boolean } = {}): BackgroundRunner => {
    const store = new FileStore(folder)
    const runner = new BackgroundRunner({ store, recipes: [quick], ...options })
    open.push({ runner, store })
    return runner
  }
  let goOn = (): void => {}
  let told = new Promise<void>(() => {})
  const quick = defineRecipe({
    name: 'quick',
    run: async () => {
      runs += 1
      await told
      return 'worked'
    },
  })
  const quickOf = (runner: BackgroundRunner) =>
    setup({ types: { context: {} as { told: unknown } }, actors: { quick: fromTask(runner, quick) } }).createMachine({
      context: { told: undefined },
      initial: 'working',
      states: {
        working: {
          invoke: {
            id: 'work',
            src: 'quick',
            input: undefined,
            onDone: { target: 'ended', actions: assign({ told: ({ event }) => event.output }) },
            onError: { target: 'ended', actions: assign({ told: ({ event }) => event.error }) },
          },
        },
        ended: {},
      },
    })
  const resultOf = async (runner: BackgroundRunner, snapshot: never): Promise<unknown> => {
    const actor = createActor(quickOf(runner), { snapshot }).start()
    const { context } = await waitFor(actor, ({ value }) => value === 'ended', { timeout: 10_000 })
    return context.told
  }
  const idOf = (saved: never): string =>
    (saved as { children: { work: { snapshot: { taskId: string } } } }).children.work.snapshot.taskId

  beforeEach(async () => {
    runs = 0
    folder = await mkdtemp(join(tmpdir(), 'offstage-'))
    told = new Promise((resolve) => {
      goOn = resolve
    })
  })
  afterEach(async () => {
    for (const { runner, store } of open.splice(0)) {
      await runner.stop()
      await store.close()
    }
    await rm(folder, { recursive: true, force: true })
  })

  it('follows the task to its end, and after that is told at once; the work ran once', async () => {
    const worker = begin()
    const actor = createActor(quickOf(worker)).start()
    const saved = persist(actor)
    actor.stop()
    const another = begin({ work: false })
    await expect.poll(() => another.get(idOf(saved))).toBeDefined()
    const result = resultOf(another, saved)
    goOn()
    expect(await result).toBe('worked')
    expect(await resultOf(begin({ work: false }), saved)).toBe('worked')
    expect(runs).toBe(1)
  })

  it('is told GONE once the task was cleared away', async () => {
    goOn()
    const worker = begin()
    const actor = createActor(quickOf(worker)).start()
    const saved = persist(actor)
    await waitFor(actor, ({ value }) => value === 'ended', { timeout: 10_000 })
    await worker.clearCompleted()
    expect(await resultOf(begin(), saved)).toMatchObject({ code: 'GONE' })
    expect(runs).toBe(1)
  })
})
