import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from 'vitest'
import { type AnyActorRef, type InspectionEvent, toPromise, waitFor } from 'xstate'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'

type Of<T extends InspectionEvent['type']> = Extract<InspectionEvent, { type: T }>

/** What an inspector heard. */
class Recorder {
  readonly heard: InspectionEvent[] = []
  readonly inspect = (event: InspectionEvent): void => void this.heard.push(event)

  of<T extends InspectionEvent['type']>(type: T, id?: string): Of<T>[] {
    const found = this.heard.filter((event): event is Of<T> => event.type === type)
    return id === undefined ? found : found.filter(({ actorRef }) => (actorRef as AnyActorRef).id === id)
  }

  /** Every actor as `id of its parent > its own id`. */
  get actors(): string[] {
    return this.of('@xstate.actor').map(({ actorRef }) => {
      const { id, _parent } = actorRef as AnyActorRef
      return _parent === undefined ? id : `${_parent.id} > ${id}`
    })
  }

  events(id: string): string[] {
    return this.of('@xstate.event', id).map(({ event }) => event.type)
  }

  snapshots(id: string): { status: string; value: unknown; output: unknown }[] {
    return this.of('@xstate.snapshot', id).map(({ snapshot }) => {
      const { status, value, output } = snapshot as unknown as { status: string; value: unknown; output: unknown }
      return { status, value, output }
    })
  }
}

