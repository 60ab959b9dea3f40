import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it, onTestFinished } from 'vitest'
import { assign, createActor, fromPromise, fromTransition, setup } from 'xstate'
import { BackgroundRunner } from '../../src/index.ts'
import { ActorBook, mostActors, mostHappenings, mostRows } from '../../src/inspect/actors.ts'
import type { ActorsView } from '../../src/inspect/protocol.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'

const light = setup({
  types: {
    context: {} as { flips: number; by: unknown },
    events: {} as { type: 'flip'; by?: unknown } | { type: 'end' },
  },
}).createMachine({
  id: 'light',
  initial: 'off',
  context: { flips: 0, by: undefined },
  states: {
    off: {
      on: {
        flip: { target: 'on', actions: assign(({ context, event }) => ({ flips: context.flips + 1, by: event.by })) },
      },
    },
    on: { on: { flip: 'off', end: 'over' } },
    over: { type: 'final' },
  },
})

function made() {
  let changes = 0
  const clock = new VirtualClock({ now: 1_000 })
  const book = new ActorBook({
    clock,
    redact: (text) => text.replaceAll('hunter22', '***'),
    changed: () => {
      changes += 1
    },
  })
  const view = (actor?: string): ActorsView => book.view({ view: 'actors', ...(actor !== undefined && { actor }) })
  return { book, view, clock, changes: () => changes }
}

const circle: unknown[] = []
circle.push(circle)

