import { describe, expect, it } from 'vitest'
import {
  type AnyStateMachine,
  and,
  assign,
  createActor,
  emit,
  enqueueActions,
  fromPromise,
  type InspectionEvent,
  initialTransition,
  not,
  or,
  raise,
  type Snapshot,
  sendTo,
  setup,
  stateIn,
  transition,
  waitFor,
} from 'xstate'
import { OffstageError } from '../../src/errors.ts'
import { type Chart, compile } from '../../src/machines/compile.ts'
import { ChartSnapshot } from '../../src/machines/snapshot.ts'
import { taskChart } from '../../src/machines/store-state.ts'
import { taskMachine } from '../../src/machines/task.ts'

interface Count {
  readonly count: number
  readonly log: readonly string[]
}
type Event = { readonly type: string; readonly by?: number }

const base = setup({
  types: {} as { context: Count; events: Event; output: unknown },
  guards: {
    yes: () => true,
    no: () => false,
    isAbove: ({ context }, { limit }: { limit: number }) => context.count > limit,
    isEither: or([() => true, () => false]),
  },
  actions: {
    add: assign({ count: ({ context, event }) => context.count + (event.by ?? 1) }),
    double: assign(({ context }) => ({ count: context.count * 2 })),
    addMany: assign((args, { many }: { many: number }) => ({ count: args.context.count + many })),
    fixed: assign({ count: 100 }),
    print: () => {},
    again: raise({ type: 'go' }),
  },
  actors: { load: fromPromise(async () => 1) },
})
/** Loose on purpose: much of what these charts hold is refused. */
interface Config {
  readonly states?: object
  readonly [key: string]: unknown
}
type State = Readonly<Record<string, unknown>>

const context: Count = { count: 1, log: [] }
const machineOf = (config: Config): AnyStateMachine =>
  base.createMachine({ id: 'm', context, ...config } as never) as unknown as AnyStateMachine
const chartOf = (config: Config) => compile(machineOf(config)) as unknown as Chart<Count, Event>

/** Sends the events through the compiled chart and through XState, expects one answer, and returns it. */
function both(config: Config, ...events: (string | Event)[]): { state: string; count: number } {
  const machine = machineOf(config)
  const chart = chartOf(config)
  let [theirs] = initialTransition(machine)
  let ours = chart.initial
  for (const each of events) {
    const event: Event = typeof each === 'string' ? { type: each } : each
    const [next] = transition(machine, theirs, event)
    const before = ours
    expect(ours.can(event)).toBe((theirs as unknown as { can(event: Event): boolean }).can(event))
    ours = chart.next(ours, event)
    expect(ours === before).toBe(next === theirs)
    theirs = next
  }
  const { value, status, output, tags } = theirs as unknown as ChartSnapshot<Count>
  expect({ value: ours.value, context: ours.context, status: ours.status, output: ours.output }).toEqual({
    value,
    context: theirs.context,
    status,
    output,
  })
  expect(ours.tags).toEqual(tags)
  expect(ours.getMeta()).toEqual((theirs as unknown as ChartSnapshot<Count>).getMeta())
  return { state: ours.state, count: ours.context.count }
}

