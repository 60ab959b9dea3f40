import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import type { BackgroundTask } from '../../src/runner/task.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { bench, hold } from './late.ts'
import { deferred, Meter, never } from './work.ts'

describe('a runner on a store that answers later', () => {
  it('submits, runs and waits', async () => {
    const { clock, submit } = bench(({ n }) => n * 2)
    const task = await submit(21)
    expect(await clock.until(task.wait())).toBe(42)
    expect(await clock.until(task.wait())).toBe(42)
  })

  it('runs two of ten at a time, each once, in order', async () => {
    const meter = new Meter()
    const began: number[] = []
    const { runner, clock, submit, quiet } = bench(({ n }, { sleep }) => meter.during(() => sleep(began.push(n))), {
      maxConcurrentTasks: 2,
    })
    for (let n = 0; n < 10; n += 1) await submit(n)
    await clock.until(runner.waitAll())
    await quiet()
    expect([meter.most, began]).toEqual([2, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]])
    expect(runner.stats).toMatchObject({ completed: 10, running: 0, busySlots: 0 })
  })

  it('tries again, and keeps what the last attempt came to', async () => {
    const { clock, submit } = bench(
      (_, { attempt }) => {
        if (attempt < 3) throw new Error(`attempt ${attempt}`)
        return attempt
      },
      { retry: { attempts: 3, minDelay: '1s' } },
    )
    const task = await submit()
    expect(await clock.until(task.wait())).toBe(3)
    expect(Number(task.startedAt) - Number(task.createdAt)).toBeGreaterThan(1_500)
  })

  it('fails a task whose result JSON cannot carry', async () => {
    const { clock, submit } = bench(() => ({ n: 1n }))
    const task = await submit()
    await clock.until(task.settled())
    expect(task.error?.code).toBe('INVALID_RESULT')
  })

  it('tells of progress, output and logs, in order', async () => {
    const { runner, clock, submit, quiet } = bench((_, ctx) => {
      ctx.progress(0.5, 'half')
      ctx.log('line')
      ctx.write('out')
    })
    runner.pause()
    const told: string[] = []
    const task = await submit()
    const heard = (async () => {
      for await (const event of task.events()) told.push(event.type)
    })()
    await quiet()
    runner.resume()
    await clock.until(heard)
    expect(told[0]).toBe('snapshot')
    expect(told.toSorted()).toEqual(['log', 'output', 'progress', 'snapshot', 'state', 'state'])
    expect([task.progress, task.message]).toEqual([0.5, 'half'])
  })

  it('delays, and ends what is overdue', async () => {
    const { clock, submit } = bench(() => 'ran')
    const delayed = await submit(0, { delay: '1h' })
    const late = await submit(1, { delay: '1h', deadline: '1m' })
    await clock.until(Promise.all([delayed.settled(), late.settled()]))
    expect([delayed.status, late.error?.code]).toEqual(['completed', 'TIMEOUT'])
  })

  it('times attempts out', async () => {
    const { clock, submit } = bench((_, { sleep }) => sleep('1h'))
    const task = await submit(0, { timeout: '1m' })
    await clock.until(task.settled())
    expect(task.error?.code).toBe('TIMEOUT')
  })

  it('starts a task when those that it needs have ended', async () => {
    const ran: number[] = []
    const { clock, submit } = bench(({ n }, { sleep }) => sleep(10).then(() => ran.push(n)))
    const needs = [await submit(1), await submit(2)]
    const last = await submit(3, { needs })
    expect(last.state).toBe('pending.blocked')
    await clock.until(last.wait())
    expect(ran).toEqual([1, 2, 3])
  })

  it('runs each task once for two runners that share the store', async () => {
    const ran: number[] = []
    const { store, runner, clock, submit, recipe } = bench(({ n }, { sleep }) => sleep(ran.push(n)), {
      maxConcurrentTasks: 2,
    })
    const other = new BackgroundRunner({ store, clock, recipes: [recipe], maxConcurrentTasks: 2 })
    other.start()
    for (let n = 0; n < 20; n += 1) await submit(n)
    await clock.until(runner.waitAll())
    expect(ran.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n))
    await clock.until(Promise.all([runner.stop(), other.stop()]))
  })
})

