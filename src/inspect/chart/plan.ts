/** @module What of a chart is drawn: edges that are bundled, and cut at borders, and the lines that stand at them. */
import type { ChartGraph } from '../../machines/chart-graph.ts'
import type { LaidOutEdge } from '../protocol.ts'
import { type Bundle, bundleEdges } from './bundle.ts'
import { forthOf, isMain, type Piece, piecesOf } from './pieces.ts'
import { linesOf } from './text.ts'

/** Above so many edges their guards are left out. */
const mostWithGuards = 12

/** What is drawn. Edges go by their numbers. */
export interface Plan {
  readonly graph: ChartGraph
  readonly bundles: readonly Bundle[]
  readonly lines: readonly LaidOutEdge['labels'][]
  readonly pieces: readonly Piece[]
  /** Those that run the way that the picture runs. */
  readonly forth: ReadonlySet<number>
}

export function planOf(graph: ChartGraph): Plan {
  const bundles = bundleEdges(graph)
  const pieces = piecesOf(bundles)
  const starts = [graph, ...graph.nodes].flatMap(({ initial }) => initial ?? [])
  const forth = forthOf([...starts, ...graph.nodes.map(({ id }) => id)], pieces.filter(isMain))
  const guards = bundles.length <= mostWithGuards
  return { graph, bundles, lines: bundles.map(({ labels }) => linesOf(labels, guards)), pieces, forth }
}
