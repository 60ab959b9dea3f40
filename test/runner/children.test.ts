import { describe, expect, it } from 'vitest'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { deferred, Meter, never, silent } from './work.ts'

describe('a child', () => {
  it('is a task of its own that names its parent', async () => {
    const { runner, clock } = testRunner()
    let child: BackgroundTask<string> | undefined
    const parent = runner.submit(async ({ submit }) => {
      child = submit(() => 'of age', { name: 'child' })
      return child.wait()
    })
    expect(await clock.until(parent.wait())).toBe('of age')
    expect(child?.parentId).toBe(parent.id)
  })

  it('frees the slot of the parent that waits for it: five parents do not deadlock five slots', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 5 })
    const meter = new Meter()
    const parents = Array.from({ length: 5 }, (_, i) =>
      runner.submit(async ({ submit }) => {
        const child = submit((ctx) => meter.during(() => ctx.sleep('1s').then(() => i)))
        return child.wait()
      }),
    )
    expect(await clock.until(Promise.all(parents.map((parent) => parent.wait())))).toEqual([0, 1, 2, 3, 4])
    expect([meter.most, runner.stats.busySlots]).toEqual([5, 0])
  })

  it('of a child of a child runs in a single slot', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const deep = runner.submit(({ submit }) =>
      submit((ctx) => ctx.submit((inner) => inner.submit(() => 'deep').wait()).wait()).wait(),
    )
    expect(await clock.until(deep.wait())).toBe('deep')
    expect(runner.stats.busySlots).toBe(0)
  })

  it('runs beside the others for a parent that waits for all of them', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2 })
    const meter = new Meter()
    const parent = runner.submit(({ submit }) =>
      Promise.all(
        Array.from({ length: 6 }, (_, i) =>
          submit((ctx) => meter.during(() => ctx.sleep((i + 1) * 100).then(() => i))).wait(),
        ),
      ),
    )
    expect(await clock.until(parent.wait())).toEqual([0, 1, 2, 3, 4, 5])
    expect([meter.most, runner.stats.busySlots]).toEqual([2, 0])
  })

  it('that fails throws in the parent, which may go on', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const parent = runner.submit(async ({ submit }) => {
      const child = submit(() => Promise.reject(new Error('broken')))
      return child.wait().catch((error: Error) => `caught: ${error.message}`)
    })
    expect(await clock.until(parent.wait())).toMatch(/^caught: task .* failed: broken$/)
  })

  it('may outlive a parent that completes without waiting', async () => {
    const { runner, clock } = testRunner()
    let child: BackgroundTask<string> | undefined
    await runner
      .submit(({ submit }) => {
        child = submit((ctx) => ctx.sleep('1m').then(() => 'later'))
      })
      .wait()
    expect(await clock.until((child as BackgroundTask<string>).wait())).toBe('later')
  })

  it('is told of to who began to wait in a parent that has ended meanwhile', async () => {
    const { runner, clock } = testRunner()
    let waiting: Promise<string> | undefined
    const parent = runner.submit(({ submit }) => {
      waiting = submit((ctx) => ctx.sleep('1m').then(() => 'later')).wait()
    })
    await parent.wait()
    expect(await clock.until(waiting as Promise<string>)).toBe('later')
  })

  it('cannot be made once the parent has ended', async () => {
    const { runner } = testRunner()
    let late: (() => unknown) | undefined
    await runner
      .submit(({ submit }) => {
        late = () => submit(() => 1)
      })
      .wait()
    expect(() => late?.()).toThrow(expect.objectContaining({ code: 'PARENT_ENDED' }))
  })
})

