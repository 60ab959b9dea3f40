/** @module One level of a chart, the states inside of one or the outermost ones, as ELK lays it out. */
import type { ELK, ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs'
import type { Box, Point } from './border.ts'
import { isMain, type Piece } from './pieces.ts'

export const stateId = (state: string): string => `state:${state}`
/** The dot in a state, and the arrow from there. */
export const startId = (parent: string | undefined): string => `start:${parent ?? ''}`
export const startEdgeId = (parent: string | undefined): string => `of ${startId(parent)}`

/** What stands in a level. */
export interface Level {
  /** The state around it; undefined outside of all. */
  readonly around: { readonly id: string; readonly titleWidth: number } | undefined
  /** How wide the borders of the level are for pieces that go along them, in px. */
  readonly lanes: number
  readonly states: ReadonlyMap<string, { readonly width: number; readonly height: number }>
  /** The state that it begins in. */
  readonly initial: string | undefined
  readonly pieces: readonly Piece[]
  readonly labels: ReadonlyMap<string, { readonly width: number; readonly height: number }>
  /** Of the edges, those that run the way that the picture runs. */
  readonly forth: ReadonlySet<number>
  readonly direction: 'RIGHT' | 'DOWN'
  /** Where edges go that leave it, and lead back. */
  readonly ahead: 'EAST' | 'SOUTH'
  readonly back: 'WEST' | 'NORTH'
}

/** A level as it was laid out: all places are told from its own upper left corner. */
export interface LaidOutLevel {
  readonly width: number
  readonly height: number
  readonly boxes: ReadonlyMap<string, Box>
  readonly ways: ReadonlyMap<string, readonly Point[]>
  readonly labels: ReadonlyMap<string, Box>
}

export const startSize = 10
const margin = 14
const titleHeight = 36

const common: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.randomSeed': '1',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '3',
  'elk.layered.spacing.nodeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '10',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
}

/** Above so many edges what is good takes many seconds. */
const mostWithCare = 30
const quick: LayoutOptions = { 'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF', 'elk.layered.thoroughness': '1' }

/** How much room there is above what stands in it. */
export const topOf = ({ around, back, lanes }: Level): number =>
  around === undefined ? margin : titleHeight + (back === 'NORTH' ? lanes : 0)

/** How much room there is beside and below it. */
export const sideOf = ({ lanes }: Level): number => margin + lanes

/** The title needs so much. */
export const leastWidth = ({ around }: Level): number => (around === undefined ? 0 : around.titleWidth + 48)

/** Lays it out. */
export async function layoutLevel(elk: ELK, level: Level): Promise<LaidOutLevel> {
  const { around, direction, initial } = level
  const side = sideOf(level)
  const graph: ElkNode = {
    id: 'level',
    children: [
      ...(initial === undefined ? [] : [{ id: startId(around?.id), width: startSize, height: startSize }]),
      ...Array.from(level.states, ([state, { width, height }]) => ({ id: stateId(state), width, height })),
    ],
    edges: [...startEdges(level), ...level.pieces.map((piece) => edgeOf(piece, level))],
    ports: level.pieces.filter((piece) => !isMain(piece)).map((piece) => portOf(piece, level)),
    layoutOptions: {
      ...common,
      ...(level.pieces.length > mostWithCare && quick),
      'elk.direction': direction,
      'elk.padding': `[top=${topOf(level)},left=${side},bottom=${side},right=${side}]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${leastWidth(level)}, 60)`,
      'elk.portConstraints': 'FIXED_SIDE',
    },
  }
  // ELK takes ports of a graph's own border only where that stands in another graph
  const outer = await elk.layout({ id: 'outer', children: [graph], layoutOptions: common })
  return read(outer.children?.[0] ?? graph)
}

function startEdges({ initial, around }: Level): ElkExtendedEdge[] {
  if (initial === undefined) return []
  const ends = { sources: [startId(around?.id)], targets: [stateId(initial)] }
  return [{ id: startEdgeId(around?.id), ...ends, layoutOptions: { 'elk.layered.priority.direction': '20' } }]
}

const portId = ({ id }: Piece): string => `port of ${id}`

function edgeOf(piece: Piece, { labels, forth }: Level): ElkExtendedEdge {
  const size = labels.get(piece.id)
  return {
    id: piece.id,
    sources: [piece.from === undefined ? portId(piece) : stateId(piece.from)],
    targets: [piece.to === undefined ? portId(piece) : stateId(piece.to)],
    labels: size === undefined ? [] : [{ id: `label of ${piece.id}`, text: 'label', ...size }],
    layoutOptions: forth.has(piece.edge) ? { 'elk.layered.priority.direction': '10' } : {},
  }
}

function portOf(piece: Piece, { forth, ahead, back }: Level): NonNullable<ElkNode['ports']>[number] {
  const side = forth.has(piece.edge) === (piece.to === undefined) ? ahead : back
  return { id: portId(piece), width: 0, height: 0, layoutOptions: { 'elk.port.side': side } }
}

function read({ x: left = 0, y: up = 0, width = 0, height = 0, children = [], edges = [] }: ElkNode): LaidOutLevel {
  const boxOf = (box: { x?: number; y?: number; width?: number; height?: number }): Box => {
    return { x: (box.x ?? 0) - left, y: (box.y ?? 0) - up, width: box.width ?? 0, height: box.height ?? 0 }
  }
  const wayOf = ({ sections = [] }: ElkExtendedEdge): Point[] =>
    sections.flatMap(({ startPoint, bendPoints = [], endPoint }) =>
      [startPoint, ...bendPoints, endPoint].map(({ x, y }): Point => [x - left, y - up]),
    )
  return {
    width,
    height,
    boxes: new Map(children.map((child) => [child.id, boxOf(child)])),
    ways: new Map(edges.map((edge) => [edge.id, wayOf(edge)])),
    labels: new Map(edges.flatMap(({ id, labels: [label] = [] }) => (label === undefined ? [] : [[id, boxOf(label)]]))),
  }
}