describe('compile refuses what is beyond its subset', () => {
  const on = (go: unknown): State => ({ on: { go } })
  const refused: [string, State | Record<string, unknown>, RegExp][] = [
    ['after', { after: { 5: 'b' } }, /m\.a uses after/],
    ['invoke', { invoke: { src: 'load' } }, /m\.a uses invoke/],
    ['always', { always: 'b' }, /m\.a uses always/],
    ['entry', { entry: 'add' }, /m\.a uses entry/],
    ['exit', { exit: ['add'] }, /m\.a uses exit/],
    ['onDone', { initial: 'x', states: { x: {} }, onDone: 'b' }, /m\.a uses onDone/],
    ['parallel states', { type: 'parallel', states: { x: {}, y: {} } }, /m\.a is a parallel state/],
    ['history', { initial: 'x', states: { x: {}, h: { type: 'history' } } }, /m\.a\.h is a history state/],
    [
      'finals below the top',
      { initial: 'x', states: { x: { type: 'final' } } },
      /m\.a\.x is final below the top level/,
    ],
    ['an output of a state', { type: 'final', output: 5 }, /m\.a has an output of its own/],
    ['an initial with actions', { initial: { target: 'x', actions: 'add' }, states: { x: {} } }, /m\.a has an initial/],
    ['a wildcard', { on: { '*': 'b' } }, /m\.a uses the wildcard "\*"/],
    ['a partial wildcard', { on: { 'go.*': 'b' } }, /m\.a uses the wildcard "go\.\*"/],
    ['re-entering', on({ target: 'a', reenter: true }), /m\.a re-enters on "go"/],
    ['raise', on({ actions: raise({ type: 'x' }) }), /m\.a has an action that is not an assign \(xstate\.raise\)/],
    [
      'sendTo',
      on({ actions: sendTo('x', { type: 'x' }) }),
      /m\.a has an action that is not an assign \(xstate\.sendTo\)/,
    ],
    ['emit', on({ actions: emit({ type: 'x' }) }), /not an assign \(xstate\.emit\)/],
    ['enqueueActions', on({ actions: enqueueActions(() => {}) }), /not an assign \(xstate\.enqueueActions\)/],
    [
      'a named action that is no assign',
      on({ actions: 'print' }),
      /m\.a has an action that is not an assign \(print\)/,
    ],
    ['a named raise', on({ actions: ['add', 'again'] }), /not an assign \(xstate\.raise\)/],
    [
      'an unknown guard',
      on({ guard: 'nobody', target: 'b' }),
      /m\.a names the guard "nobody", which setup\(\) does not/,
    ],
    ['an unknown action', on({ actions: 'nobody' }), /m\.a names the action "nobody", which setup\(\) does not define/],
    ['and', on({ guard: and(['yes', 'no']), target: 'b' }), /m\.a combines guards with and, or, not/],
    ['or by name', on({ guard: 'isEither', target: 'b' }), /m\.a combines guards with and, or, not/],
    ['not', on({ guard: not('no'), target: 'b' }), /m\.a combines guards/],
    ['stateIn', on({ guard: stateIn('b'), target: 'b' }), /m\.a combines guards/],
    [
      'params that are computed',
      on({ guard: { type: 'isAbove', params: () => ({ limit: 1 }) } }),
      /computes the params/,
    ],
  ]

  it.each(refused)('%s', (_, a, message) => {
    const make = () => chartOf({ initial: 'a', states: { a, b: {} } })
    expect(make).toThrow(message)
    expect(make).toThrow(/^cannot compile the chart: /)
    try {
      make()
    } catch (error) {
      expect(OffstageError.is(error, 'UNSUPPORTED_CHART')).toBe(true)
    }
  })

  it('a context that is computed, and a name that would not be told apart', () => {
    const computed = setup({}).createMachine({ id: 'm', context: () => ({}), initial: 'a', states: { a: {} } })
    expect(() => compile(computed)).toThrow('cannot compile the chart: m computes its context from an input')
    expect(() => chartOf({ initial: 'a', states: { a: {}, 'a.b': {} } })).toThrow(/has a dot in its name/)
  })

  it('and compiles the same chart without them', () => {
    expect(chartOf({ initial: 'a', states: { a: { entry: [], invoke: [], always: [] }, b: {} } }).initial.state).toBe(
      'a',
    )
  })
})

