import { describe, expect, it } from 'vitest'
import { type AnyStateMachine, and, fromPromise, not, setup } from 'xstate'
import { type MermaidOptions, toMermaid } from '../../src/machines/diagram.ts'
import { runnerMachine } from '../../src/machines/runner.ts'
import { scheduleMachine } from '../../src/machines/schedule.ts'
import { schedulerMachine } from '../../src/machines/scheduler.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { workerMachine } from '../../src/machines/worker.ts'
import { readDiagram } from './mermaid.ts'

const guards = { isOk: () => true, hasB: () => true, mayGo: () => true }
const base = setup({
  guards,
  actions: { note: () => {} },
  actors: { load: fromPromise(async () => 1) },
  delays: { slow: 5 },
})
type Config = Parameters<typeof base.createMachine>[0]
const linesOf = (config: Config, options?: MermaidOptions): string[] =>
  toMermaid(base.createMachine({ id: 'm', ...config } as Config), options)
    .trimEnd()
    .split('\n')
    .map((line) => line.trim())
const edgesOf = (config: Config, options?: MermaidOptions): string[] =>
  linesOf(config, options).filter((line) => line.includes(' : '))

const pathsIn = ({ states }: AnyStateMachine['root']): string[] =>
  Object.values(states).flatMap((node) => [node.path.join('_'), ...pathsIn(node as AnyStateMachine['root'])])

