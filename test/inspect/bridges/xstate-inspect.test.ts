import { afterEach, describe, expect, it } from 'vitest'
import { createActor, createMachine, fromPromise } from 'xstate'
import { BackgroundRunner } from '../../../src/index.ts'
import type { Bridge, BridgeOptions } from '../../../src/inspect/bridges/bridge.ts'
import { createXStateInspectBridge } from '../../../src/inspect/bridges/xstate-inspect.ts'
import { gate, type Heard, type Told4, xstate4Viewer } from './viewers.ts'

type Registered = Extract<Told4, { type: 'service.register' }>
let open: Bridge | undefined
afterEach(() => open?.close())

const lamp = createMachine({
  id: 'lamp',
  initial: 'off',
  states: { off: { on: { press: 'on' } }, on: { on: { press: 'off' } } },
})

/** A bridge with one lamp of the user's, and a viewer that has been told of it. */
async function begin(options?: BridgeOptions) {
  const bridge = createXStateInspectBridge(options)
  open = bridge
  const lit = createActor(lamp, { inspect: bridge.inspect, id: 'hall' }).start()
  const { url } = await bridge.listen()
  const viewer = xstate4Viewer(url)
  const { sessionId } = await registered(viewer.heard, 'hall')
  return { bridge, ...viewer, lit, session: sessionId }
}

const registered = (heard: Heard<Told4>, id: string): Promise<Registered> =>
  heard.until((told): told is Registered => told.type === 'service.register' && told.id === id)
const stopped = (heard: Heard<Told4>, session: string) =>
  heard.until((told) => told.type === 'service.stop' && told.sessionId === session)
/** The deepest names of the states that a viewer saw, without repetitions. */
const statesOf = (heard: Heard<Told4>, session: string): unknown[] => {
  const all = heard.all.flatMap((told) =>
    told.sessionId === session && 'state' in told ? [told.state.toStrings().at(-1)] : [],
  )
  return all.filter((state, i) => state !== all[i - 1])
}
const eventsOf = (heard: Heard<Told4>, session: string): string[] =>
  heard.all.flatMap((told) => (told.type === 'service.event' && told.sessionId === session ? [told.event.name] : []))

describe('the receiver of @xstate/inspect', () => {
  it('follows a task through its states to its end', async () => {
    const { bridge, heard } = await begin()
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    await runner.submit(({ progress }) => progress(0.5), { id: 'research' }).wait()
    const { machine, sessionId, parent } = await registered(heard, 'research')
    await stopped(heard, sessionId)
    expect(statesOf(heard, sessionId)).toEqual(['new', 'pending.queued', 'running.executing', 'completed'])
    expect(eventsOf(heard, sessionId)).toEqual(expect.arrayContaining(['start', 'progress', 'complete']))
    expect(machine.id).toBe('task')
    expect(machine.stateIds).toContain('task.running.stopping.cancel')
    const family = heard.all.filter((told): told is Registered => told.type === 'service.register')
    expect(family.find((each) => each.sessionId === parent)?.machine.id).toBe('runner')
    await runner.stop()
  })

  it('sees a cancelled task stop and end as such', async () => {
    const { bridge, heard } = await begin()
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    const task = runner.submit(({ sleep }) => sleep('1h'), { id: 'long' })
    const { sessionId } = await registered(heard, 'long')
    await heard.until((told) => told.sessionId === sessionId && eventsOf(heard, sessionId).includes('start'))
    await task.cancel('enough')
    await stopped(heard, sessionId)
    expect(statesOf(heard, sessionId)).toEqual([
      'new',
      'pending.queued',
      'running.executing',
      'running.stopping.cancel',
      'cancelled',
    ])
    await runner.stop()
  })

  it('is told nothing until it asks, and then the present state of all that lives', async () => {
    const { bridge, lit, receiver, heard, session } = await begin()
    lit.send({ type: 'press' })
    await heard.until(() => statesOf(heard, session).includes('on'))
    const before = heard.all.length
    receiver.send({ type: 'xstate.inspecting' })
    const again = await heard.until((told) => heard.all.indexOf(told) >= before)
    expect(again).toMatchObject({ type: 'service.register', state: { value: 'on' }, sessionId: session })
    expect(bridge.counts()).toMatchObject({ clients: 1, actors: 1 })
  })

  it('draws an actor without a chart by its status', async () => {
    const { bridge, heard } = await begin()
    const held = gate()
    createActor(
      fromPromise(() => held.opened),
      { id: 'call', inspect: bridge.inspect },
    ).start()
    const { machine, state, sessionId } = await registered(heard, 'call')
    expect([machine.id, state.value]).toEqual(['call', 'active'])
    held.open()
    await stopped(heard, sessionId)
    expect(statesOf(heard, sessionId)).toEqual(['active', 'done'])
  })
})

describe('an event of a viewer', () => {
  const press = (session: string, event: object = { type: 'press' }) => ({
    type: 'xstate.event',
    event: JSON.stringify({ $$type: 'scxml', type: 'external', name: 'press', data: event, origin: session }),
  })
  /** What the bridge has made of it, once an answer to a later message has come. */
  const say = async ({ receiver, heard }: Awaited<ReturnType<typeof begin>>, message: object) => {
    const before = heard.all.length
    receiver.send(message)
    receiver.send({ type: 'xstate.inspecting' })
    await heard.until((told) => heard.all.indexOf(told) >= before)
  }

  it('is ignored and counted unless it is allowed', async () => {
    const bench = await begin()
    await say(bench, press(bench.session))
    expect(bench.lit.getSnapshot().value).toBe('off')
    expect(bench.bridge.counts()).toMatchObject({ injected: 0, ignored: 1 })
  })

  it("reaches a user's own actor where it is allowed", async () => {
    const bench = await begin({ allowInjection: true })
    await say(bench, press(bench.session))
    expect(bench.lit.getSnapshot().value).toBe('on')
    expect(bench.bridge.counts()).toMatchObject({ injected: 1, ignored: 0 })
  })

  it('never reaches a runner, a task or an attempt', async () => {
    const bench = await begin({ allowInjection: true })
    const { bridge, heard } = bench
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    const task = runner.submit(({ sleep }) => sleep('1h'), { id: 'long' })
    const { sessionId, parent } = await registered(heard, 'long')
    const attempt = await registered(heard, 'long/attempt-1')
    await say(bench, press(sessionId, { type: 'cancel', at: 1 }))
    await say(bench, press(parent ?? '', { type: 'stop' }))
    await say(bench, press(attempt.sessionId, { type: 'settled', ok: true }))
    expect(bridge.counts()).toMatchObject({ injected: 0, ignored: 3 })
    expect(task.status).toBe('running')
    await task.cancel()
    await runner.stop()
  })

  it.each([
    ['an event of XState itself', { type: 'xstate.stop' }],
    ['an event of a task that is an actor', { type: 'offstage.completed' }],
    ['an event without a type', { name: 'press' }],
  ])('is refused when it is %s', async (_what, event) => {
    const bench = await begin({ allowInjection: true })
    await say(bench, press(bench.session, event))
    expect(bench.bridge.counts()).toMatchObject({ injected: 0, ignored: 1 })
    expect(bench.lit.getSnapshot().status).toBe('active')
  })

  it('that is no JSON changes nothing', async () => {
    const bench = await begin({ allowInjection: true })
    await say(bench, { type: 'xstate.event', event: '{' })
    expect(bench.bridge.counts()).toMatchObject({ injected: 0, ignored: 1 })
  })
})
