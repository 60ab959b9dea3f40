/** @module Lays a chart out: nested boxes and edges with room for their labels. ELK does it, loaded when it is wanted. */
import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs'
import { ValidationError } from '../../errors.ts'
import type { ChartEdge, ChartGraph, ChartNode } from '../../machines/chart-graph.ts'
import type { LaidOutChart, LaidOutEdge, LaidOutNode } from '../protocol.ts'
import { bundleEdges } from './bundle.ts'

/** Larger charts are refused: nobody could read them, and it would take minutes. */
const mostNodes = 400
const mostEdges = 2_000
const longestLabel = 200
/** Above so many edges their guards are left out, and the events stand in lines of so many characters. */
const mostWithGuards = 12
const longestLine = 18
/** What a character takes at most, in px: names stand in 12 px, labels in 11. */
const [nameWidth, labelWidth] = [7.2, 6]
const lineHeight = 15
const startSize = 10
const around = '[top=40,left=18,bottom=18,right=18]'
/** Outside it runs to the right, one level inside down, and so on: so pictures are neither long nor high. */
const directions = ['RIGHT', 'DOWN'] as const

const common: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '30',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '3',
  'elk.layered.spacing.nodeNodeBetweenLayers': '30',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.padding': '[top=16,left=16,bottom=16,right=16]',
}

/** A dot from which an arrow leads to where a state begins. */
interface Start {
  readonly id: string
  readonly parent: string | undefined
  readonly to: string
}

/** What is drawn, besides the states. */
interface Drawn {
  readonly starts: readonly Start[]
  readonly edges: readonly ChartEdge[]
  readonly guards: boolean
}

/**
 * Lays a chart out. The same chart gives the same picture.
 *
 * @param about `title`: what it is called. @default the id of the chart
 * @throws {ValidationError} for more than 400 states or 2,000 edges.
 */
export async function layoutChart(chart: ChartGraph, about: { readonly title?: string } = {}): Promise<LaidOutChart> {
  if (chart.nodes.length > mostNodes)
    throw new ValidationError('chart', `of at most ${mostNodes} states`, chart.nodes.length)
  if (chart.edges.length > mostEdges)
    throw new ValidationError('chart', `of at most ${mostEdges} edges`, chart.edges.length)
  const graph = bundleEdges(chart)
  const { edges } = graph
  const drawn = { starts: startsOf(graph), edges, guards: edges.length <= mostWithGuards }
  const elk = new ((await import('elkjs/lib/elk.bundled.js')).default as unknown as new () => ELK)()
  const root: ElkNode = await elk.layout({ id: 'chart:', ...levelOf(graph, undefined, 0, drawn) })
  return {
    id: graph.id,
    title: about.title ?? graph.id,
    width: Math.ceil(root.width ?? 0),
    height: Math.ceil(root.height ?? 0),
    nodes: nodesOf(root, new Map(graph.nodes.map((node) => [node.id, node]))),
    edges: edgesOf(root, drawn),
  }
}

function startsOf({ nodes, initial }: ChartGraph): Start[] {
  const starts = nodes.flatMap((node) =>
    node.initial === undefined ? [] : [{ id: `start:${node.id}`, parent: node.id, to: node.initial }],
  )
  return initial === undefined ? starts : [{ id: 'start:', parent: undefined, to: initial }, ...starts]
}

/** What stands in a state, or outside of all. */
function levelOf(graph: ChartGraph, parent: string | undefined, depth: number, drawn: Drawn): Omit<ElkNode, 'id'> {
  const starts = drawn.starts.filter((start) => start.parent === parent)
  const states = graph.nodes.filter((node) => node.parent === parent)
  const isForth = forth(states, starts[0]?.to, drawn.edges)
  const edges = drawn.edges.flatMap((edge, place) =>
    states.some(({ id }) => id === edge.from) ? [elkEdge(edge, place, drawn.guards, isForth(edge))] : [],
  )
  return {
    layoutOptions: { ...common, 'elk.direction': directions[depth % 2] as string },
    children: [
      ...starts.map(({ id }): ElkNode => ({ id, width: startSize, height: startSize })),
      ...states.map((node) => stateOf(graph, node, depth, drawn)),
    ],
    edges: [...starts.map(startEdge), ...edges],
  }
}

function stateOf(graph: ChartGraph, node: ChartNode, depth: number, drawn: Drawn): ElkNode {
  const id = `state:${node.id}`
  const width = Math.max(88, Math.ceil(cut(node.label).length * nameWidth) + 24)
  if (!graph.nodes.some(({ parent }) => parent === node.id)) return { id, width, height: 44 }
  const { layoutOptions, ...level } = levelOf(graph, node.id, depth + 1, drawn)
  const size = {
    'elk.padding': around,
    'elk.nodeSize.constraints': 'MINIMUM_SIZE',
    'elk.nodeSize.minimum': `(${width + 40}, 60)`,
  }
  return { id, ...level, layoutOptions: { ...layoutOptions, ...size } }
}

