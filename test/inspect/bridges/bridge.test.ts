import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createActor, createMachine, setup } from 'xstate'
import { BackgroundRunner, defineRecipe, FileStore, type Store } from '../../../src/index.ts'
import type { Bridge, BridgeOptions } from '../../../src/inspect/bridges/bridge.ts'
import { longestQueue, patience } from '../../../src/inspect/bridges/outbox.ts'
import { mostActors } from '../../../src/inspect/bridges/seen.ts'
import { createStatelyBridge } from '../../../src/inspect/bridges/stately.ts'
import { createXStateInspectBridge } from '../../../src/inspect/bridges/xstate-inspect.ts'
import { VirtualClock } from '../../../src/testing/virtual-clock.ts'
import { Heard } from './viewers.ts'

const open = new Set<Bridge>()
afterEach(async () => {
  for (const bridge of open) await bridge.close()
  open.clear()
})
const kinds = { stately: createStatelyBridge, 'xstate-inspect': createXStateInspectBridge }
type Kind = keyof typeof kinds

function made(kind: Kind, options?: BridgeOptions): Bridge {
  const bridge = kinds[kind](options)
  open.add(bridge)
  return bridge
}
/** Every message that a viewer gets, as text. */
async function listen(url: string): Promise<Heard<string> & { socket: WebSocket }> {
  const heard = new Heard<string>()
  const socket = new WebSocket(url)
  socket.on('message', (data) => heard.push(String(data)))
  await new Promise((resolve) => socket.once('open', resolve))
  socket.send('{"type":"xstate.inspecting"}')
  return Object.assign(heard, { socket })
}
const lamp = createMachine({ id: 'lamp', initial: 'off', states: { off: { on: { press: 'on' } }, on: {} } })
const lit = (bridge: Bridge, id: string) => createActor(lamp, { id, inspect: bridge.inspect }).start()