describe('the parent', () => {
  it('cancels its children with itself, over any number of steps', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 2 })
    const parent = runner.submit(
      async ({ submit }) => {
        submit(() => 1, { name: 'pending', delay: '1h' })
        await submit(({ submit: again }) => again((ctx) => ctx.sleep('1h'), { name: 'grandchild' }).wait(), {
          name: 'child',
        }).wait()
      },
      { name: 'parent' },
    )
    await clock.advance('1s')
    await parent.cancel('all of it')
    await clock.until(runner.onIdle())
    expect(runner.tasks.map(({ name, outcome }) => [name, (outcome as { by?: string }).by])).toEqual([
      ['parent', undefined],
      ['pending', 'parent'],
      ['child', 'parent'],
      ['grandchild', 'parent'],
    ])
  })

  it('is running.waiting meanwhile, and takes a slot again before it goes on', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const child = deferred()
    const parent = runner.submit(async ({ submit }) => {
      await submit(() => child.promise).wait()
      return runner.stats.busySlots
    })
    await clock.advance(0)
    expect([parent.state, runner.stats.busySlots]).toEqual(['running.waiting', 1])
    const other = runner.submit(({ sleep }) => sleep('1m'))
    child.resolve()
    expect(await clock.until(parent.wait())).toBe(1)
    expect(other.status).toBe('running')
  })

  it('goes on before anything new begins', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1 })
    const order: string[] = []
    runner.submit(async ({ submit }) => {
      await submit(() => void order.push('child')).wait()
      order.push('parent')
    })
    await Promise.resolve()
    runner.submit(() => void order.push('other'), { priority: 9 })
    runner.submit(() => void order.push('another'))
    await clock.until(runner.onIdle())
    expect(order.indexOf('parent')).toBe(order.indexOf('child') + 1)
  })

  it('that waits with a timeout gives up and goes on; the child runs on', async () => {
    const { runner, clock } = testRunner()
    let child: BackgroundTask<void> | undefined
    const parent = runner.submit(async ({ submit }) => {
      child = submit((ctx) => ctx.sleep('1m'))
      return (await child.settled({ timeout: '10s' })) ?? 'gave up'
    })
    expect(await clock.until(parent.wait())).toBe('gave up')
    expect([child?.status, runner.stats.busySlots]).toEqual(['running', 1])
  })

  it('that waits with a signal gives up when it is aborted', async () => {
    const { runner, clock } = testRunner()
    const controller = new AbortController()
    const parent = runner.submit(async ({ submit }) => {
      const child = submit((ctx) => ctx.sleep('1m'))
      return child.wait({ signal: controller.signal }).catch((error: unknown) => error)
    })
    await clock.advance('1s')
    expect(parent.state).toBe('running.waiting')
    controller.abort('enough')
    expect(await clock.until(parent.wait())).toBe('enough')
  })

  it('that is cancelled hears it at once where it waits, and waits that are over stay over', async () => {
    const { runner, clock } = testRunner({ maxConcurrentTasks: 1, defaultTimeout: false })
    const heard: string[] = []
    const parent = runner.submit(async ({ submit }) => {
      const children = [submit(() => 1), submit(never)]
      await Promise.all(children.map((child) => child.settled().catch((error) => heard.push(error.code))))
    })
    await clock.advance(0)
    expect(runner.stats).toMatchObject({ busySlots: 1, running: 2 })
    await parent.cancel()
    await clock.advance(0)
    expect([parent.status, heard]).toEqual(['cancelled', ['CANCELLED']])
  })

  it('shares its concurrency key with the child it waits for', async () => {
    const { runner, clock } = testRunner()
    const account = { concurrencyKey: 'account' }
    const parent = runner.submit(({ submit }) => submit(() => 'both', account).wait(), account)
    expect(await clock.until(parent.wait())).toBe('both')
  })

  it('cannot wait for a child that needs it: DEADLOCK, and it goes on', async () => {
    const { runner, clock } = testRunner({ logger: silent })
    const parent: BackgroundTask<string> = runner.submit(async ({ submit }) => {
      const child = submit(() => 1, { needs: [parent] })
      return child.wait().then(
        () => 'waited',
        (error) => error.code,
      )
    })
    expect(await clock.until(parent.wait())).toBe('DEADLOCK')
    await clock.until(runner.onIdle())
    expect(runner.stats).toMatchObject({ completed: 2, busySlots: 0 })
  })
})