describe('toMermaid', () => {
  it('draws nested states, where each begins, and where it all ends', () => {
    expect(toMermaid(runnerMachine)).toBe(`stateDiagram-v2
  direction TB
  [*] --> accepting
  state "accepting" as accepting {
    [*] --> accepting_active
    state "active" as accepting_active
    state "paused" as accepting_paused
    accepting_active --> accepting_paused : pause
    accepting_paused --> accepting_active : resume
  }
  state "draining" as draining
  state "stopped" as stopped
  stopped --> [*]
  accepting --> draining : stop
  draining --> stopped : drained
`)
  })

  it('runs from left to right when asked to', () => {
    expect(linesOf({ initial: 'a', states: { a: {} } }, { direction: 'LR' })[1]).toBe('direction LR')
  })

  it('makes one edge of all that leads from one state to another, and shares guards', () => {
    const on = {
      go: [
        { guard: 'isOk', target: 'b' },
        { guard: 'hasB', target: 'b' },
      ],
      run: { guard: 'isOk', target: 'b' },
      walk: 'b',
    } as const
    const config: Config = { initial: 'a', states: { a: { on }, b: {} } }
    expect(edgesOf(config)).toEqual(['a --> b : go, run [ok]<br/>go [b]<br/>walk'])
    expect(edgesOf(config, { guards: false })).toEqual(['a --> b : go, run, walk'])
  })

  it('reads the names of guards as words', () => {
    const guard = and(['isOk', not('hasB')])
    const go = [
      { guard, target: 'b' },
      { guard: () => true, target: 'b' },
      { guard: { type: 'mayGo' }, target: 'b' },
    ]
    expect(edgesOf({ initial: 'a', states: { a: { on: { go } }, b: {} } } as Config)).toEqual([
      'a --> b : go [(ok and not b)]<br/>go [guard]<br/>go [may go]',
    ])
  })

  it('draws a transition in place as a loop, and a forbidden one not at all', () => {
    const on = { keep: { actions: 'note' }, no: undefined, never: {} } as const
    expect(edgesOf({ initial: 'a', states: { a: { on } } })).toEqual(['a --> a : keep'])
  })

  it('keeps a state inside the one that it belongs to: edges across a border stand outside', () => {
    const deep = { initial: 'x', states: { x: { on: { go: '#y' } }, y: { id: 'y' } } }
    const text = toMermaid(
      base.createMachine({
        initial: 'a',
        states: { a: { initial: 'b', states: { b: { on: { jump: '#y' } }, c: deep } } },
      }),
    )
    expect(text).toContain('\n      a_c_x --> a_c_y : go\n')
    expect(text).toContain('\n  a_b --> a_c_y : jump\n')
  })

  it('draws a transition of a parent into itself from each child, and one to a parent into its first state', () => {
    const states = { x: {}, y: { on: { up: '#a' } }, z: { type: 'final' } } as const
    const config: Config = { initial: 'a', states: { a: { id: 'a', initial: 'x', states, on: { down: '.y' } } } }
    expect(edgesOf(config)).toEqual([
      'a_x --> a_y : down',
      'a_y --> a_y : down',
      'a_z --> a_y : down',
      'a_y --> a_x : up',
    ])
  })

  it('draws a transition of the root from every state that is not final', () => {
    const states = { a: {}, b: {}, end: { type: 'final' } } as const
    expect(edgesOf({ initial: 'a', on: { stop: '.end' }, states })).toEqual([
      'a --> s_end : stop',
      'b --> s_end : stop',
    ])
  })

  it('draws what compile refuses too: timers, actors, always, parallel regions, history', () => {
    const lines = linesOf({
      initial: 'a',
      states: {
        a: { after: { 1000: 'b', slow: 'b' }, on: { '*': 'c' } },
        b: { invoke: { src: 'load', onDone: 'c', onError: 'a' }, always: { guard: 'isOk', target: 'a' } },
        c: {
          type: 'parallel',
          onDone: 'a',
          states: {
            l: { initial: 'p', states: { p: {}, h: { type: 'history', history: 'deep' } } },
            r: { initial: 'q', states: { q: {} } },
          },
        },
      },
    } as Config)
    for (const line of [
      'a --> b : after 1000 ms, after slow',
      'a --> c : any other event',
      'b --> c : done load',
      'b --> a : error load<br/>always [ok]',
      'c --> a : done',
      'state "h (deep history)" as c_l_h',
      '--',
    ]) {
      expect(lines).toContain(line)
    }
  })

  it('escapes what means something to Mermaid or HTML', () => {
    const config: Config = { initial: 'a "b"', states: { 'a "b"': { on: { 'x:y;#<i>%%\n{`': 'a-b' } }, 'a-b': {} } }
    expect(linesOf(config)).toContain('state "a #34;b#34;" as a__b_')
    expect(edgesOf(config)).toEqual(['a__b_ --> a_b : x#58;y#59;#35;#60;i#62;#37;#37;#10;#123;#96;'])
  })

  it('gives each state a name of its own that Mermaid does not take for a word', () => {
    const inner = { initial: 'b', states: { b: {} } }
    const states = { 'a b': {}, a_b: {}, a: inner, state: {}, note: {}, '1': {}, 日本: {}, '': {} }
    const named = linesOf({ initial: 'a', states }).flatMap((line) => / as (\S+)/.exec(line)?.[1] ?? [])
    // keys that look like numbers come first in every object
    expect(named).toEqual(['s_1', 'a_b', 'a_b_2', 'a', 'a_b_3', 's_state', 's_note', 's___', 's_'])
  })

  it.each([runnerMachine, workerMachine, taskMachine, scheduleMachine, schedulerMachine])(
    'writes of the chart $id what reads as a diagram of all its states',
    (machine) => {
      const text = toMermaid(machine)
      expect(toMermaid(machine)).toBe(text)
      const { states } = readDiagram(text)
      const paths = pathsIn(machine.root)
      expect([...states.keys()].sort()).toEqual(paths.sort())
      for (const [id, parent] of states) expect(parent).toBe(id.split('_').slice(0, -1).join('_'))
    },
  )
})

describe('reading a diagram', () => {
  it.each([
    ['an arrow to nothing', '[*] --> '],
    ['a colon in a label', 'state "a" as a\na --> a : b:c'],
    ['a block left open', 'state "a" as a {'],
    ['a state twice', 'state "a" as a\nstate "a" as a'],
    ['an edge of a state that was never named', 'state "a" as a\na --> b : go'],
  ])('finds %s', (_, body) => {
    expect(() => readDiagram(`stateDiagram-v2\n  direction TB\n${body}\n`)).toThrow()
  })
})
