import { describe, expect, it } from 'vitest'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, silent } from './work.ts'

type Child = BackgroundTask<string>

/** A parent with two children that wait for their time, in a runner whose only slot is taken by another task. */
async function parentWithoutSlot(work: (one: Child, two: Child, ctx: TaskContext) => Promise<unknown>) {
  const { runner, clock } = testRunner({ maxConcurrentTasks: 1, defaultTimeout: false, logger: silent })
  const children: Child[] = []
  const parent = runner.submit((ctx) => {
    const [one, two] = ['one', 'two'].map((name) => ctx.submit(() => name, { delay: '1h' })) as [Child, Child]
    children.push(one, two)
    return work(one, two, ctx)
  })
  const end = deferred()
  const other = runner.submit(() => end.promise)
  await clock.advance(0)
  expect([parent.state, other.status]).toEqual(['running.waiting', 'running'])
  const [one, two] = children as [Child, Child]
  return { runner, clock, parent, one, two, end }
}

describe('a parent whose wait is over while all slots are taken', () => {
  it('goes on when a slot is free, before a task that has waited longer', async () => {
    const order: string[] = []
    const { runner, clock, parent, one, end } = await parentWithoutSlot(async (first) => {
      await first.settled()
      order.push('parent')
    })
    runner.submit(() => void order.push('queued'), { priority: 9 })
    await one.cancel()
    await clock.advance(0)
    expect([parent.state, order]).toEqual(['running.executing', []])
    end.resolve()
    await clock.advance(0)
    expect(order).toEqual(['parent', 'queued'])
  })

  it('takes one slot, however many of its waits are over by then', async () => {
    const { runner, clock, parent, one, two, end } = await parentWithoutSlot(async (first, second, { sleep }) => {
      await Promise.all([first.settled(), sleep('1s').then(() => second.settled())])
      await sleep('1s')
      return runner.stats.busySlots
    })
    await one.cancel()
    await clock.advance('2s')
    await two.cancel()
    await clock.advance(0)
    end.resolve()
    expect(await clock.until(parent.wait())).toBe(1)
    expect(runner.stats.busySlots).toBe(0)
  })

  it('takes none while it waits for another child, which needs that slot', async () => {
    const { clock, parent, one, end } = await parentWithoutSlot((first, second, { sleep }) =>
      Promise.all([first.settled().then(() => 'one'), sleep('1s').then(() => second.wait())]),
    )
    await one.cancel()
    await clock.advance('2s')
    expect(parent.state).toBe('running.waiting')
    end.resolve()
    expect(await clock.until(parent.wait(), { limit: '2h' })).toEqual(['one', 'two'])
  })

  it('hears a cancel without a slot', async () => {
    const heard: string[] = []
    const { clock, parent, one } = await parentWithoutSlot((first) =>
      first.settled().then(
        () => heard.push('went on'),
        (error) => heard.push(error.code),
      ),
    )
    await one.cancel()
    await clock.advance(0)
    expect([parent.state, heard]).toEqual(['running.executing', []])
    await parent.cancel()
    await clock.advance(0)
    expect([parent.status, heard]).toEqual(['cancelled', ['CANCELLED']])
  })
})

describe('a parent that is told to stop', () => {
  it('may still wait for its children while it cleans up, holding its slot', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2 })
    let child: BackgroundTask<void> | undefined
    let outcome: unknown
    const parent = runner.submit(async ({ submit, sleep }) => {
      child = submit((ctx) => ctx.sleep('1h').catch(() => clockSleep(clock, 1_000)))
      await sleep('1h').catch(() => {})
      outcome = await child.settled()
    })
    await clock.advance('1s')
    await parent.cancel()
    await clock.until(parent.settled())
    expect([parent.status, outcome]).toEqual(['cancelled', expect.objectContaining({ status: 'cancelled' })])
  })
})

const clockSleep = (clock: ReturnType<typeof testRunner>['clock'], ms: number): Promise<void> =>
  new Promise((resolve) => clock.setTimeout(resolve, ms))
