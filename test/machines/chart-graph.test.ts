import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { chartGraph } from '../../src/machines/chart-graph.ts'
import { runnerMachine } from '../../src/machines/runner.ts'
import { taskMachine } from '../../src/machines/task.ts'

const graphOf = (config: object) => chartGraph(createMachine({ id: 'm', ...config } as never))

describe('the graph of a chart', () => {
  it('tells the states, parents first, and the ways between them', () => {
    const state = { kind: 'atomic', parent: undefined, initial: undefined, tags: [] }
    expect(chartGraph(runnerMachine)).toMatchObject({
      id: 'runner',
      initial: 'accepting',
      parallel: false,
      nodes: [
        { id: 'accepting', label: 'accepting', kind: 'compound', parent: undefined, initial: 'accepting.active' },
        { ...state, id: 'accepting.active', label: 'active', parent: 'accepting' },
        { ...state, id: 'accepting.paused', label: 'paused', parent: 'accepting' },
        { ...state, id: 'draining', label: 'draining' },
        { ...state, id: 'stopped', label: 'stopped', kind: 'final' },
      ],
      edges: expect.arrayContaining([
        { from: 'accepting', to: 'draining', labels: [{ events: ['stop'], guard: undefined }] },
        { from: 'accepting.active', to: 'accepting.paused', labels: [{ events: ['pause'], guard: undefined }] },
      ]),
    })
  })

  it('is plain data, the same each time', () => {
    const graph = chartGraph(taskMachine)
    expect(chartGraph(taskMachine)).toEqual(graph)
    const copy = JSON.parse(JSON.stringify(graph))
    expect(copy).toEqual(graph)
    expect(new Set(graph.nodes.map(({ id }) => id)).size).toBe(graph.nodes.length)
  })

  it('joins what leads along one edge by the guards', () => {
    const go = [{ guard: 'isReady', target: 'b' }, { target: 'b' }]
    const on = { go, run: { guard: 'isReady', target: 'b' } }
    expect(graphOf({ initial: 'a', states: { a: { on }, b: {} } }).edges).toEqual([
      {
        from: 'a',
        to: 'b',
        labels: [
          { events: ['go', 'run'], guard: 'ready' },
          { events: ['go'], guard: undefined },
        ],
      },
    ])
  })

  it('tells tags, kinds, and where parallel states begin: in all of them', () => {
    const states = { l: { tags: ['x', 'y'] }, r: { initial: 'p', states: { p: {}, h: { type: 'history' } } } }
    const graph = graphOf({ type: 'parallel', states })
    expect([graph.parallel, graph.initial]).toEqual([true, undefined])
    expect(graph.nodes.map(({ id, kind, tags }) => [id, kind, ...tags])).toEqual([
      ['l', 'atomic', 'x', 'y'],
      ['r', 'compound'],
      ['r.p', 'atomic'],
      ['r.h', 'history'],
    ])
  })

  it('tells states apart whose names have dots', () => {
    const states = { 'a.b': { initial: 'c', states: { c: {} } }, a: { initial: 'b', states: { b: {} } }, 'x\\': {} }
    const { nodes, initial } = graphOf({ initial: 'a.b', states })
    expect(nodes.map(({ id, parent }) => [id, parent])).toEqual([
      ['a\\.b', undefined],
      ['a\\.b.c', 'a\\.b'],
      ['a', undefined],
      ['a.b', 'a'],
      ['x\\\\', undefined],
    ])
    expect(nodes.some(({ id }) => id === initial)).toBe(true)
  })

  it('is empty for a machine without states', () => {
    expect(graphOf({})).toEqual({ id: 'm', nodes: [], edges: [], initial: undefined, parallel: false })
  })
})