describe('a book of actors', () => {
  it('tells what each is in, what it heard, and what it holds', () => {
    const { book, view, clock, changes } = made()
    const actor = createActor(light, { inspect: book.inspect, id: 'lamp' }).start()
    clock.advanceTo(1_000)
    actor.send({ type: 'flip', by: 'me' })
    const [row] = view().actors
    expect(row).toMatchObject({ session: actor.sessionId, id: 'lamp', status: 'active', value: 'on', last: 'flip' })
    expect(book.machine(row?.chart ?? '')).toBe(light)
    const { context, happenings } = view(actor.sessionId)
    expect(context).toEqual({ flips: 1, by: 'me' })
    expect(happenings.map(({ what, event, value }) => [what, (event as { type: string })?.type, value])).toEqual([
      ['actor', undefined, undefined],
      ['event', 'xstate.init', undefined],
      ['snapshot', undefined, 'off'],
      ['event', 'flip', undefined],
      ['snapshot', undefined, 'on'],
    ])
    expect(happenings.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5])
    expect(happenings.at(-2)).toMatchObject({ event: { type: 'flip', by: 'me' }, at: 1_000, kind: 'actor' })
    expect(changes()).toBeGreaterThan(4)
  })

  it('remembers how an actor ended', () => {
    const { book, view } = made()
    const ended = createActor(light, { inspect: book.inspect }).start()
    ended.send({ type: 'flip' })
    ended.send({ type: 'end' })
    const stopped = createActor(light, { inspect: book.inspect }).start()
    stopped.stop()
    expect(view().actors.map(({ status, value }) => [status, value])).toEqual([
      ['done', 'over'],
      ['stopped', 'off'],
    ])
    expect(view(ended.sessionId)).toMatchObject({ context: { flips: 1 } })
    expect(view(ended.sessionId).happenings.at(-1)).toMatchObject({ what: 'stopped', status: 'done' })
  })

  it('does not take one for alive that ended before it was seen', () => {
    const { book, view } = made()
    const actorRef = createActor(light).start()
    actorRef.stop()
    book.inspect({ type: '@xstate.event', actorRef, event: { type: 'flip' }, rootId: 'x', sourceRef: undefined })
    expect(view().total).toBe(0)
  })

  it('tells who made whom, machines or not', async () => {
    const { book, view } = made()
    const parent = setup({ actors: { child: fromPromise(async () => 1) } }).createMachine({
      initial: 'waiting',
      states: { waiting: { invoke: { src: 'child', id: 'kid', onDone: 'done' } }, done: {} },
    })
    const actor = createActor(parent, { inspect: book.inspect }).start()
    await new Promise<void>((resolve) => {
      actor.subscribe(({ value }) => value === 'done' && resolve())
    })
    const [root, child] = view().actors
    expect(child).toMatchObject({ id: 'kid', parent: root?.session, status: 'done' })
    expect(child).not.toHaveProperty('chart')
    expect(view(root?.session).happenings).toContainEqual(
      expect.objectContaining({ what: 'event', source: child?.session, event: expect.objectContaining({ output: 1 }) }),
    )
  })

  it('shows a runner and its tasks as well', async () => {
    const { book, view } = made()
    const runner = new BackgroundRunner({ inspect: book.inspect })
    onTestFinished(() => runner.stop().then(() => {}))
    await runner.submit(() => 'done').wait()
    const { actors } = view()
    const task = actors.find(({ value }) => value === 'completed')
    expect(task).toMatchObject({ status: 'done', parent: actors[0]?.session })
  })

  it('hides secrets, in names and in values', () => {
    const { book, view } = made()
    const actor = createActor(light, { inspect: book.inspect, id: 'hunter22' }).start()
    actor.send({ type: 'flip', by: { text: 'hunter22' } })
    expect(JSON.stringify([view(), view(actor.sessionId)])).not.toContain('hunter22')
    expect(JSON.stringify(view(actor.sessionId))).toContain('***')
  })

  it.each([
    ['long', 'x'.repeat(1_000_000)],
    ['large', Array.from({ length: 100_000 }, (_, i) => i)],
    ['binary', new Uint8Array(1_000_000)],
    ['no JSON', 1n],
    ['a circle', circle],
    ['a trap', new Proxy({}, { ownKeys: () => fail(), get: () => fail() })],
  ])('says the type alone of an event that is %s, and nothing of such a context', (_, by) => {
    const { book, view } = made()
    const actor = createActor(light, { inspect: book.inspect }).start()
    actor.send({ type: 'flip', by })
    const { happenings, context } = view(actor.sessionId)
    expect(happenings.at(-2)?.event).toEqual({ type: 'flip' })
    expect(context).toBe('not shown: it is no JSON, or too large')
    expect(view().actors[0]).toMatchObject({ last: 'flip', value: 'on' })
  })

  it('throws at nothing', () => {
    const { book, view } = made()
    for (const event of [undefined, null, {}, { actorRef: null }, { actorRef: { sessionId: 'x', getSnapshot: fail } }])
      book.inspect(event as never)
    expect(view().total).toBe(0)
  })

  it('keeps so many happenings of an actor', () => {
    const { book, view } = made()
    const actor = createActor(light, { inspect: book.inspect }).start()
    for (let i = 0; i < mostHappenings; i += 1) actor.send({ type: 'flip' })
    const { happenings, actors } = view(actor.sessionId)
    expect([happenings.length, happenings.at(-1)?.n]).toEqual([mostHappenings, 2 * mostHappenings + 3])
    expect(actors[0]?.events).toBe(mostHappenings + 1)
  })

  it('keeps so many actors: those that have stopped first go first, and live ones are shown first', () => {
    const { book, view } = made()
    const first = createActor(light, { inspect: book.inspect, id: 'first' }).start()
    const chosen = createActor(light, { inspect: book.inspect }).start()
    chosen.stop()
    const others = Array.from({ length: mostActors - 2 }, () => createActor(light, { inspect: book.inspect }).start())
    for (const each of others.slice(0, -3)) each.stop()
    expect(view(chosen.sessionId).actors.map(({ session }) => session)).toEqual([
      first.sessionId,
      chosen.sessionId,
      ...others.slice(-mostRows + 1).map(({ sessionId }) => sessionId),
    ])
    for (let i = 0; i < 10; i += 1) createActor(light, { inspect: book.inspect }).start()
    const { total, actors } = view(chosen.sessionId)
    expect([total, actors[0]?.id]).toEqual([mostActors, 'first'])
    expect(actors.map(({ session }) => session)).not.toContain(chosen.sessionId)
  })

  it('holds no actor, no machine and no context', async () => {
    setFlagsFromString('--expose-gc')
    const collect = runInNewContext('gc') as () => void
    const { book, view } = made()
    const held: WeakRef<object>[] = []
    const run = (isStopped: boolean): void => {
      const machine = light.provide({})
      const actor = createActor(machine, { inspect: book.inspect }).start()
      actor.send({ type: 'flip', by: { some: 'thing' } })
      held.push(new WeakRef(machine), new WeakRef(actor), new WeakRef(actor.getSnapshot().context))
      if (isStopped) actor.stop()
    }
    run(true)
    run(false)
    // what was made in this turn of the loop is held until the next one
    await new Promise((resolve) => setImmediate(resolve))
    collect()
    expect(held.map((ref) => ref.deref())).toEqual(held.map(() => undefined))
    expect(view().actors.map(({ value, chart }) => [value, chart])).toEqual([
      ['on', undefined],
      ['on', undefined],
    ])
  })

  it('takes actors of any logic', () => {
    const { book, view } = made()
    const counter = createActor(
      fromTransition((count: number) => count + 1, 0),
      { inspect: book.inspect },
    ).start()
    counter.send({ type: 'more' })
    expect(view(counter.sessionId)).toMatchObject({ context: 1, actors: [{ status: 'active', last: 'more' }] })
  })
})

function fail(): never {
  throw new Error('do not touch')
}