const startEdge = ({ id, to }: Start): ElkExtendedEdge => ({
  id: `of ${id}`,
  sources: [id],
  targets: [`state:${to}`],
  layoutOptions: { 'elk.layered.priority.direction': '20' },
})

/** Tells which edges lead away from the beginning: those run the way that the picture runs, and others back. */
function forth(
  states: readonly ChartNode[],
  initial: string | undefined,
  edges: readonly ChartEdge[],
): (edge: ChartEdge) => boolean {
  const here = new Set(states.map(({ id }) => id))
  const ranks = new Map<string, number>()
  let open = initial === undefined ? [] : [initial]
  for (let rank = 0; open.length > 0; rank += 1) {
    for (const state of open) ranks.set(state, rank)
    const next = edges.filter(({ from }) => ranks.get(from) === rank).map(({ to }) => to)
    open = [...new Set(next)].filter((state) => here.has(state) && !ranks.has(state))
  }
  return ({ from, to }) => (ranks.get(from) ?? 0) < (ranks.get(to) ?? 0)
}

function elkEdge(edge: ChartEdge, place: number, guards: boolean, isForth: boolean): ElkExtendedEdge {
  const lines = linesOf(edge, guards)
  const longest = Math.max(
    ...lines.map(({ event, guard }) => event.length + (guard === undefined ? 0 : guard.length + 3)),
  )
  const size = { width: Math.ceil(longest * labelWidth) + 8, height: lines.length * lineHeight + 2 }
  return {
    id: `edge ${place}`,
    sources: [`state:${edge.from}`],
    targets: [`state:${edge.to}`],
    labels: [{ id: `label ${place}`, text: 'label', ...size }],
    layoutOptions: isForth ? { 'elk.layered.priority.direction': '10' } : {},
  }
}

const cut = (text: string): string => (text.length <= longestLabel ? text : `${text.slice(0, longestLabel - 1)}…`)

/** With their guards, or the events alone, in lines that are not too long. */
function linesOf({ labels }: ChartEdge, guards: boolean): LaidOutEdge['labels'] {
  if (guards) {
    return labels.map(({ events, guard }) => {
      const event = cut(events.join(', '))
      return guard === undefined ? { event } : { event, guard: cut(guard) }
    })
  }
  const lines: string[] = []
  for (const event of new Set(labels.flatMap(({ events }) => events))) {
    const last = lines.at(-1)
    if (last === undefined || last.length + event.length > longestLine) lines.push(cut(event))
    else lines[lines.length - 1] = `${last}, ${event}`
  }
  return lines.map((event) => ({ event }))
}

function nodesOf(root: ElkNode, states: ReadonlyMap<string, ChartNode>): LaidOutNode[] {
  const found: LaidOutNode[] = []
  const visit = (node: ElkNode, parent: string | undefined): void => {
    const { id, x = 0, y = 0, width = 0, height = 0 } = node
    const box = { x: round(x), y: round(y), width: round(width), height: round(height) }
    const outer = parent === undefined ? {} : { parent }
    if (id.startsWith('start:')) found.push({ id, label: '', kind: 'start', ...outer, ...box })
    const state = states.get(id.slice('state:'.length))
    if (!id.startsWith('state:') || state === undefined) return
    const tags = state.tags.length === 0 ? {} : { tags: state.tags }
    found.push({ id: state.id, label: cut(state.label), kind: state.kind, ...outer, ...box, ...tags })
    for (const child of node.children ?? []) visit(child, state.id)
  }
  for (const child of root.children ?? []) visit(child, undefined)
  return found
}

function edgesOf(root: ElkNode, { starts, edges, guards }: Drawn): LaidOutEdge[] {
  const laid = new Map<string, ElkExtendedEdge>()
  const visit = (node: ElkNode): void => {
    for (const edge of node.edges ?? []) laid.set(edge.id, edge)
    for (const child of node.children ?? []) visit(child)
  }
  visit(root)
  const pointsOf = (id: string): [number, number][] =>
    (laid.get(id)?.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
      [startPoint, ...bendPoints, endPoint].map(({ x, y }): [number, number] => [round(x), round(y)]),
    )
  const ofStarts = starts.map(({ id, to }): LaidOutEdge => {
    return { id: `of ${id}`, from: id, to, labels: [], points: pointsOf(`of ${id}`) }
  })
  const ofStates = edges.map((edge, place): LaidOutEdge => {
    const id = `edge ${place}`
    const { x, y, width = 0, height = 0 } = laid.get(id)?.labels?.[0] ?? {}
    const box = x === undefined || y === undefined ? {} : { label: { x: round(x), y: round(y), width, height } }
    return { id, from: edge.from, to: edge.to, labels: linesOf(edge, guards), points: pointsOf(id), ...box }
  })
  return [...ofStarts, ...ofStates]
}

const round = (value: number): number => Math.round(value * 10) / 10