describe.each(Object.keys(kinds) as Kind[])('the bridge of %s', (kind) => {
  it('lets no secret out: in contexts, definitions, events, names, results, errors', async () => {
    const secret = 'hunter2-hunter2'
    const bridge = made(kind, { env: { DEPLOY_TOKEN: secret } })
    const { url } = await bridge.listen()
    const heard = await listen(url)
    const vault = setup({ types: {} as { context: object } }).createMachine({
      id: `vault ${secret}`,
      context: { pin: secret, [secret]: 1 },
      meta: { note: secret },
      description: secret,
      initial: 'shut',
      states: {
        shut: {
          tags: [secret],
          on: { open: { target: secret, actions: { type: secret, params: { secret } } as never } },
        },
        [secret]: {},
      },
    })
    const actor = createActor(vault, { id: secret, inspect: bridge.inspect }).start()
    actor.send({ type: 'open', why: secret, error: new Error(secret) } as never)
    const runner = new BackgroundRunner({ inspect: bridge.inspect })
    await runner.submit(() => secret, { name: secret, tags: [secret], metadata: { secret } }).wait()
    const fails = runner.submit(() => Promise.reject(new Error(`no ${secret}`)), { id: 'fails' })
    await fails.settled()
    await runner.stop()
    lit(bridge, 'the-end')
    await heard.until((text) => text.includes('the-end'))
    expect(heard.all.join('\n')).not.toContain(secret)
    expect(heard.all.join('\n')).toContain('***')
  })

  it('tells a late viewer of each live actor once, however many viewers there are', async () => {
    const bridge = made(kind)
    const { url } = await bridge.listen()
    const early = await listen(url)
    for (let i = 0; i < mostActors + 200; i++) lit(bridge, `lamp-${i}`)
    expect(bridge.counts()).toMatchObject({ actors: mostActors, forgotten: 200 })
    const late = await listen(url)
    const last = `"lamp-${mostActors + 199}"`
    await Promise.all([early, late].map((heard) => heard.until((text) => text.includes(last))))
    const names = late.all.flatMap((text) => /"(?:name|id)":"(lamp-\d+)"/.exec(text)?.[1] ?? [])
    expect(names).toHaveLength(mostActors)
    expect(new Set(names).size).toBe(mostActors)
  })

  it('brings an actor back that it had left out, when something happens to it', async () => {
    const bridge = made(kind)
    const { url } = await bridge.listen()
    const first = lit(bridge, 'first')
    for (let i = 0; i < mostActors; i++) lit(bridge, `lamp-${i}`)
    const late = await listen(url)
    await late.until((text) => text.includes(`"lamp-${mostActors - 1}"`))
    expect(late.all.some((text) => text.includes('"first"'))).toBe(false)
    first.send({ type: 'press' })
    await late.until((text) => text.includes('"first"'))
  })

  it('drops a viewer that never reads, and another one goes on', async () => {
    const clock = new VirtualClock()
    const bridge = made(kind, { clock })
    const { url } = await bridge.listen()
    const stuck = await listen(url)
    stuck.socket.pause()
    const reads = await listen(url)
    const big = createMachine({ id: 'big', context: { text: 'x y '.repeat(1_000) } })
    const actor = createActor(big, { id: 'big', inspect: bridge.inspect }).start()
    let sent = 0
    // what the kernel takes in for the stuck one comes on top
    for (let i = 0; bridge.counts().dropped === 0 && i < 400; i++) {
      for (let j = 0; j < 20; j++) actor.send({ type: `e${sent++}.`, with: 'z '.repeat(2_000) } as never)
      await reads.until((text) => text.includes(`e${sent - 1}.`))
      await clock.advance(patience)
    }
    expect(bridge.counts()).toMatchObject({ dropped: 1 })
    expect(sent * 4_000).toBeGreaterThan(longestQueue)
    actor.send({ type: 'after' } as never)
    await reads.until((text) => text.includes('after'))
  })

  it('survives viewers that talk nonsense', async () => {
    const bridge = made(kind, { allowInjection: true })
    const { url } = await bridge.listen()
    const heard = await listen(url)
    for (const text of ['', '{', 'null', '[]', '1', '"x"', '{"type":1}', '{"type":"xstate.event","event":7}'])
      heard.socket.send(text)
    heard.socket.send(Buffer.from([0, 255]))
    heard.socket.send('{"type":"@xstate.event","sessionId":{"toString":1},"event":null}')
    heard.socket.send(JSON.stringify({ type: 'xstate.event', event: `{"origin":${'['.repeat(5_000)}` }))
    lit(bridge, 'hall')
    await heard.until((text) => text.includes('"hall"'))
    expect(bridge.counts().injected).toBe(0)
  })

  it('makes no message while nobody looks', async () => {
    const seen: unknown[] = []
    const bridge = made(kind, { sanitizeEvent: (event) => seen.push(event) })
    const actor = lit(bridge, 'hall')
    actor.send({ type: 'press' })
    expect(seen).toEqual([])
    const { url } = await bridge.listen()
    const heard = await listen(url)
    await heard.until((text) => text.includes('hall'))
  })

  it('follows happenings, also those of other processes', async () => {
    const bridge = made(kind)
    const { url } = await bridge.listen()
    const heard = await listen(url)
    const event = { type: 'start', run: 1, claim: 'c', worker: 'w', at: 2 } as never
    bridge.happened({
      kind: 'task',
      n: 1,
      at: 2,
      task: 'far',
      event,
      from: 'pending.queued',
      to: 'running.executing',
      version: 2,
    })
    const told = await heard.until((text) => text.includes('task:far') && text.includes('executing'))
    expect(told).toContain('executing')
    expect(() => bridge.happened(undefined as never)).not.toThrow()
    expect(() => bridge.inspect(undefined as never)).not.toThrow()
  })

  it('follows a store to which somebody else writes, until it is told to stop', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'offstage-bridge-'))
    const bridge = made(kind)
    const { url } = await bridge.listen()
    const heard = await listen(url)
    const work = defineRecipe({ name: 'work', run: () => 'done' })
    const runner = new BackgroundRunner({ store: new FileStore({ dir }), recipes: [work] })
    const store = new FileStore({ dir })
    const end = await bridge.follow(store)
    await (await runner.submitRecipe(work, undefined, { id: 'far' })).wait()
    await heard.until((text) => text.includes('task:far') && text.includes('completed'))
    end()
    await (await runner.submitRecipe(work, undefined, { id: 'further' })).wait()
    lit(bridge, 'hall')
    await heard.until((text) => text.includes('hall'))
    expect(heard.all.some((text) => text.includes('task:further'))).toBe(false)
    await runner.stop()
    await store.close()
    rmSync(dir, { recursive: true })
  })

  it('says so when a store cannot be followed', async () => {
    const broken = { list: () => Promise.reject(new Error('no such disk')) } as unknown as Store
    await expect(made(kind).follow(broken)).rejects.toThrow('no such disk')
  })

  it('keeps no process alive by what it remembers, and ends what it opened', async () => {
    const bridge = made(kind)
    const { port } = await bridge.listen()
    await bridge.close()
    const refused = await new Promise((resolve) => connect(port, '127.0.0.1').once('error', resolve))
    expect((refused as { code?: string }).code).toBe('ECONNREFUSED')
    expect(() => lit(bridge, 'later')).not.toThrow()
  })
})
