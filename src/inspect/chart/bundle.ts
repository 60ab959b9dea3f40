/**
 * @module Edges for a picture: each runs between neighbours. What leaves a state inside others for a place outside of them
 * is drawn from the outermost border that it crosses, and what leads into one to that border; equal ones are drawn once.
 */
import type { ChartGraph, ChartLabel } from '../../machines/chart-graph.ts'

/** The same graph with such edges. Which state inside goes the way is told by what is counted, not by the picture. */
export function bundleEdges(graph: ChartGraph): ChartGraph {
  const parents = new Map(graph.nodes.map(({ id, parent }) => [id, parent]))
  const found = new Map<string, { from: string; to: string; labels: ChartLabel[] }>()
  for (const edge of graph.edges) {
    const from = outermost(edge.from, edge.to, parents)
    const to = outermost(edge.to, edge.from, parents)
    const known = found.get(`${from}\n${to}`) ?? { from, to, labels: [] }
    found.set(`${from}\n${to}`, known)
    for (const label of edge.labels) add(known.labels, label)
  }
  return { ...graph, edges: [...found.values()] }
}

/** The state, or the outermost one around it that is not around the other. */
function outermost(state: string, other: string, parents: ReadonlyMap<string, string | undefined>): string {
  const parent = parents.get(state)
  return parent === undefined || isWithin(other, parent) ? state : outermost(parent, other, parents)
}

const isWithin = (state: string, outer: string): boolean => state === outer || state.startsWith(`${outer}.`)

/** Each event once under each guard. */
function add(labels: ChartLabel[], { events, guard }: ChartLabel): void {
  const same = labels.findIndex((label) => label.guard === guard)
  const known = labels[same]
  if (known === undefined) labels.push({ events, guard })
  else labels[same] = { events: [...new Set([...known.events, ...events])], guard }
}
