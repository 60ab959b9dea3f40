import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { bundleEdges, shared } from '../../../src/inspect/chart/bundle.ts'
import { chartGraph } from '../../../src/machines/chart-graph.ts'

const linesOf = (config: object): string[] =>
  bundleEdges(chartGraph(createMachine(config as never))).map(({ from, to, labels }) => {
    const told = labels.map(({ events, guard }) => events.join('+') + (guard === undefined ? '' : `[${guard}]`))
    return `${from.join('>')} to ${to.join('>')}: ${told.join(' ')}`
  })

const inner = (on: object) => ({ initial: 'x', states: { x: { on }, y: { on }, z: {} } })

describe('bundling', () => {
  it('leaves edges between neighbours as they are', () => {
    expect(linesOf({ initial: 'a', states: { a: { on: { go: 'b', run: 'b' } }, b: { on: { back: 'a' } } } })).toEqual([
      'a to b: go+run',
      'b to a: back',
    ])
  })

  it('draws equal ways out of a state from its border, once, with every event and guard', () => {
    const on = { go: '#b', run: { target: '#b', guard: 'isReady' } }
    expect(linesOf({ initial: 'a', states: { a: { ...inner(on), on: { walk: 'b' } }, b: { id: 'b' } } })).toEqual([
      'a to b: walk+go run[ready]',
    ])
  })

  it('draws a single way out from where it begins, and a single way in to where it ends', () => {
    const a = { initial: 'x', states: { x: { on: { go: '#deep' } }, y: {} } }
    const b = { initial: 'x', states: { x: {}, y: { id: 'deep' } } }
    expect(linesOf({ initial: 'a', states: { a, b } })).toEqual(['a>a.x to b>b.y: go'])
  })

  it('leads to the border of a state when it is entered in several places', () => {
    const on = { go: 'b.x', run: 'b.y' }
    expect(linesOf({ initial: 'a', states: { a: { on }, b: inner({}) } })).toEqual(['a to b: go+run'])
  })

  it('keeps loops, and ways between two states inside, apart', () => {
    const states = { x: { on: { again: { target: 'x', reenter: true }, go: 'y' } }, y: {} }
    expect(linesOf({ initial: 'a', states: { a: { initial: 'x', states } } })).toEqual([
      'a>a.x to a>a.x: again',
      'a>a.x to a>a.y: go',
    ])
  })
})

describe('what two paths share', () => {
  it.each([
    [['a', 'b'], ['a', 'c'], ['a']],
    [
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ],
    [['a'], ['a', 'b'], ['a']],
    [['a', 'b'], ['a'], ['a']],
    [['a'], ['b'], []],
  ])('%j and %j: %j', (a, b, both) => {
    expect(shared(a, b)).toEqual(both)
  })
})