describe('a cancel, where the store answers later', () => {
  it('ends a pending task at once, and it never runs', async () => {
    let ran = 0
    const { runner, clock, submit } = bench(() => (ran += 1))
    runner.pause()
    const task = await submit()
    expect(await clock.until(task.cancel('enough'))).toBe(true)
    runner.resume()
    await clock.until(runner.onIdle())
    expect([task.status, ran]).toEqual(['cancelled', 0])
  })

  it('aborts the signal of a running task', async () => {
    const { clock, submit } = bench(
      (_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve)),
    )
    const task = await submit()
    await clock.advance(0)
    while (task.state !== 'running.executing') await turn()
    expect(await clock.until(task.cancel())).toBe(true)
    await clock.until(task.settled())
    expect(task.status).toBe('cancelled')
  })

  it('reaches a task whose claim is not answered yet: its handler is never called', async () => {
    let ran = 0
    const { store, runner, clock, submit, quiet } = bench(() => (ran += 1))
    const task = await submit()
    // the claim is folded, and its answer is on the way
    while (task.state !== 'running.executing') await turn()
    void store.inner.append({ type: 'cancel', task: task.id, at: clock.now(), reason: 'enough' })
    await clock.until(task.settled())
    await quiet()
    expect([task.status, ran, runner.stats.busySlots]).toEqual(['cancelled', 0, 0])
  })

  it('reaches a task in the very moment of its start, in memory too', async () => {
    let ran = 0
    const { runner, clock } = testRunner()
    runner.pause()
    const task = runner.submit(() => (ran += 1))
    task.actor.subscribe(({ value }) => {
      if (typeof value === 'object') void task.cancel()
    })
    runner.resume()
    await clock.until(task.settled())
    await clock.advance(0)
    expect([task.status, ran, runner.stats.busySlots]).toEqual(['cancelled', 0, 0])
  })

  it('of a task that another worker took over in the meantime starts nothing here', async () => {
    let ran = 0
    const { store, runner, clock, submit, quiet } = bench(() => (ran += 1))
    const task = await submit(0, { retry: { attempts: 1 } })
    while (task.state !== 'running.executing') await turn()
    const { worker } = store.inner.get(task.id)?.snapshot.context ?? {}
    store.inner.append({ type: 'expire', worker: worker ?? '', at: clock.now() })
    store.inner.claim({
      worker: 'another',
      at: clock.now(),
      slots: 1,
      claim: () => 'theirs',
      takes: () => true,
      fits: () => true,
    })
    await quiet()
    expect([ran, runner.stats.busySlots]).toEqual([0, 0])
  })

  it('and the completion of the same moment: exactly one counts', async () => {
    const { clock, submit } = bench(() => 'done')
    for (let turns = 0; turns < 12; turns += 1) {
      const task = await submit()
      for (let i = 0; i < turns; i += 1) await turn()
      const accepted = await clock.until(task.cancel())
      await clock.until(task.settled())
      expect(task.status).toBe(accepted ? 'cancelled' : 'completed')
    }
  })
})

