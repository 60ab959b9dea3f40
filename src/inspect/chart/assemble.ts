/** @module The picture of a chart, put together of its levels: every place counts from the corner of the whole. */
import type { LaidOutChart, LaidOutEdge, LaidOutNode } from '../protocol.ts'
import { alongBorder, type Box, type Point, simplified, straightened } from './border.ts'
import { type LaidOutLevel, startEdgeId, startId, stateId } from './level.ts'
import { isMain, type Piece } from './pieces.ts'
import type { Plan } from './plan.ts'
import { cut } from './text.ts'

/** Between a border and an edge that goes along it, and between two of those, in px. */
export const laneWidth = 9

type Levels = ReadonlyMap<string | undefined, LaidOutLevel>
type Boxes = ReadonlyMap<string, Box>
interface Picture {
  readonly plan: Plan
  readonly levels: Levels
  readonly boxes: Boxes
}

/** Puts it together. */
export function assemble(plan: Plan, levels: Levels): Pick<LaidOutChart, 'nodes' | 'edges'> {
  const boxes = boxesOf(plan, levels)
  const starts = startsOf(plan, levels, boxes)
  const states = plan.graph.nodes.map(
    ({ id, label, kind, parent, tags }): LaidOutNode => ({
      id,
      label: cut(label),
      kind,
      ...(parent !== undefined && { parent }),
      ...rounded(boxes.get(id) ?? nothing),
      ...(tags.length > 0 && { tags: tags.map((tag) => cut(tag)) }),
    }),
  )
  const ways = plan.bundles.map((_, edge) => edgeOf(edge, { plan, levels, boxes }))
  return { nodes: [...states, ...starts.map(({ node }) => node)], edges: [...starts.map(({ edge }) => edge), ...ways] }
}

const nothing: Box = { x: 0, y: 0, width: 0, height: 0 }
/** What the places of a level count from. */
const outerBox = (level: string | undefined, boxes: Boxes): Box =>
  level === undefined ? nothing : (boxes.get(level) ?? nothing)

/** Parents come before their children. */
function boxesOf({ graph }: Plan, levels: Levels): Map<string, Box> {
  const boxes = new Map<string, Box>()
  for (const { id, parent } of graph.nodes) {
    const outer = outerBox(parent, boxes)
    boxes.set(id, moved(levels.get(parent)?.boxes.get(stateId(id)) ?? nothing, outer))
  }
  return boxes
}

function startsOf({ graph }: Plan, levels: Levels, boxes: Boxes) {
  return [{ id: undefined, initial: graph.initial }, ...graph.nodes].flatMap(({ id: parent, initial }) => {
    const [id, outer] = [startId(parent), outerBox(parent, boxes)]
    const box = levels.get(parent)?.boxes.get(id)
    if (initial === undefined || box === undefined) return []
    const points = (levels.get(parent)?.ways.get(startEdgeId(parent)) ?? []).map((point) => shifted(point, outer))
    const place = { ...(parent !== undefined && { parent }), ...rounded(moved(box, outer)) }
    const node: LaidOutNode = { id, label: '', kind: 'start', ...place }
    const edge: LaidOutEdge = { id: startEdgeId(parent), from: id, to: initial, labels: [], points: points.map(neat) }
    return [{ node, edge }]
  })
}

function edgeOf(edge: number, picture: Picture): LaidOutEdge {
  const { plan, levels, boxes } = picture
  const pieces = plan.pieces.filter((piece) => piece.edge === edge)
  const main = pieces.find(isMain)
  const label = main && levels.get(main.level)?.labels.get(main.id)
  const { from = [], to = [] } = plan.bundles[edge] ?? {}
  return {
    id: `edge ${edge}`,
    from: from.at(-1) ?? '',
    to: to.at(-1) ?? '',
    labels: plan.lines[edge] ?? [],
    points: simplified(joined(pieces, picture)).map(neat),
    ...(main && label && { label: rounded(moved(label, outerBox(main.level, boxes))) }),
  }
}

/** The pieces of an edge as one way: those inside are fitted to the one between neighbours, from there on inwards. */
function joined(pieces: readonly Piece[], { levels, boxes, plan }: Picture): Point[] {
  const at = pieces.findIndex(isMain)
  const boxOf = (state: string | undefined): Box => boxes.get(state ?? '') ?? nothing
  const wayOf = ({ id, level }: Piece): Point[] =>
    (levels.get(level)?.ways.get(id) ?? []).map((point) => shifted(point, outerBox(level, boxes)))
  const borderOf = (piece: Piece) => ({ box: boxOf(piece.level), inset: insetOf(piece, plan) })
  let points = pieces.slice(at, at + 1).flatMap(wayOf)
  for (const piece of pieces.slice(0, at).reverse())
    points = [...fitted(wayOf(piece), boxOf(piece.from), points[0], borderOf(piece)), ...points]
  for (const piece of pieces.slice(at + 1)) {
    const inwards = fitted(wayOf(piece).reverse(), boxOf(piece.to), points.at(-1), borderOf(piece))
    points = [...points, ...inwards.reverse()]
  }
  return points
}

/** The way from a state to the border around it, and along that to where the edge goes on outside. */
function fitted(
  way: readonly Point[],
  state: Box,
  outer: Point | undefined,
  { box, inset }: { readonly box: Box; readonly inset: number },
): Point[] {
  if (outer === undefined) return [...way]
  const straight = straightened(way, state, outer)
  const last = straight.at(-1) ?? outer
  const meets = Math.hypot(last[0] - outer[0], last[1] - outer[1]) < 1
  return meets ? [...straight] : [...straight.slice(0, -1), ...alongBorder(box, last, outer, inset)]
}

/** Each piece that crosses the border of a level has a lane there for itself. */
function insetOf({ id, level }: Piece, { pieces }: Plan): number {
  return (
    (pieces.filter((piece) => piece.level === level && !isMain(piece)).findIndex((piece) => piece.id === id) + 1) *
    laneWidth
  )
}

const moved = (box: Box, by: Box): Box => ({ ...box, x: box.x + by.x, y: box.y + by.y })
const shifted = ([x, y]: Point, by: Box): Point => [x + by.x, y + by.y]
const tenth = (value: number): number => Math.round(value * 10) / 10
const neat = ([x, y]: Point): Point => [tenth(x), tenth(y)]
const rounded = ({ x, y, width, height }: Box): Box => ({
  x: tenth(x),
  y: tenth(y),
  width: tenth(width),
  height: tenth(height),
})
