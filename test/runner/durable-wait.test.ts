import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createActor } from 'xstate'
import { StoreError } from '../../src/errors.ts'
import { fromTask } from '../../src/runner/from-task.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { bench } from './late.ts'
import { deferred } from './work.ts'

/** A runner whose store has not yet made durable what it has told. */
function undurable(run: Parameters<typeof bench>[0] = () => 42, options: Parameters<typeof bench>[1] = {}) {
  const { store, ...rest } = bench(run, options)
  const synced = deferred()
  store.syncing = () => synced.promise
  /** Waits until the task has been seen to end. */
  const seen = async (task: { readonly isSettled: boolean }): Promise<void> => {
    while (!task.isSettled) await turn()
    await rest.quiet()
  }
  return { store, synced, seen, ...rest }
}

/** What a promise has come to by now. */
function follow<T>(promise: Promise<T>) {
  const state: { value?: T; error?: unknown } = {}
  promise.then(
    (value) => {
      state.value = value
    },
    (error) => {
      state.error = error
    },
  )
  return state
}

describe('what was seen to end, and is not durable yet', () => {
  it('ends no wait, before that it was told and after', async () => {
    const { runner, submit, seen, synced } = undurable()
    const task = await submit()
    const waits = [task.wait(), task.settled(), runner.waitAll()].map((each) =>
      follow<unknown>(each as Promise<unknown>),
    )
    await seen(task)
    waits.push(follow<unknown>(task.wait()))
    await turn()
    expect([task.status, waits]).toEqual(['completed', [{}, {}, {}, {}]])
    synced.resolve()
    await turn()
    expect(waits.map(({ value }) => value)).toEqual([
      42,
      expect.objectContaining({ ok: true }),
      [expect.anything()],
      42,
    ])
  })

  it('calls no onComplete and no onSettled', async () => {
    const told: string[] = []
    const { submit, seen, synced } = undurable(() => 42, { onSettled: () => void told.push('onSettled') })
    const task = await submit(0, { onComplete: () => void told.push('onComplete') })
    await seen(task)
    expect(told).toEqual([])
    synced.resolve()
    await turn()
    expect(told.toSorted()).toEqual(['onComplete', 'onSettled'])
  })

  it('does not let a parent go on', async () => {
    const went: string[] = []
    const { submit, synced, quiet, recipe, clock } = undurable(async ({ n }, ctx) => {
      if (n === 1) return 'child'
      const child = await ctx.submitRecipe(recipe, { n: 1 })
      went.push(String(await child.wait()))
      return 'parent'
    })
    const parent = await submit()
    while (parent.state !== 'running.waiting') await turn()
    while (parent.state === 'running.waiting') await turn()
    await quiet()
    expect(went).toEqual([])
    synced.resolve()
    await clock.until(parent.wait())
    expect(went).toEqual(['child'])
  })

  it('is no output of an actor', async () => {
    const { runner, recipe, synced, quiet } = undurable()
    const actor = createActor(fromTask(runner, recipe), { input: { n: 0 } }).start()
    while (runner.tasks[0]?.isSettled !== true) await turn()
    await quiet()
    expect(actor.getSnapshot().status).toBe('active')
    synced.resolve()
    while (actor.getSnapshot().status === 'active') await turn()
    expect(actor.getSnapshot().output).toBe(42)
  })

  it('is no outcome of a wait whose time is over', async () => {
    const { clock, submit, seen } = undurable()
    const task = await submit()
    await seen(task)
    const settled = follow(task.settled({ timeout: '1s' }))
    const waited = follow(task.wait({ timeout: '1s' }))
    await clock.advance('1s')
    await turn()
    expect([settled, waited]).toEqual([
      { value: undefined },
      { error: expect.objectContaining({ code: 'WAIT_TIMEOUT' }) },
    ])
  })

  it('rejects every wait with the error, when it never will be, and leaves no rejection unheard', async () => {
    const unheard: unknown[] = []
    const hear = (error: unknown): void => void unheard.push(error)
    process.on('unhandledRejection', hear)
    const { submit, seen, synced, warnings } = undurable()
    const task = await submit(0, { onComplete: () => {} })
    const early = follow(task.wait())
    await seen(task)
    const late = follow(task.settled())
    const error = new StoreError('UNKNOWN_OUTCOME', 'the disk is gone')
    synced.reject(error)
    await turn()
    await turn()
    process.off('unhandledRejection', hear)
    expect([early.error, late.error, unheard]).toEqual([error, error, []])
    expect(warnings).toContain('late: whether the end of a task was recorded is not known')
  })
})

it('costs a wait in memory nothing: a task that has ended answers in the same turn', async () => {
  const { runner, clock } = testRunner()
  const task = runner.submit(() => 42)
  await clock.until(task.wait())
  const settled = follow(task.settled())
  await Promise.resolve()
  expect(settled.value).toMatchObject({ result: 42 })
})
