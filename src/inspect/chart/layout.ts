/** @module Lays a chart out: nested boxes and edges with room for their labels. ELK does it, loaded when it is wanted. */
import type { ELK } from 'elkjs'
import { ValidationError } from '../../errors.ts'
import type { ChartGraph, ChartNode } from '../../machines/chart-graph.ts'
import type { LaidOutChart } from '../protocol.ts'
import { assemble, laneWidth } from './assemble.ts'
import { layoutGrid } from './grid.ts'
import { type LaidOutLevel, type Level, layoutLevel } from './level.ts'
import { isMain } from './pieces.ts'
import { type Plan, planOf } from './plan.ts'
import { nameWidth, sizeOf } from './text.ts'

/** Larger charts are refused: nobody could read them, and it would take minutes. */
const mostNodes = 400
const mostEdges = 2_000
/** Above so many edges in one state they are straight lines: routing them would hold everything else up for many seconds. */
const mostRouted = 60
const narrowest = 80
const boxHeight = 42

/** @throws {ValidationError} for more than 400 states or 2,000 edges. */
export function refuseLarge(graph: ChartGraph): void {
  if (graph.nodes.length > mostNodes)
    throw new ValidationError('chart', `of at most ${mostNodes} states`, graph.nodes.length)
  if (graph.edges.length > mostEdges)
    throw new ValidationError('chart', `of at most ${mostEdges} edges`, graph.edges.length)
}

/**
 * Lays a chart out. The same chart gives the same picture.
 *
 * @param about `id`: what it goes by; `title`: what it is called. @default the id of the chart, for both
 * @throws {ValidationError} for more than 400 states or 2,000 edges.
 */
export async function layoutChart(
  graph: ChartGraph,
  about: { readonly id?: string; readonly title?: string } = {},
): Promise<LaidOutChart> {
  refuseLarge(graph)
  const plan = planOf(graph)
  const elk = new ((await import('elkjs/lib/elk.bundled.js')).default as unknown as new () => ELK)()
  const levels = new Map<string | undefined, LaidOutLevel>()
  await layoutLevels(elk, plan, levels, undefined, 0)
  const { width = 0, height = 0 } = levels.get(undefined) ?? {}
  return {
    id: about.id ?? graph.id,
    title: about.title ?? graph.id,
    width: Math.ceil(width),
    height: Math.ceil(height),
    ...assemble(plan, levels),
  }
}

/** From the inside out: the outer ones have to know how large the inner ones are. */
async function layoutLevels(
  elk: ELK,
  plan: Plan,
  levels: Map<string | undefined, LaidOutLevel>,
  around: ChartNode | undefined,
  depth: number,
): Promise<void> {
  const { graph, lines, forth } = plan
  const states = graph.nodes.filter(({ parent }) => parent === around?.id)
  for (const state of states) {
    if (graph.nodes.some(({ parent }) => parent === state.id)) await layoutLevels(elk, plan, levels, state, depth + 1)
  }
  const pieces = plan.pieces.filter(({ level }) => level === around?.id)
  const level: Level = {
    around: around && { id: around.id, titleWidth: nameWidth(around.label) },
    lanes: pieces.filter((piece) => !isMain(piece)).length * laneWidth,
    states: new Map(states.map((state) => [state.id, levels.get(state.id) ?? sizeOfState(state)])),
    initial: outermost(around === undefined ? graph.initial : around.initial, states),
    pieces,
    labels: new Map(pieces.filter(isMain).map(({ id, edge }) => [id, sizeOf(lines[edge] ?? [])])),
    forth,
    ...waysAt(depth),
  }
  levels.set(around?.id, pieces.length > mostRouted ? layoutGrid(level) : await layoutLevel(elk, level))
}

/** Outside it runs to the right and inside down, so that pictures are neither long nor high. */
function waysAt(depth: number): Pick<Level, 'direction' | 'ahead' | 'back'> {
  const direction = depth === 0 ? 'RIGHT' : 'DOWN'
  return depth <= 1 ? { direction, ahead: 'EAST', back: 'WEST' } : { direction, ahead: 'SOUTH', back: 'NORTH' }
}

const sizeOfState = ({ label }: ChartNode) => ({ width: Math.max(narrowest, nameWidth(label) + 24), height: boxHeight })

/** A state may begin deep inside: the arrow leads to what is around that. */
function outermost(initial: string | undefined, states: readonly ChartNode[]): string | undefined {
  return states.find(({ id }) => id === initial || initial?.startsWith(`${id}.`))?.id
}
