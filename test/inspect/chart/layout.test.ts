import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { layoutChart } from '../../../src/inspect/chart/layout.ts'
import type { LaidOutChart, LaidOutEdge, LaidOutNode } from '../../../src/inspect/protocol.ts'
import { type ChartGraph, chartGraph } from '../../../src/machines/chart-graph.ts'
import { runnerMachine } from '../../../src/machines/runner.ts'
import { scheduleMachine } from '../../../src/machines/schedule.ts'
import { schedulerMachine } from '../../../src/machines/scheduler.ts'
import { taskMachine } from '../../../src/machines/task.ts'
import { workerMachine } from '../../../src/machines/worker.ts'
import { everything, hostile } from './odd.ts'

const task = await layoutChart(chartGraph(taskMachine), { id: 'task', title: 'A task' })
const machines = [taskMachine, runnerMachine, scheduleMachine, schedulerMachine, workerMachine, everything, hostile]
const charts = await Promise.all(machines.map(async (machine) => layoutChart(chartGraph(machine))))

interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const isIn = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width + 0.2 &&
  inner.y + inner.height <= outer.y + outer.height + 0.2
const nodeOf = ({ nodes }: LaidOutChart, id: string): LaidOutNode => {
  const found = nodes.find((node) => node.id === id)
  if (found === undefined) throw new Error(`no node ${id}`)
  return found
}
const edgeOf = ({ edges }: LaidOutChart, from: string, to: string): LaidOutEdge => {
  const found = edges.filter((edge) => edge.from === from && edge.to === to)
  expect(found).toHaveLength(1)
  return found[0] as LaidOutEdge
}
/** How far a point is from the border of a box. */
function fromBorder([x, y]: readonly [number, number], box: Box): number {
  const [right, bottom] = [box.x + box.width, box.y + box.height]
  const outside = Math.hypot(Math.max(box.x - x, 0, x - right), Math.max(box.y - y, 0, y - bottom))
  return outside > 0 ? outside : Math.min(x - box.x, right - x, y - box.y, bottom - y)
}
const namesOf = ({ labels }: LaidOutEdge): string => labels.map(({ event }) => event).join(' | ')

describe.each(charts.map((chart) => [chart.id, chart] as const))('the picture of %s', (_, chart) => {
  const sheet: Box = { x: 0, y: 0, width: chart.width, height: chart.height }

  it('has every state inside the one that it belongs to, parents first', () => {
    const seen = new Set<string>()
    for (const node of chart.nodes) {
      const outer = node.parent === undefined ? sheet : nodeOf(chart, node.parent)
      expect(isIn(node, outer), node.id).toBe(true)
      expect(node.parent === undefined || seen.has(node.parent), node.id).toBe(true)
      seen.add(node.id)
    }
    expect(seen.size).toBe(chart.nodes.length)
  })

  it('has no boxes on top of each other', () => {
    for (const [i, a] of chart.nodes.entries())
      for (const b of chart.nodes.slice(i + 1))
        if (a.parent === b.parent) expect(overlap(a, b), `${a.id} and ${b.id}`).toBe(false)
  })

  it('has no label on another one, or on a box', () => {
    const labels = chart.edges.flatMap(({ label }) => label ?? [])
    expect(labels.length).toBeGreaterThan(0)
    const solid = chart.nodes.filter(({ kind }) => kind !== 'compound' && kind !== 'parallel')
    for (const [i, label] of labels.entries()) {
      expect(isIn(label, sheet)).toBe(true)
      for (const other of [...labels.slice(i + 1), ...solid]) expect(overlap(label, other)).toBe(false)
    }
  })

  it('has edges from the border of one state to the border of another, upright all along', () => {
    for (const edge of chart.edges) {
      const [first, last] = [edge.points[0], edge.points.at(-1)]
      if (first === undefined || last === undefined) throw new Error(`${edge.id} is not drawn`)
      expect(fromBorder(first, nodeOf(chart, edge.from)), `${edge.id} begins`).toBeLessThan(1)
      expect(fromBorder(last, nodeOf(chart, edge.to)), `${edge.id} ends`).toBeLessThan(1)
      for (const [i, [x, y]] of edge.points.slice(1).entries()) {
        const [px = 0, py = 0] = edge.points[i] ?? []
        expect(Math.min(Math.abs(x - px), Math.abs(y - py)), `${edge.id} at ${x} ${y}`).toBeLessThan(0.6)
      }
    }
  })
})