describe('a compiled chart decides as XState does', () => {
  const ab = (a: State, rest: Config = {}): Config => ({
    initial: 'a',
    ...rest,
    states: { a, b: {}, ...rest.states },
  })

  it('with a transition as text, object or array', () => {
    expect(both(ab({ on: { go: 'b' } }), 'go').state).toBe('b')
    expect(both(ab({ on: { go: { target: 'b' } } }), 'go').state).toBe('b')
    expect(both(ab({ on: { go: [{ guard: 'no', target: 'a' }, { target: 'b' }] } }), 'go').state).toBe('b')
  })

  it('taking the first guard that holds', () => {
    const first = { guard: 'yes', target: 'b', actions: 'fixed' } as const
    expect(both(ab({ on: { go: [first, { target: 'a', actions: 'add' }] } }), 'go')).toEqual({ state: 'b', count: 100 })
    expect(both(ab({ on: { go: [{ guard: 'no', target: 'b' }] } }), 'go').state).toBe('a')
  })

  it('handing params to guards and actions', () => {
    const on = {
      go: { guard: { type: 'isAbove', params: { limit: 5 } }, target: 'b' },
      add: { actions: { type: 'addMany', params: { many: 5 } } },
    } as const
    expect(both(ab({ on }), 'go').state).toBe('a')
    expect(both(ab({ on }), 'add', 'go')).toEqual({ state: 'b', count: 6 })
  })

  it('with guards and assigns that have no name', () => {
    const go = {
      guard: ({ event }: { event: Event }) => event.by === 2,
      target: 'b',
      actions: assign(({ event }) => ({ count: event.by as number })),
    }
    expect(both(ab({ on: { go } }), 'go', { type: 'go', by: 2 })).toEqual({ state: 'b', count: 2 })
  })

  it('running several assigns in order, each on what the one before left', () => {
    expect(both(ab({ on: { go: { actions: ['add', 'double'] } } }), 'go').count).toBe(4)
    expect(both(ab({ on: { go: { actions: ['double', 'add', 'double'] } } }), 'go').count).toBe(6)
    expect(both(ab({ on: { go: { actions: ['fixed', 'add'] } } }), { type: 'go', by: 5 }).count).toBe(105)
  })

  it('asking the child before its parents', () => {
    const states = { x: { on: { go: '#b' } }, y: {} }
    const nested = ab({ initial: 'x', on: { go: '.y' }, states }, { states: { b: { id: 'b' } } })
    expect(both(nested, 'go').state).toBe('b')
  })

  it('falling through to the parent when every guard of the child fails', () => {
    const states = { x: { on: { go: [{ guard: 'no', target: '#b' }] } }, y: {} } as const
    const nested = ab({ initial: 'x', on: { go: '.y' }, states }, { states: { b: { id: 'b' } } })
    expect(both(nested, 'go').state).toBe('a.y')
    expect(both({ ...ab({}), on: { go: '.b' } }, 'go').state).toBe('b')
  })

  it.each([{ go: undefined }, { go: {} }, { go: [{ guard: 'no', actions: 'add' }, {}] }])(
    'keeping an event from the parents when the child forbids it: %j',
    (on) => {
      const nested = ab(
        { initial: 'x', on: { go: '#b' }, states: { x: { on } } },
        {
          states: { b: { id: 'b' } },
        },
      )
      expect(both(nested, 'go').state).toBe('a.x')
    },
  )

  it('accepting a transition in place, with or without a target', () => {
    expect(both(ab({ on: { go: { actions: 'add' } } }), 'go', 'go')).toEqual({ state: 'a', count: 3 })
    expect(both(ab({ on: { go: { target: 'a', actions: 'add' } } }), 'go')).toEqual({ state: 'a', count: 2 })
  })

  it('staying in the child when the parent acts in place, and leaving it when the parent targets itself', () => {
    const states = { x: { on: { step: 'y' } }, y: {} } as const
    const on = { note: { actions: 'add' }, home: '#a' } as const
    const nested = ab({ id: 'a', initial: 'x', states, on })
    expect(both(nested, 'step', 'note')).toEqual({ state: 'a.y', count: 2 })
    expect(both(nested, 'step', 'home').state).toBe('a.x')
  })

  it('resolving siblings, .children, ids and what lies deep, and entering each where it begins', () => {
    const deep = { initial: 'p', states: { p: {}, q: { initial: 'r', states: { r: {}, s: { id: 's' } } } } }
    const config: Config = {
      initial: 'a',
      on: { root: '.a' },
      states: {
        a: { on: { sibling: 'c', byId: '#s', path: 'c.q', own: '#m.c.q' } },
        c: { ...deep, on: { child: '.q', deeper: '.q.s' } },
      },
    }
    expect(both(config, 'sibling').state).toBe('c.p')
    expect(both(config, 'sibling', 'child').state).toBe('c.q.r')
    expect(both(config, 'sibling', 'deeper').state).toBe('c.q.s')
    expect(both(config, 'sibling', 'deeper', 'root').state).toBe('a')
    expect(both(config, 'byId').state).toBe('c.q.s')
    expect(both(config, 'path').state).toBe('c.q.r')
    expect(both(config, 'own').state).toBe('c.q.r')
  })

  it('with the tags and meta of a leaf and all its parents', () => {
    const x: State = { tags: ['in'], meta: { text: 'x' } }
    const config: Config = {
      initial: 'a',
      tags: 'all',
      meta: { text: 'root' },
      states: { a: { tags: ['out', 'in'], meta: { text: 'a' }, initial: 'x', states: { x } } },
    }
    both(config)
    const { initial } = chartOf(config)
    expect(initial.hasTag('all') && initial.hasTag('out') && initial.hasTag('in') && !initial.hasTag('other')).toBe(
      true,
    )
    expect(initial.getMeta()).toEqual({ m: { text: 'root' }, 'm.a': { text: 'a' }, 'm.a.x': { text: 'x' } })
  })

  it('with the output of the chart, as a value or made from the context', () => {
    const go = { target: 'end', actions: 'add' } as const
    const states = { a: { on: { go } }, end: { type: 'final' } } as const
    expect(
      chartOf({ initial: 'a', states }).next(chartOf({ initial: 'a', states }).initial, { type: 'go' }).output,
    ).toBe(undefined)
    both({ initial: 'a', states, output: { done: true } }, 'go')
    both(
      {
        initial: 'a',
        states,
        output: ({ context, event }: { context: Count; event: Event }) => [context.count, event.type],
      },
      'go',
    )
  })

  it('ignoring events that it does not know', () => {
    expect(both(ab({ on: { go: 'b' } }), 'nobody', '', 'xstate.init', 'toString', '__proto__').state).toBe('a')
  })

  it('absorbing everything in a final state', () => {
    const chart = chartOf({ initial: 'a', on: { go: '.a' }, states: { a: { on: { end: 'z' } }, z: { type: 'final' } } })
    const done = chart.next(chart.initial, { type: 'end' })
    expect(done.status).toBe('done')
    for (const type of ['go', 'end', 'xstate.init']) expect(chart.next(done, { type })).toBe(done)
  })

  it('throwing what a guard or an assign throws, and deciding the next event as if nothing had been', () => {
    const fail = () => {
      throw new RangeError('broken')
    }
    const chart = chartOf(ab({ on: { go: { guard: fail, target: 'b' }, run: { actions: assign(fail) }, walk: 'b' } }))
    expect(() => chart.next(chart.initial, { type: 'go' })).toThrow(RangeError)
    expect(() => chart.next(chart.initial, { type: 'run' })).toThrow(RangeError)
    expect(chart.next(chart.initial, { type: 'walk' }).state).toBe('b')
  })

  it('leaving the snapshot that it was given as it was', () => {
    const chart = chartOf(ab({ on: { go: { target: 'b', actions: 'add' } } }))
    const before = JSON.stringify(chart.initial)
    chart.next(chart.initial, { type: 'go' })
    expect(JSON.stringify(chart.initial)).toBe(before)
  })
})