let complaints: MockInstance[]
beforeEach(() => {
  complaints = (['warn', 'error'] as const).map((level) => vi.spyOn(console, level))
})
afterEach(() => {
  for (const spy of complaints) expect(spy).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

describe('an inspected runner', () => {
  it('shows itself, below it each task, below that each call of the handler', async () => {
    const recorder = new Recorder()
    const runner = new BackgroundRunner({ inspect: recorder.inspect, schedules: false })
    await runner.submit(() => 1, { id: 'one' }).wait()
    const root = runner.actor.id
    expect(recorder.actors).toEqual([root, `${root} > one`, 'one > one/attempt-1'])
    await runner.stop()
  })

  it('makes exactly one task actor for each task', async () => {
    const recorder = new Recorder()
    const runner = new BackgroundRunner({ inspect: recorder.inspect, schedules: false })
    const ids = Array.from({ length: 200 }, (_, i) => `task-${i}`)
    const tasks = ids.map((id) => runner.submit(async () => id, { id }))
    const root = runner.actor.id
    const ofTasks = (): string[] => recorder.actors.filter((actor) => actor.startsWith(root) && actor !== root)
    expect(ofTasks()).toEqual(ids.map((id) => `${root} > ${id}`))
    await runner.waitAll()
    for (const task of tasks) expect(task.actor.getSnapshot().status).toBe('done')
    expect(ofTasks()).toHaveLength(200)
    expect(recorder.actors).toHaveLength(401)
    await runner.stop()
  })

  it('tells a task from its submit to its end, event by event', async () => {
    const recorder = new Recorder()
    const runner = new BackgroundRunner({ inspect: recorder.inspect, schedules: false })
    const work = async ({ progress }: { progress: (fraction: number) => void }): Promise<string> => {
      await null
      progress(0.5)
      return 'done'
    }
    const task = runner.submit(work, { id: 'one' })
    expect(recorder.events('one')).toEqual(['xstate.init', 'submit'])
    await task.wait()
    const attemptDone = 'xstate.done.actor.one/attempt-1'
    expect(recorder.events('one')).toEqual(['xstate.init', 'submit', 'start', 'progress', attemptDone, 'complete'])
    expect(recorder.snapshots('one').map(({ value }) => value)).toEqual([
      'new',
      { pending: 'queued' },
      { running: 'executing' },
      { running: 'executing' },
      { running: 'executing' },
      'completed',
    ])
    expect(recorder.snapshots('one').at(-1)).toMatchObject({
      status: 'done',
      output: { status: 'completed', result: 'done' },
    })
    expect(recorder.snapshots('one/attempt-1').at(-1)).toMatchObject({ status: 'done', output: { ok: true } })
    await runner.stop()
  })

  it('ends the actor of a failed and of a cancelled task as done, with an output that says how', async () => {
    const recorder = new Recorder()
    const runner = new BackgroundRunner({ inspect: recorder.inspect, schedules: false })
    const failed = runner.submit(() => Promise.reject(new Error('broken')), { id: 'failing' })
    const cancelled = runner.submit(() => 1, { id: 'cancelled', delay: '1h' })
    await failed.settled()
    await cancelled.cancel('not needed')
    const error = { code: 'ERROR', message: 'broken' }
    expect(recorder.snapshots('failing').at(-1)).toMatchObject({ status: 'done', output: { status: 'failed', error } })
    expect(recorder.snapshots('failing/attempt-1').at(-1)).toMatchObject({ status: 'done', output: { ok: false } })
    expect(recorder.snapshots('cancelled').at(-1)).toMatchObject({
      status: 'done',
      output: { status: 'cancelled', reason: 'not needed' },
    })
    await runner.stop()
  })

  it('shows retries as several attempts of one task', async () => {
    const recorder = new Recorder()
    const { runner, clock } = testRunner({ inspect: recorder.inspect, schedules: false })
    const work = ({ attempt }: { attempt: number }): string => {
      if (attempt < 3) throw new Error('not yet')
      return 'at last'
    }
    const task = runner.submit(work, { id: 'one', retry: { attempts: 3, minDelay: '1s' } })
    await clock.until(task.wait())
    const root = runner.actor.id
    expect(recorder.actors).toEqual([
      root,
      `${root} > one`,
      'one > one/attempt-1',
      'one > one/attempt-2',
      'one > one/attempt-3',
    ])
    const values = recorder.snapshots('one').map(({ value }) => value)
    expect(values.filter((value) => (value as { pending?: string }).pending === 'delayed')).toHaveLength(2)
    await runner.stop()
  })

  it('shows a handler that outlives its task until it ends', async () => {
    const recorder = new Recorder()
    const { runner, clock } = testRunner({
      inspect: recorder.inspect,
      schedules: false,
      gracePeriod: '1s',
      logger: silent,
    })
    let free = (): void => {}
    const task = runner.submit(() => new Promise<void>((resolve) => (free = resolve)), { id: 'one' })
    await clock.advance(0)
    await task.cancel()
    await clock.advance('1s')
    expect(recorder.snapshots('one').at(-1)).toMatchObject({ status: 'done', output: { status: 'cancelled' } })
    expect(recorder.snapshots('one/attempt-1').at(-1)).toMatchObject({ status: 'active', value: 'stopping' })
    free()
    await clock.until(runner.onIdle())
    expect(recorder.snapshots('one/attempt-1').at(-1)).toMatchObject({ status: 'stopped', value: 'settled' })
    expect(recorder.events('one').at(-1)).toBe('abandon')
    await runner.stop()
  })

  it('leaves nothing running when it stops, and tells nothing afterwards', async () => {
    const recorder = new Recorder()
    const { runner, clock } = testRunner({
      inspect: recorder.inspect,
      schedules: false,
      gracePeriod: '1s',
      logger: silent,
    })
    let free = (): void => {}
    runner.submit(() => new Promise<void>((resolve) => (free = resolve)), { id: 'stubborn' })
    runner.submit(() => 1, { id: 'waiting', delay: '1h' })
    await clock.advance(0)
    await clock.until(runner.stop())
    const last = new Map(recorder.of('@xstate.snapshot').map(({ actorRef, snapshot }) => [actorRef, snapshot.status]))
    expect([...last.values()].filter((status) => status === 'active')).toEqual([])
    const { length } = recorder.heard
    free()
    await clock.advance('1h')
    expect(recorder.heard).toHaveLength(length)
  })

  it('hands out no function, argument or other thing of the process', async () => {
    const recorder = new Recorder()
    const runner = new BackgroundRunner({ inspect: recorder.inspect, schedules: false })
    const secret = { key: 'hunter2' }
    const work = (_given: object, _context: unknown): string => 'done'
    await runner.submit(work, { id: 'one', args: [secret] }).wait()
    const found = reachable(recorder.heard)
    expect(found.size).toBeGreaterThan(100)
    expect([found.has(secret), found.has(work)]).toEqual([false, false])
    const sent = recorder.of('@xstate.event', 'one').map(({ event }) => event)
    expect(JSON.parse(JSON.stringify(sent))).toEqual(sent.map((event) => ({ ...event })))
    await runner.stop()
  })
})

describe('an inspector that throws', () => {
  it.each([
    ['a function', () => thrower],
    ['an observer', () => ({ next: thrower })],
  ])('as %s harms no task, and is told of once', async (_, make) => {
    const warn = vi.fn()
    const runner = new BackgroundRunner({ inspect: make(), logger: { ...silent, warn } })
    const tasks = [1, 2, 3].map((n) => runner.submit(async () => n))
    expect(await Promise.all(tasks.map((task) => task.wait()))).toEqual([1, 2, 3])
    expect(runner.stats).toMatchObject({ pending: 0, running: 0, completed: 3, busySlots: 0 })
    expect(warn.mock.calls).toEqual([[{ err: expect.any(RangeError) }, 'the inspector threw']])
    await runner.stop()
  })
})

describe.each([
  ['nobody inspects', undefined],
  ['somebody inspects', () => {}],
])('task.actor, while %s', (_, inspect) => {
  const options = inspect === undefined ? {} : { inspect }

  it('of a pending task follows it to its end', async () => {
    const runner = new BackgroundRunner(options)
    const { actor } = runner.submit(async () => 'done', { id: 'one' })
    const seen: string[] = []
    actor.subscribe((snapshot) => seen.push(snapshot.state))
    expect([actor.id, actor.getSnapshot().state]).toEqual(['one', 'pending.queued'])
    expect(await toPromise(actor)).toEqual({ status: 'completed', result: 'done' })
    expect([seen[0], seen.at(-1)]).toEqual(['running.executing', 'completed'])
    await runner.stop()
  })

  it('of a running task is always the same one, and can be waited for', async () => {
    const { runner, clock } = testRunner(options)
    const task = runner.submit(({ sleep }) => sleep('1s'))
    const running = await waitFor(task.actor, (snapshot) => snapshot.matches('running'))
    expect([running.state, task.status]).toEqual(['running.executing', 'running'])
    expect(task.actor).toBe(task.actor)
    const ended = waitFor(task.actor, (snapshot) => snapshot.matches('completed'))
    expect((await clock.until(ended)).status).toBe('done')
    await runner.stop()
  })

  it('of a settled task is done and knows the outcome', async () => {
    const runner = new BackgroundRunner(options)
    const task = runner.submit(() => Promise.reject(new Error('broken')))
    await task.settled()
    expect(task.actor.getSnapshot()).toMatchObject({ status: 'done', state: 'failed' })
    expect(await toPromise(task.actor)).toMatchObject({ status: 'failed', error: { message: 'broken' } })
    expect((await waitFor(task.actor, (snapshot) => snapshot.matches('failed'))).state).toBe('failed')
    await runner.stop()
  })

  it('of a task that its runner leaves to others stops, so that nobody waits for ever', async () => {
    const { runner, clock } = testRunner({ ...options, store: new MemoryStore(), recipes: [later] })
    const task = await runner.submitRecipe(later, undefined, { delay: '1h' })
    const ended = toPromise(task.actor)
    await clock.until(runner.stop())
    expect(await ended).toBeUndefined()
    expect([task.status, task.actor.getSnapshot().status]).toEqual(['pending', 'stopped'])
  })
})

const later = defineRecipe({ name: 'later', run: async () => 'done' })
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function thrower(): never {
  throw new RangeError('no inspection today')
}

/** Everything that can be read off some values: own properties, hidden ones too, and what maps and sets hold. */
function reachable(from: unknown): Set<unknown> {
  const seen = new Set<unknown>()
  const open = [from]
  while (open.length > 0) {
    const value = open.pop()
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null || seen.has(value)) continue
    seen.add(value)
    if (value === globalThis || value === process) continue
    if (value instanceof Map || value instanceof Set) open.push(...[...value].flat())
    for (const { value: held } of Object.values(Object.getOwnPropertyDescriptors(value))) open.push(held)
  }
  return seen
}