describe('a task', () => {
  it('fits a screen', () => {
    expect([task.width <= 1_200, task.height <= 800]).toEqual([true, true])
    expect([task.id, task.title]).toEqual(['task', 'A task'])
  })

  it('leaves from as far inside as all that leads along an edge does', () => {
    expect(namesOf(edgeOf(task, 'pending', 'cancelled'))).toBe('cancel')
    expect(namesOf(edgeOf(task, 'running.stopping.cancel', 'cancelled'))).toContain('abandon')
    expect(namesOf(edgeOf(task, 'running', 'completed'))).toBe('complete')
    expect(namesOf(edgeOf(task, 'running.executing', 'running.stopping'))).toBe('shutdown | timeout, cancel')
    expect(namesOf(edgeOf(task, 'new', 'pending'))).toBe('submit')
  })

  it('begins at dots', () => {
    expect(edgeOf(task, 'start:', 'new').labels).toEqual([])
    expect(edgeOf(task, 'start:running', 'running.executing').points.length).toBeGreaterThan(1)
    expect(nodeOf(task, 'start:running')).toMatchObject({ kind: 'start', parent: 'running' })
  })
})

describe('laying out', () => {
  it('gives the same picture each time, as plain data', async () => {
    expect(await layoutChart(chartGraph(taskMachine), { id: 'task', title: 'A task' })).toEqual(task)
    expect(JSON.parse(JSON.stringify(task))).toEqual(task)
  })

  it('tells the guards in charts of few edges', () => {
    const schedule = charts[2] as LaidOutChart
    expect(edgeOf(schedule, 'live', 'removed').labels).toEqual([{ event: 'remove', guard: 'current' }])
    expect(task.edges.flatMap(({ labels }) => labels).some(({ guard }) => guard !== undefined)).toBe(false)
  })

  it('reaches a single state deep inside, across the borders around it', async () => {
    const c = { initial: 'd', states: { d: {}, e: {} } }
    const machine = createMachine({
      id: 'deep',
      initial: 'a',
      states: { a: { on: { go: 'b.c.e' } }, b: { initial: 'c', states: { c } } },
    })
    const chart = await layoutChart(chartGraph(machine))
    const { points } = edgeOf(chart, 'a', 'b.c.e')
    expect(fromBorder(points.at(-1) ?? [0, 0], nodeOf(chart, 'b.c.e'))).toBeLessThan(1)
  })

  it('draws a chart without any edge, and one that is parallel outside', async () => {
    expect((await layoutChart(chartGraph(createMachine({ id: 'one' })))).nodes).toEqual([])
    const regions = createMachine({ type: 'parallel', states: { a: {}, b: { initial: 'c', states: { c: {} } } } })
    expect((await layoutChart(chartGraph(regions))).nodes.map(({ id }) => id)).toEqual(['a', 'b', 'b.c', 'start:b'])
  })

  it('cuts names and labels after 200 characters', async () => {
    const [a, b] = ['a'.repeat(10_000), 'b'.repeat(10_000)]
    const machine = createMachine({ initial: a, states: { [a]: { on: { ['e'.repeat(1_000)]: b } }, [b]: {} } } as never)
    const chart = await layoutChart(chartGraph(machine))
    expect(chart.nodes.map(({ label }) => label.length)).toEqual([200, 200, 0])
    expect(edgeOf(chart, a, b).labels.map(({ event }) => event.length)).toEqual([200])
    expect(chart.width).toBeLessThan(1_500)
  })
})

/** States `s0`, `s1` … with edges all over the place. */
function tangle(states: number, edges: number): ChartGraph {
  const id = (n: number): string => `s${n % states}`
  return {
    id: 'tangle',
    parallel: false,
    initial: 's0',
    nodes: Array.from({ length: states }, (_, n) => {
      return { id: id(n), label: id(n), kind: 'atomic', parent: undefined, initial: undefined, tags: [] }
    }),
    edges: Array.from({ length: edges }, (_, n) => {
      return { from: id(n), to: id(n * 7 + Math.floor(n / states)), labels: [{ events: ['go'], guard: undefined }] }
    }),
  }
}

describe('a large chart', () => {
  it('is drawn in rows, with straight edges, when it is too dense to be routed', async () => {
    const chart = await layoutChart(tangle(400, 2_000))
    expect(chart.nodes).toHaveLength(401)
    expect(chart.edges.length).toBeGreaterThan(1_000)
    for (const { from, to, points } of chart.edges) {
      expect(fromBorder(points[0] ?? [0, 0], nodeOf(chart, from))).toBeLessThan(1)
      expect(fromBorder(points.at(-1) ?? [0, 0], nodeOf(chart, to))).toBeLessThan(1)
    }
  })

  it('is refused above 400 states, or 2,000 edges', async () => {
    await expect(layoutChart(tangle(401, 1))).rejects.toThrow('chart must be of at most 400 states, got 401')
    await expect(layoutChart(tangle(400, 2_001))).rejects.toThrow('chart must be of at most 2000 edges, got 2001')
  })
})
