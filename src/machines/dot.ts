/** @module Charts in the language of Graphviz. */
import type { AnyStateMachine } from 'xstate'
import { type ChartGraph, type ChartNode, chartGraph } from './chart-graph.ts'
import { childrenOf, insideOf, labelsOf, type MermaidOptions } from './diagram.ts'

/**
 * Draws a chart in the language of Graphviz, nested states as clusters: `offstage chart --format dot | dot -Tsvg`.
 *
 * @param machine Any machine of XState.
 * @param options As those of `toMermaid`.
 * @returns Text that begins with `digraph`. The same chart gives the same text.
 *
 * @example
 * ```ts
 * import { taskMachine, toDot } from 'offstage/machines'
 *
 * toDot(taskMachine, { guards: false })
 * ```
 */
export function toDot(machine: AnyStateMachine, { direction = 'TB', guards = true }: MermaidOptions = {}): string {
  const graph = chartGraph(machine)
  const lines = [
    `digraph ${quote(graph.id)} {`,
    `  compound=true; rankdir=${direction}; fontname="Helvetica";`,
    '  node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];',
    ...statesOf(graph, undefined, '  '),
  ]
  for (const { from, to, ...edge } of graph.edges) {
    // quoted line by line: what stands between lines is Graphviz's own mark
    const label = labelsOf({ from, to, ...edge }, guards).map((line) => quote(line).slice(1, -1))
    lines.push(
      arrow(graph, quote(leafOf(graph, from)), to, [`label="${label.join('\\n')}"`, ...border(graph, from, 'ltail')]),
    )
  }
  lines.push('}')
  return `${lines.join('\n')}\n`
}

function statesOf(graph: ChartGraph, outer: ChartNode | undefined, indent: string): string[] {
  const { initial } = insideOf(graph, outer)
  const lines: string[] = []
  if (initial !== undefined) {
    const start = quote(`${outer?.id ?? ''} (start)`)
    lines.push(`${indent}${start} [shape=point, width=0.12];`, `${indent}${arrow(graph, start, initial, []).trim()}`)
  }
  for (const child of childrenOf(graph, outer)) {
    const label = quote(child.label)
    if (childrenOf(graph, child).length === 0) {
      lines.push(`${indent}${quote(child.id)} [label=${label}${child.kind === 'final' ? ', peripheries=2' : ''}];`)
      continue
    }
    const style = child.kind === 'parallel' ? 'dashed' : 'rounded'
    lines.push(`${indent}subgraph ${quote(`cluster ${child.id}`)} {`, `${indent}  label=${label}; style=${style};`)
    lines.push(...statesOf(graph, child, `${indent}  `), `${indent}}`)
  }
  return lines
}

function arrow(graph: ChartGraph, tail: string, to: string, attributes: readonly string[]): string {
  const all = [...attributes, ...border(graph, to, 'lhead')]
  return `  ${tail} -> ${quote(leafOf(graph, to))}${all.length === 0 ? '' : ` [${all.join(', ')}]`};`
}

/** Graphviz draws between states without others inside; an edge of one with others ends at its border. */
function border(graph: ChartGraph, state: string, side: 'lhead' | 'ltail'): string[] {
  return leafOf(graph, state) === state ? [] : [`${side}=${quote(`cluster ${state}`)}`]
}

function leafOf(graph: ChartGraph, state: string): string {
  const first = graph.nodes.find(({ parent }) => parent === state)
  return first === undefined ? state : leafOf(graph, first.id)
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\p{Cc}+/gu, ' ')}"`
}
