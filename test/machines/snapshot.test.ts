import { describe, expect, it } from 'vitest'
import { createMachine, getInitialSnapshot, transition } from 'xstate'
import { compile } from '../../src/machines/compile.ts'

const machine = createMachine({
  id: 'm',
  initial: 'a',
  context: { n: 1 },
  output: ({ context }) => context,
  states: {
    a: { initial: 'b', states: { b: { initial: 'c', tags: 'deep', states: { c: { on: { go: '#m.end' } } } } } },
    ab: {},
    end: { type: 'final' },
  },
})
const chart = compile(machine)
const inside = chart.initial
const done = chart.next(inside, { type: 'go' })
const theirs = getInitialSnapshot(machine)
const [theirEnd] = transition(machine, theirs, { type: 'go' })

describe('a snapshot of a chart', () => {
  it('has the fields of a snapshot of XState', () => {
    for (const [ours, other] of [
      [inside, theirs],
      [done, theirEnd],
    ] as const) {
      const { value, status, context, output, error, tags, children, historyValue } = other
      expect({
        value: ours.value,
        status: ours.status,
        context: ours.context,
        output: ours.output,
        error: ours.error,
        tags: ours.tags,
        children: ours.children,
        historyValue: ours.historyValue,
      }).toEqual({ value, status, context, output, error, tags, children, historyValue })
    }
  })

  it('names its state in one word', () => {
    expect([inside.state, done.state]).toEqual(['a.b.c', 'end'])
  })

  it.each([
    ['a', true],
    [{ a: 'b' }, true],
    [{ a: { b: 'c' } }, true],
    [{ a: {} }, true],
    [{}, true],
    ['ab', false],
    ['b', false],
    ['c', false],
    ['', false],
    [{ a: 'c' }, false],
    [{ a: { b: 'd' } }, false],
    [{ a: { b: { c: 'd' } } }, false],
    [{ ab: {} }, false],
    [{ a: { b: {}, c: {} } }, false],
  ])('matches %j: %s, as XState says', (state, expected) => {
    expect(inside.matches(state)).toBe(expected)
    expect(theirs.matches(state as never)).toBe(expected)
  })

  it('matches dotted names too, whole words only', () => {
    expect(['a.b', 'a.b.c'].map((state) => inside.matches(state))).toEqual([true, true])
    expect(['a.', '.a', 'a.b.c.d', 'a.bb', 'a.b.'].map((state) => inside.matches(state))).toEqual(Array(5).fill(false))
  })

  it('has the tags of all the states that it is in', () => {
    expect([inside.hasTag('deep'), done.hasTag('deep')]).toEqual([true, false])
  })

  it('tells what it can do', () => {
    expect([inside.can({ type: 'go' }), inside.can({ type: 'other' }), done.can({ type: 'go' })]).toEqual([
      true,
      false,
      false,
    ])
  })

  it('becomes JSON with its output, once there is one', () => {
    expect(JSON.parse(JSON.stringify(inside))).toEqual({
      value: { a: { b: 'c' } },
      status: 'active',
      context: { n: 1 },
    })
    expect(JSON.parse(JSON.stringify(done))).toEqual({
      value: 'end',
      status: 'done',
      context: { n: 1 },
      output: { n: 1 },
    })
  })

  it('cannot be changed through what it shares with others', () => {
    expect(Object.isFrozen(inside.value) && Object.isFrozen(inside.getMeta()) && Object.isFrozen(inside.children)).toBe(
      true,
    )
  })

  it('stays small: two fields of its own', () => {
    expect(Object.keys(inside)).toEqual(['leaf', 'context'])
  })
})
