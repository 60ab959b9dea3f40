/**
 * @module Edges for a picture: those that leave one state for another, or lead out of one and into another from inside them,
 * are drawn as one. It begins and ends as far inside as all of them do, so one of them alone is drawn as it is.
 */
import type { ChartEdge, ChartGraph, ChartLabel } from '../../machines/chart-graph.ts'

/** An edge, with the states around each end, outermost first, and the end itself last. */
export interface Bundle {
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly labels: readonly ChartLabel[]
}

/** Bundles the edges. Which state inside goes the way is told by what is counted, not by the picture. */
export function bundleEdges({ nodes, edges }: Pick<ChartGraph, 'nodes' | 'edges'>): Bundle[] {
  const parents = new Map(nodes.map(({ id, parent }) => [id, parent]))
  const pathTo = (state: string): string[] => {
    const parent = parents.get(state)
    return parent === undefined ? [state] : [...pathTo(parent), state]
  }
  const bundles = new Map<string, Bundle>()
  for (const edge of edges) {
    const [from, to] = [pathTo(edge.from), pathTo(edge.to)]
    const key = keyOf(edge, from, to)
    const known = bundles.get(key)
    const ends = known === undefined ? { from, to } : { from: shared(known.from, from), to: shared(known.to, to) }
    bundles.set(key, { ...ends, labels: edge.labels.reduce(withLabel, known?.labels ?? []) })
  }
  return [...bundles.values()]
}

/** The same for edges between the same two neighbours, or of what is inside those; loops stay alone. */
function keyOf({ from, to }: ChartEdge, tail: readonly string[], head: readonly string[]): string {
  const depth = shared(tail, head).length
  return JSON.stringify(from === to ? [from] : [tail[depth], head[depth]])
}

/** How two paths begin. */
export function shared(a: readonly string[], b: readonly string[]): readonly string[] {
  const length = a.findIndex((state, i) => state !== b[i])
  return length === -1 ? a : a.slice(0, length)
}

/** Each event once under each guard. */
function withLabel(labels: readonly ChartLabel[], { events, guard }: ChartLabel): readonly ChartLabel[] {
  if (!labels.some((label) => label.guard === guard)) return [...labels, { events, guard }]
  return labels.map((label) =>
    label.guard === guard ? { events: [...new Set([...label.events, ...events])], guard } : label,
  )
}
