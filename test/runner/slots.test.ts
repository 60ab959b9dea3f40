import { describe, expect, it } from 'vitest'
import type { BackgroundTask } from '../../src/runner/task.ts'
import type { TaskContext } from '../../src/runner/types.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, never, silent } from './work.ts'

/** A parent that has no slot, in a runner with one: its first child has ended, and another task took the slot. */
async function waitingForSlot(then: (ctx: TaskContext, first: Promise<unknown>) => Promise<unknown>) {
  const { runner, clock } = testRunner({ maxConcurrentTasks: 2, defaultTimeout: false, logger: silent })
  const child = deferred()
  const parent = runner.submit(async (ctx) => then(ctx, ctx.submit(() => child.promise).wait()), { name: 'parent' })
  await clock.advance(0)
  const blockers = [deferred(), deferred()]
  const [blocker, late] = blockers.map(({ promise }, i) => runner.submit(() => promise, { name: `blocker ${i}` }))
  await clock.advance(0)
  return { runner, clock, child, parent, blocker: blocker as BackgroundTask<void>, late, blockers }
}

describe('a parent whose wait is over while all slots are taken', () => {
  it('takes the next free slot before a task that has waited longer', async () => {
    const { clock, child, parent, late, blockers } = await waitingForSlot(async (_, first) => {
      await first
      await never()
    })
    child.resolve()
    await clock.advance(0)
    expect([parent.state, late?.status]).toEqual(['running.executing', 'pending'])
    blockers[0]?.resolve()
    await clock.advance(0)
    expect(late?.status).toBe('running')
  })

  it('takes one slot only, however many of its waits are over', async () => {
    const { runner, clock, child, parent, blockers } = await waitingForSlot(async ({ submit, sleep }, first) => {
      const second = sleep('1s').then(() => submit(() => 'second').wait())
      return Promise.all([first, second])
    })
    child.resolve()
    await clock.advance('2s')
    for (const each of blockers) each.resolve()
    await clock.until(parent.wait())
    await clock.until(runner.onIdle())
    expect(runner.stats).toMatchObject({ busySlots: 0, completed: 5 })
  })

  it('takes none while it waits for another child, which needs that slot', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1, defaultTimeout: false })
    const first = deferred()
    const parent = runner.submit(async ({ submit }) => {
      const [one, two] = [submit(() => first.promise), submit(() => 'two', { delay: '1s' })]
      const waits = [one.wait().then(() => two.wait()), two.wait()]
      return Promise.all(waits)
    })
    await clock.advance('2s')
    first.resolve()
    expect(await clock.until(parent.wait())).toEqual(['two', 'two'])
  })

  it('hears a cancel without a slot', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1, defaultTimeout: false, logger: silent })
    const child = deferred()
    let heard: unknown
    const parent = runner.submit(async ({ submit, signal }) => {
      const one = submit(() => child.promise)
      await one.wait().catch((error) => {
        heard = error
      })
      return signal.aborted
    })
    await clock.advance(0)
    runner.pause()
    const deaf = runner.submit(never)
    runner.resume()
    child.resolve()
    await parent.cancel()
    await clock.advance(0)
    expect([parent.status, (heard as { code?: string } | undefined)?.code ?? 'none']).toEqual([
      'cancelled',
      'CANCELLED',
    ])
    expect(deaf.status).toBe('running')
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
