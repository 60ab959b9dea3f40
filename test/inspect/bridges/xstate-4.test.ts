import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, and, assign, createMachine, not, or, raise, setup, stateIn } from 'xstate'
import { type Charted, chartOf } from '../../../src/inspect/bridges/chart.ts'
import { Plain } from '../../../src/inspect/bridges/plain.ts'
import { configOf, guardName, stateOf } from '../../../src/inspect/bridges/xstate-4.ts'
import { compile } from '../../../src/machines/compile.ts'
import { runnerMachine } from '../../../src/machines/runner.ts'
import { scheduleMachine } from '../../../src/machines/schedule.ts'
import { schedulerMachine } from '../../../src/machines/scheduler.ts'
import { taskMachine } from '../../../src/machines/task.ts'
import { workerMachine } from '../../../src/machines/worker.ts'
import { type Machine4, xstate4 } from './viewers.ts'

type Node5 = AnyStateMachine['root']

/** The chart as XState 4 has it, after its trip as JSON. */
const revive = (chart: Charted | undefined, id = 'actor'): Machine4 =>
  xstate4.createMachine(JSON.parse(JSON.stringify(new Plain({}).value(configOf(chart, id, {}), 64))))

/** Every way out of every state: event, guard, targets. Events of delays are named in another way there. */
const waysOf5 = (node: Node5): string[] => {
  const all = [...node.transitions].flatMap(([type, list]) => list.map((each) => ({ ...each, type })))
  const own = [...all, ...(node.always ?? []).map((each) => ({ ...each, type: '' }))].map(({ type, guard, target }) =>
    [
      node.id,
      type.startsWith('xstate.after.') ? 'after' : type,
      guard === undefined ? '' : guardName(guard),
      ...(target ?? []).map(({ id }) => id),
    ].join(' '),
  )
  return [...own, ...Object.values(node.states).flatMap((child) => waysOf5(child as Node5))]
}
const idsOf = (node: Node5): string[] => [
  node.id,
  ...Object.values(node.states).flatMap((child) => idsOf(child as Node5)),
]
const names4: Record<string, string> = { 'done.state': 'xstate.done.state', 'done.invoke': 'xstate.done.actor' }
const eventOf4 = (type: string): string => {
  if (type.startsWith('xstate.after(')) return 'after'
  if (type.startsWith('error.platform.')) return type.replace('error.platform', 'xstate.error.actor')
  const from = Object.keys(names4).find((name) => type.startsWith(`${name}.`))
  return from === undefined ? type : type.replace(from, names4[from] ?? '')
}
const waysOf4 = (machine: Machine4): string[] =>
  machine.stateIds.flatMap((id) =>
    machine
      .getStateNodeById(id)
      .transitions.map(({ eventType, cond, target }) =>
        [id, eventOf4(eventType), cond?.name ?? cond?.type ?? '', ...(target ?? []).map((each) => each.id)].join(' '),
      ),
  )

const charts = [taskMachine, runnerMachine, scheduleMachine, schedulerMachine, workerMachine] as AnyStateMachine[]

describe('a chart of Offstage in XState 4', () => {
  it.each(charts.map((machine) => [machine.id, machine] as const))('has all ways of the %s', (_id, machine) => {
    const revived = revive(chartOf(machine))
    expect(waysOf4(revived).sort()).toEqual(waysOf5(machine.root).sort())
    expect(revived.stateIds).toHaveLength(idsOf(machine.root).length)
  })

  it.each(charts.map((machine) => [machine.id, machine] as const))('says every state of the %s', (_id, machine) => {
    const revived = revive(chartOf(compile(machine).logic))
    for (const leaf of compile(machine).leaves.values()) {
      const state = xstate4.State.create(
        stateOf({ value: leaf.value, context: {}, event: { type: 'x' }, session: 's', isDone: false, tags: [] }),
      )
      expect(state.toStrings().at(-1)).toBe(leaf.name)
      expect(revived.resolveState(state).value).toEqual(leaf.value)
    }
  })

  it('runs there, once somebody gives it guards', () => {
    const isNew = revive(chartOf(taskMachine)).withConfig({ guards: { hasNeeds: () => false, hasDelay: () => true } })
    expect(isNew.transition(isNew.initialState, { type: 'submit' }).value).toEqual({ pending: 'delayed' })
  })
})

