import type { StatelyInspectionEvent } from '@statelyai/inspect'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createActor, createMachine, fromPromise, setup } from 'xstate'
import { BackgroundRunner } from '../../../src/index.ts'
import type { Bridge, BridgeOptions } from '../../../src/inspect/bridges/bridge.ts'
import { createStatelyBridge } from '../../../src/inspect/bridges/stately.ts'
import { gate, Heard, statelyViewer } from './viewers.ts'

let open: Bridge | undefined
afterEach(() => open?.close())

async function begin(options?: BridgeOptions) {
  const bridge = createStatelyBridge(options)
  open = bridge
  const beacon = createActor(createMachine({ id: 'beacon' }), { inspect: bridge.inspect, id: 'beacon' }).start()
  const { url } = await bridge.listen()
  const heard = statelyViewer(url)
  await actorOf(heard, 'beacon')
  return { bridge, heard, url, beacon }
}

type Told<T extends StatelyInspectionEvent['type']> = Extract<StatelyInspectionEvent, { type: T }>
const actorOf = (heard: Heard<StatelyInspectionEvent>, name: string): Promise<Told<'@xstate.actor'>> =>
  heard.until((told): told is Told<'@xstate.actor'> => told.type === '@xstate.actor' && told.name === name)
const valuesOf = (heard: Heard<StatelyInspectionEvent>, session: string): unknown[] =>
  heard.all.flatMap((told) =>
    told.type === '@xstate.snapshot' && told.sessionId === session
      ? [(told.snapshot as unknown as { value: unknown }).value]
      : [],
  )
/** What the package looks at before it takes a message for one of its own. */
const isStatelyInspectionEvent = (told: unknown): boolean => {
  const { type, _version } = told as { type?: unknown; _version?: unknown }
  return typeof type === 'string' && typeof _version === 'string'
}
/** Every byte that a viewer gets. */
async function listen(url: string): Promise<Heard<string>> {
  const heard = new Heard<string>()
  const socket = new WebSocket(url)
  socket.on('message', (data) => heard.push(String(data)))
  await new Promise((resolve) => socket.once('open', resolve))
  return heard
}

describe('the receiver of @statelyai/inspect', () => {
  it('sees runner and task: who they are, what they hear, what they are', async () => {
    const { bridge, heard } = await begin()
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    await runner.submit(() => 'done', { id: 'research' }).wait()
    const task = await actorOf(heard, 'research')
    const { sessionId } = task
    await heard.until((told) => told.type === '@xstate.snapshot' && valuesOf(heard, sessionId).includes('completed'))
    expect(valuesOf(heard, sessionId)).toEqual(
      expect.arrayContaining([{ pending: 'queued' }, { running: 'executing' }, 'completed']),
    )
    const events = heard.all.filter((told) => told.type === '@xstate.event' && told.sessionId === sessionId)
    expect(events.map((told) => (told as Told<'@xstate.event'>).event.type)).toEqual(
      expect.arrayContaining(['start', 'complete']),
    )
    const parent = heard.all.find((told) => told.type === '@xstate.actor' && told.sessionId === task.parentId)
    expect(parent).toMatchObject({ name: expect.stringMatching(/^runner-/), rootId: task.rootId })
    expect(heard.all.every(isStatelyInspectionEvent)).toBe(true)
    await runner.stop()
  })

  it('gets a definition that XState makes the same chart of', async () => {
    const { bridge, heard } = await begin()
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    await runner.submit(() => 'done', { id: 'research' }).wait()
    const { definition = '' } = await actorOf(heard, 'research')
    const machine = createMachine(JSON.parse(definition))
    expect(machine.id).toBe('task')
    expect(machine.getStateNodeById('task.running.stopping.cancel').type).toBe('atomic')
    await runner.stop()
  })

  it('is told of all that lives when it comes late, and of nothing that has ended', async () => {
    const { bridge, url } = await begin()
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    await runner.submit(() => 'done', { id: 'over' }).wait()
    const held = gate()
    const task = runner.submit(() => held.opened, { id: 'live' })
    const late = statelyViewer(url)
    const { snapshot } = await actorOf(late, 'live/attempt-1').then(() => actorOf(late, 'live'))
    expect(snapshot).toMatchObject({ status: 'active', value: { running: 'executing' } })
    expect(late.all.some((told) => told.type === '@xstate.actor' && told.name === 'over')).toBe(false)
    held.open()
    await task.wait()
    await runner.stop()
  })

  it('sees an actor without a chart, and its output', async () => {
    const { bridge, heard } = await begin()
    createActor(
      fromPromise(async () => 42),
      { id: 'call', inspect: bridge.inspect },
    ).start()
    const { sessionId, definition } = await actorOf(heard, 'call')
    expect(definition).toBe('{"id":"call"}')
    const done = await heard.until(
      (told) => told.type === '@xstate.snapshot' && told.sessionId === sessionId && told.snapshot.status === 'done',
    )
    expect(done).toMatchObject({ snapshot: { output: 42 } })
  })
})