describe('children, where the store answers later', () => {
  it('run in the slot that their parent gives back', async () => {
    const { runner, clock, submit, recipe, quiet } = bench(
      async ({ n }, ctx) => {
        if (n === 0) return 1
        const children = await Promise.all([n - 1, n - 1].map((less) => ctx.submitRecipe(recipe, { n: less })))
        const results = await Promise.all(children.map((child) => child.wait()))
        return (results as number[]).reduce((sum, each) => sum + each, 0)
      },
      { maxConcurrentTasks: 1 },
    )
    const task = await submit(3)
    expect(await clock.until(task.wait())).toBe(8)
    await quiet()
    expect(runner.stats).toMatchObject({ completed: 15, busySlots: 0 })
  })

  it('may be waited for together, though one of them has settled by then', async () => {
    const end = deferred()
    const { store, clock, submit, recipe } = bench(async ({ n }, ctx) => {
      if (n === 1) return end.promise.then(() => 'first')
      if (n === 2) return ctx.sleep('1m').then(() => 'second')
      const [first, second] = [await ctx.submitRecipe(recipe, { n: 1 }), await ctx.submitRecipe(recipe, { n: 2 })]
      // the first ends after the store was asked, and before it has answered
      store.before = async (method) => {
        if (method !== 'ask') return
        store.before = () => {}
        end.resolve()
        while (first.status !== 'completed') await turn()
      }
      return Promise.all([first.wait(), second.wait()])
    })
    const task = await submit()
    expect(await clock.until(task.wait())).toEqual(['first', 'second'])
  })

  it('may be waited for together, though the wait for one would be a circle, in memory too', async () => {
    const { runner, clock } = testRunner()
    const told: unknown[] = []
    const parent: BackgroundTask<unknown> = runner.submit(async (ctx) => {
      const child = ctx.submit(({ sleep }) => sleep('1s').then(() => 'done'))
      const circle = ctx.submit(() => 1, { needs: [parent] })
      const outcomes = await Promise.allSettled([circle.wait(), child.wait()])
      told.push(...outcomes.map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code)))
    })
    await clock.until(parent.wait())
    expect(told).toEqual(['DEADLOCK', 'done'])
  })

  it('are cancelled with their parent, whose wait rejects', async () => {
    const rejected: unknown[] = []
    const { runner, clock, submit, recipe, quiet } = bench(async ({ n }, ctx) => {
      if (n > 0) return ctx.sleep('1h')
      const child = await ctx.submitRecipe(recipe, { n: 1 })
      return child.wait().catch((error: Error) => rejected.push(error.name))
    })
    const task = await submit()
    while (task.state !== 'running.waiting') await turn()
    await clock.until(task.cancel())
    await clock.until(task.settled())
    await quiet()
    expect([task.status, rejected]).toEqual(['cancelled', ['TaskCancelledError']])
    expect(runner.stats).toMatchObject({ cancelled: 2, busySlots: 0 })
  })
})

describe('stop and pause, where the store answers later', () => {
  it('stop ends what runs, hands it back, and starts nothing more', async () => {
    const began: number[] = []
    const { store, runner, clock, submit } = bench(
      ({ n }, { sleep }) => {
        began.push(n)
        return sleep('1h')
      },
      { maxConcurrentTasks: 2 },
    )
    const tasks = [await submit(0), await submit(1), await submit(2)]
    while (began.length < 2) await turn()
    await clock.until(runner.stop())
    await clock.advance('1d')
    expect(began).toEqual([0, 1])
    expect(tasks.map(({ state }) => state)).toEqual(['pending.queued', 'pending.queued', 'pending.queued'])
    expect(store.open).toBe(0)
    await expect(submit(3)).rejects.toMatchObject({ code: 'RUNNER_STOPPED' })
  })

  it('stop lets what runs end within its drain', async () => {
    const began = deferred()
    const { runner, clock, submit } = bench((_, { sleep }) => {
      began.resolve()
      return sleep('1s').then(() => 'done')
    })
    const task = await submit()
    await began.promise
    await clock.until(runner.stop({ drain: '5s' }))
    expect(task.result).toBe('done')
  })

  it('stop waits for a claim that is on its way, and hands its task back', async () => {
    let ran = 0
    const { store, runner, clock, submit } = bench(() => (ran += 1))
    const claim = hold(store, 'claim')
    const task = await submit()
    await claim.reached
    const stopped = runner.stop()
    await turn()
    claim.go()
    await clock.until(stopped)
    expect([task.state, ran, store.open]).toEqual(['pending.queued', 0, 0])
  })

  it('stop ends although a handler does not', async () => {
    const began = deferred()
    const { runner, clock, submit } = bench(() => {
      began.resolve()
      return never()
    })
    const task = await submit()
    await began.promise
    const { zombies } = await clock.until(runner.stop())
    expect(zombies.map(({ id }) => id)).toEqual([task.id])
  })

  it('a pause hands back what was claimed in the meantime, and resume runs it', async () => {
    let ran = 0
    const { store, runner, clock, submit, quiet } = bench(() => (ran += 1))
    const claim = hold(store, 'claim')
    const task = await submit()
    await claim.reached
    runner.pause()
    claim.go()
    await quiet()
    expect([task.state, ran]).toEqual(['pending.queued', 0])
    runner.resume()
    await clock.until(task.wait())
    expect(ran).toBe(1)
  })
})