const hostile = setup({
  types: {} as { context: { n: number }; events: { type: string } },
  guards: { isPaid: () => true, isLate: ({ context }, params: { by: number }) => context.n > params.by },
  actions: { count: assign({ n: 1 }), tell: () => {} },
  delays: { soon: 10, someTime: ({ context }) => context.n },
  actors: { load: createMachine({ id: 'inner', context: { pin: 'swordfish' } }) },
}).createMachine({
  id: 'hostile',
  context: ({ input }) => ({ n: Number(input) }),
  initial: 'first',
  meta: { html: '</script><img onerror=x>', fn: () => 1, big: 'x'.repeat(100_000) },
  on: { '*': { actions: 'tell' }, 'a.*': '.both', TOP: { target: '.first', reenter: true } },
  entry: ['tell', ({ context }) => context.n, raise({ type: 'NEXT' })],
  states: {
    first: {
      tags: ['begin'],
      description: 'where it begins',
      entry: { type: 'tell' },
      always: { guard: stateIn('never'), target: 'both' },
      after: { 1000: 'both', soon: { guard: 'isPaid', target: '#far' }, someTime: '#far' },
      on: {
        NEXT: [
          { guard: and(['isPaid', not(or([{ type: 'isLate', params: { by: 3 } }, () => true]))]), target: 'both' },
          { guard: ({ context }) => context.n > 3, target: '#far', actions: [assign({ n: 2 }), 'count'] },
          { target: '#hostile.both.left.two' },
        ],
        NEVER: undefined,
        STAY: { actions: 'count' },
        HERE: {},
      },
    },
    both: {
      type: 'parallel',
      onDone: 'last',
      states: {
        left: {
          initial: 'one',
          states: { one: { on: { GO: 'two' } }, two: { type: 'final' }, past: { type: 'history', history: 'deep' } },
        },
        right: {
          id: 'far',
          initial: 'deep',
          invoke: { id: 'loading', src: 'load', onDone: '.deep', onError: { target: '#hostile.last' } },
          states: { deep: { on: { BACK: '#hostile.both.left.past' } }, memory: { type: 'history', target: 'deep' } },
        },
      },
    },
    constructor: { on: { toString: 'hasOwnProperty' } },
    hasOwnProperty: {},
    'with space and "quotes"': { on: { 'odd event\n': 'last' } },
    last: { type: 'final' },
  },
})

describe('a hostile chart', () => {
  const chart = chartOf(hostile)
  const revived = revive(chart)

  it('has all its ways: parallel, after, always, history, wildcards, odd names', () => {
    const isInner = (way: string): boolean => way.includes('xstate.snapshot.')
    const there = waysOf4(revived).filter((way) => !isInner(way))
    expect(there.sort()).toEqual(
      waysOf5(hostile.root)
        .filter((way) => !isInner(way))
        .sort(),
    )
  })

  it('names its guards as they were combined', () => {
    const text = JSON.stringify(configOf(chart, 'x', undefined))
    expect(text).toContain('and(isPaid, not(or(isLate, guard)))')
    expect(text).toContain('stateIn(')
  })

  it('keeps tags, kinds and descriptions, and the parallel value', () => {
    expect(revived.getStateNodeById('hostile.first').tags).toEqual(['begin'])
    expect(revived.getStateNodeById('hostile.both').type).toBe('parallel')
    expect(revived.getStateNodeById('hostile.both.left.past').type).toBe('history')
    const value = { both: { left: 'one', right: 'deep' } }
    const state = xstate4.State.create(
      stateOf({ value, context: {}, event: { type: '' }, session: '', isDone: false, tags: [] }),
    )
    expect(revived.resolveState(state).value).toEqual(value)
  })

  it('is bounded, and holds nothing of the machines that it invokes', () => {
    const text = JSON.stringify(new Plain({}).value(configOf(chart, 'x', undefined), 64))
    expect(text.length).toBeLessThan(20_000)
    expect(text).not.toContain('swordfish')
  })
})

it('gives every state an id of its own, also where two would have the same', () => {
  const twins = createMachine({ id: 'a', initial: 'b', states: { b: { initial: 'c', states: { c: {} } }, 'b.c': {} } })
  const revived = revive(chartOf(twins))
  expect(new Set(revived.stateIds).size).toBe(revived.stateIds.length)
})

it('draws an actor without a chart as its statuses', () => {
  const machine = revive(undefined, 'call')
  expect(machine.stateIds).toEqual(['call', 'call.active', 'call.done', 'call.error', 'call.stopped'])
})