describe('a secret', () => {
  const secret = 'hunter2-hunter2'
  const machine = (context: object) =>
    setup({ types: {} as { context: object } }).createMachine({
      id: 'vault',
      context,
      meta: { note: `kept with ${secret}` },
      initial: 'shut',
      states: { shut: { on: { open: 'ajar' } }, ajar: {} },
    })

  it('that a variable of the environment holds is in no byte that goes out', async () => {
    const bridge = createStatelyBridge({ env: { VAULT_TOKEN: secret } })
    open = bridge
    const { url } = await bridge.listen()
    const bytes = await listen(url)
    const inspect = bridge.inspect
    const actor = createActor(machine({ a: secret, [secret]: 1, deep: [{ b: `x${secret}y` }] }), {
      inspect,
      id: 'vault',
    })
    actor.start().send({ type: 'open', why: secret, error: new Error(`no ${secret}`) } as never)
    const runner = new BackgroundRunner({ inspect })
    await runner.submit(() => secret, { id: 'told', name: secret }).wait()
    await runner.stop()
    await bytes.until((text) => text.includes('"told"') && text.includes('completed'))
    expect(bytes.all.join('\n')).not.toContain(secret)
    expect(bytes.all.join('\n')).toContain('vault')
  })

  it('that sanitizeContext takes out is not in the definition either', async () => {
    const { bridge, url } = await begin({ sanitizeContext: () => ({ shown: true }), env: {} })
    const bytes = await listen(url)
    createActor(machine({ pin: 'swordfish' }), { inspect: bridge.inspect, id: 'vault' }).start()
    const told = await bytes.until((text) => text.includes('"name":"vault"'))
    expect(JSON.parse(JSON.parse(told).definition)).toMatchObject({ id: 'vault', context: { shown: true } })
    expect(bytes.all.join('\n')).not.toContain('swordfish')
  })

  it('that sanitizeEvent takes out is in no event and in no snapshot', async () => {
    const { bridge, url } = await begin({ sanitizeEvent: ({ type }) => ({ type }) })
    const bytes = await listen(url)
    const actor = createActor(machine({}), { inspect: bridge.inspect, id: 'vault' }).start()
    actor.send({ type: 'open', with: 'swordfish' } as never)
    await bytes.until((text) => text.includes('"ajar"'))
    expect(bytes.all.join('\n')).not.toContain('swordfish')
  })

  it('that was in a result is not in the output either, unless that is asked for', async () => {
    for (const [sanitizeOutput, shown] of [
      [undefined, undefined],
      [() => 'seen', 'seen'],
    ] as const) {
      const { bridge, url } = await begin({ sanitizeContext: () => ({}), ...(sanitizeOutput && { sanitizeOutput }) })
      const bytes = await listen(url)
      const runner = new BackgroundRunner({ inspect: bridge.inspect })
      await runner.submit(() => 'swordfish', { id: 'told' }).wait()
      const end = await bytes.until((text) => text.includes('"status":"done","value":"completed"'))
      expect(JSON.parse(end).snapshot.output).toBe(shown)
      expect(JSON.parse(end).snapshot.context).toEqual({})
      await runner.stop()
      await bridge.close()
    }
  })

  it('stays inside when a sanitiser throws', async () => {
    const sanitizeContext = (): never => {
      throw new Error('no')
    }
    const { bridge, url } = await begin({ sanitizeContext })
    const bytes = await listen(url)
    createActor(machine({ pin: 'swordfish' }), { inspect: bridge.inspect, id: 'vault' }).start()
    const told = await bytes.until((text) => text.includes('"name":"vault"'))
    expect(JSON.parse(told).snapshot.context).toBe('[sanitizeContext threw]')
    expect(bytes.all.join('\n')).not.toContain('swordfish')
  })
})

describe('an event of a viewer', () => {
  const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } })
  async function press(allowInjection: boolean) {
    const { bridge, url } = await begin({ allowInjection })
    const lit = createActor(lamp, { inspect: bridge.inspect }).start()
    const socket = new WebSocket(url)
    await new Promise((resolve) => socket.once('open', resolve))
    socket.send(JSON.stringify({ type: '@xstate.event', sessionId: lit.sessionId, event: { type: 'press' } }))
    socket.close()
    await new Promise((resolve) => socket.once('close', resolve))
    return { value: lit.getSnapshot().value, ...bridge.counts() }
  }

  it('is ignored and counted unless it is allowed', async () => {
    expect(await press(false)).toMatchObject({ value: 'off', injected: 0, ignored: 1 })
  })

  it("reaches a user's own actor where it is allowed", async () => {
    expect(await press(true)).toMatchObject({ value: 'on', injected: 1, ignored: 0 })
  })
})

it('refuses options that nobody reads', () => {
  expect(() => createStatelyBridge({ allowInjections: true } as never)).toThrow(/has no option "allowInjections"/)
  expect(() => createStatelyBridge({ token: 'short' })).toThrow(/token must be 22 to 128/)
  expect(() => createStatelyBridge({ origins: ['localhost:3000'] })).toThrow(/origins must be/)
})