describe('a store that fails for a moment', () => {
  it('at a submit: the submit rejects, and nothing was kept', async () => {
    const { store, runner, submit } = bench(() => 1)
    store.before = () => {
      throw new Error('no disk')
    }
    await expect(submit()).rejects.toThrow('no disk')
    expect(runner.tasks).toEqual([])
  })

  it('at a claim: it is told, and the task runs all the same', async () => {
    const { store, clock, submit, warnings } = bench(() => 'ran')
    let failures = 0
    store.before = (method) => {
      if (method === 'claim' && ++failures <= 5) throw new Error('no disk')
    }
    const task = await submit()
    expect(await clock.until(task.wait(), { limit: '10s' })).toBe('ran')
    expect(warnings).toEqual(Array(5).fill('late: a claim failed'))
  })

  it('does not keep the tasks of functions waiting, which are in memory', async () => {
    const { store, runner, clock, submit } = bench(() => 'ran')
    store.before = (method) => {
      if (method === 'claim') throw new Error('no disk')
    }
    await submit()
    const task = runner.submit(() => 'local')
    expect(await clock.until(task.wait(), { limit: '1s' })).toBe('local')
  })
})

describe('reading, where the store answers later', () => {
  it('get, list, explain and clearCompleted see what is there', async () => {
    const { runner, clock, submit } = bench(({ n }) => n)
    const task = await submit(1, { tags: ['x'] })
    await clock.until(task.wait())
    const delayed = await submit(2, { delay: '1h' })
    expect((await runner.get(task.id))?.result).toBe(1)
    expect(await runner.get('nobody')).toBeUndefined()
    expect((await runner.list({ tags: ['x'] })).tasks.map(({ id }) => id)).toEqual([task.id])
    expect((await delayed.explain()).code).toBe('DELAYED')
    expect(await runner.clearCompleted()).toBe(1)
    expect(runner.tasks.map(({ id }) => id)).toEqual([delayed.id])
  })

  it('finished tasks are forgotten in time', async () => {
    const { runner, clock, submit } = bench(({ n }) => n, { cleanupDelay: '1m' })
    await clock.until((await submit()).wait())
    await clock.advance('2m')
    while (runner.tasks.length > 0) await turn()
    expect(runner.tasks).toEqual([])
  })
})

describe('a record that ends a claim, where the store fails for a moment', () => {
  it('gives a task back in the end, and keeps nobody else waiting meanwhile', async () => {
    const { store, runner, clock, submit, quiet, warnings } = bench(() => 'ran')
    const claim = hold(store, 'claim')
    const task = await submit()
    await claim.reached
    runner.pause()
    claim.go()
    let refusals = 0
    store.before = (method) => {
      if (method === 'release' && ++refusals <= 2) throw new Error('no disk')
    }
    await quiet()
    runner.resume()
    expect(await clock.until(runner.submit(() => 'local').wait(), { limit: '1s' })).toBe('local')
    expect(task.state).toBe('running.executing')
    expect(await clock.until(task.wait(), { limit: '10s' })).toBe('ran')
    expect([refusals, warnings]).toEqual([3, []])
  })

  it('ends a task whose time was over while the store failed', async () => {
    const { store, clock, submit } = bench((_, { sleep }) => sleep('1h'))
    let refusals = 0
    store.before = (method) => {
      if (method === 'timeout' && ++refusals <= 2) throw new Error('no disk')
    }
    const task = await submit(0, { timeout: '1m' })
    await clock.until(task.settled())
    expect([task.error?.code, refusals]).toEqual(['TIMEOUT', 3])
  })

  it('is waited for by a stop, and what could not be recorded is given up', async () => {
    const { store, runner, clock, submit, quiet } = bench(() => 'ran')
    store.before = (method) => {
      if (method === 'complete') throw new Error('no disk')
    }
    const task = await submit()
    while (task.state !== 'running.executing') await turn()
    await quiet()
    const { zombies } = await clock.until(runner.stop(), { limit: '1m' })
    expect([zombies, task.state]).toEqual([[], 'pending.queued'])
  })
})