describe('the logic of a compiled chart', () => {
  const submit = { type: 'submit', task: 't', at: 1, name: 't', limits: taskChart.initial.context.limits } as const
  const start = { type: 'start', task: 't', claim: 'c', worker: 'w', run: 1, at: 2 } as const
  const complete = { type: 'complete', task: 't', claim: 'c', at: 3, result: { answer: 42 } } as const

  it('runs in createActor to its end and gives its output', async () => {
    const actor = createActor(taskChart.logic)
    const states: string[] = []
    let ended = 0
    actor.subscribe({ next: ({ state }) => states.push(state), complete: () => (ended += 1) })
    actor.start()
    for (const event of [submit, start, start, complete]) actor.send(event)
    await waitFor(actor, ({ state }) => state === 'completed')
    const snapshot = actor.getSnapshot()
    expect(snapshot.status).toBe('done')
    expect(snapshot.output).toEqual({ status: 'completed', result: { answer: 42 } })
    // a refused event is told as well, as with any actor of XState
    expect(states).toEqual(['new', 'pending.queued', 'running.executing', 'running.executing', 'completed'])
    expect(ended).toBe(1)
  })

  it('persists as JSON and goes on from there', () => {
    const actor = createActor(taskChart.logic).start()
    actor.send(submit)
    actor.send(start)
    const text = JSON.stringify(actor.getPersistedSnapshot())
    expect(JSON.parse(text)).toMatchObject({
      value: { running: 'executing' },
      status: 'active',
      context: { claim: 'c' },
    })
    const restored = createActor(taskChart.logic, { snapshot: JSON.parse(text) }).start()
    expect(restored.getSnapshot()).toBeInstanceOf(ChartSnapshot)
    restored.send(complete)
    expect(restored.getSnapshot().state).toBe('completed')
  })

  it('begins where it is told to', () => {
    const queued = taskChart.next(taskChart.initial, submit)
    expect(createActor(taskChart.logic, { snapshot: queued as never }).getSnapshot()).toBe(queued)
    expect(createActor(taskChart.logic, { input: queued }).getSnapshot()).toBe(queued)
    expect(createActor(taskChart.logic).getSnapshot()).toBe(taskChart.initial)
  })

  it('throws on a snapshot of a state that it does not have, where XState would go on', () => {
    for (const value of ['gone', { pending: 'gone' }, { pending: {} }, 'pending', {}]) {
      const snapshot = { value, status: 'active', context: {} } as never
      expect(() => taskChart.logic.restoreSnapshot?.(snapshot, undefined as never)).toThrow(
        /the chart task has no leaf/,
      )
      const { status, error } = createActor(taskChart.logic, { snapshot }).getSnapshot() as unknown as Snapshot<unknown>
      expect([status, OffstageError.is(error, 'UNSUPPORTED_CHART')]).toEqual(['error', true])
    }
  })

  it('can be stopped, and keeps its place', () => {
    const actor = createActor(taskChart.logic).start()
    actor.send(submit)
    actor.stop()
    expect(actor.getSnapshot()).toMatchObject({ status: 'stopped', state: 'pending.queued', output: undefined })
    expect(taskChart.next(actor.getSnapshot(), start).status).toBe('stopped')
  })

  it('has a parent, an id, and a place in the system of its parent', () => {
    const system: string[] = []
    const root = createActor(taskChart.logic, {
      id: 'root',
      inspect: ({ actorRef }) => system.push(actorRef.sessionId),
    })
    const child = createActor(taskChart.logic, { parent: root as never, id: 'child' })
    root.start()
    child.start()
    child.send(submit)
    expect(child.system).toBe(root.system)
    expect(child.id).toBe('child')
    expect(new Set(system)).toEqual(new Set([root.sessionId, child.sessionId]))
  })

  it('is inspected like any actor: the actor, then each event with the snapshot it led to', () => {
    const seen: InspectionEvent[] = []
    const actor = createActor(taskChart.logic, { inspect: (event) => seen.push(event) }).start()
    actor.send(submit)
    const told = seen
      .filter(({ type }) => type !== '@xstate.microstep')
      .map((each) => each.type.replace('@xstate.', ''))
    expect(told).toEqual(['actor', 'event', 'snapshot', 'event', 'snapshot'])
    const last = seen.at(-1)
    expect(
      last?.type === '@xstate.snapshot' && [last.event, (last.snapshot as typeof taskChart.initial).state],
    ).toEqual([submit, 'pending.queued'])
  })

  it('carries its chart as JSON for viewers', () => {
    const { config } = taskChart.logic
    expect(JSON.parse(JSON.stringify(config))).toEqual(config)
    expect(config).toMatchObject({ id: 'task', initial: 'new', states: { pending: { initial: 'queued' } } })
    const inline = compile(
      machineOf({ initial: 'a', on: { go: { guard: () => true, target: '.a' } }, states: { a: {} } }),
    )
    expect(inline.logic.config).toEqual({
      id: 'm',
      context,
      initial: 'a',
      on: { go: { target: '.a' } },
      states: { a: {} },
    })
  })

  it('tells an actor of XState by its id and its leaves', () => {
    expect(taskChart.id).toBe(taskMachine.id)
    expect(taskChart.at('pending.queued', taskChart.initial.context).value).toEqual({ pending: 'queued' })
    expect(() => taskChart.at('pending', taskChart.initial.context)).toThrow(/the chart task has no leaf "pending"/)
  })
})
