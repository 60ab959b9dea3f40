/** @module Charts as pictures: Mermaid text of any chart, the same for README, docs and terminal. */
import type { AnyStateMachine } from 'xstate'
import { type ChartEdge, type ChartGraph, type ChartLabel, type ChartNode, chartGraph } from './chart-graph.ts'

/** Options of {@link toMermaid}. */
export interface MermaidOptions {
  /** Which way it runs. @default 'TB' */
  readonly direction?: 'TB' | 'LR'
  /** Whether edges name their guards. @default true */
  readonly guards?: boolean
}

/**
 * Draws a chart as a Mermaid state diagram: nested states, one edge between two states with all that leads along it.
 * Charts beyond the subset of `compile` are drawn as well: parallel regions, timers, invoked actors; not their actions.
 *
 * @param machine Any machine of XState.
 * @returns Text that begins with `stateDiagram-v2`. The same chart gives the same text.
 *
 * @example
 * ```ts
 * import { runnerMachine, toMermaid } from 'offstage/machines'
 *
 * toMermaid(runnerMachine, { direction: 'LR' })
 * ```
 */
export function toMermaid(machine: AnyStateMachine, { direction = 'TB', guards = true }: MermaidOptions = {}): string {
  const graph = chartGraph(machine)
  const ids = idsOf(graph)
  const id = (state: string): string => ids.get(state) ?? ''
  const lines = ['stateDiagram-v2', `  direction ${direction}`]
  const draw = (outer: ChartNode | undefined, indent: string): void => {
    const { initial, parallel } = insideOf(graph, outer)
    if (initial !== undefined) lines.push(`${indent}[*] --> ${id(initial)}`)
    childrenOf(graph, outer).forEach((child, index) => {
      if (parallel && index > 0) lines.push(`${indent}--`)
      const inner = childrenOf(graph, child).length > 0
      lines.push(`${indent}state "${encode(child.label)}" as ${id(child.id)}${inner ? ' {' : ''}`)
      if (inner) {
        draw(child, `${indent}  `)
        lines.push(`${indent}}`)
      }
      if (child.kind === 'final') lines.push(`${indent}${id(child.id)} --> [*]`)
    })
    for (const edge of graph.edges) {
      if (blockOf(graph, edge) !== outer?.id) continue
      const text = labelsOf(edge, guards).map(encode).join('<br/>')
      lines.push(`${indent}${id(edge.from)} --> ${id(edge.to)} : ${text}`)
    }
  }
  draw(undefined, '  ')
  return `${lines.join('\n')}\n`
}

export const childrenOf = ({ nodes }: ChartGraph, outer: ChartNode | undefined): ChartNode[] =>
  nodes.filter(({ parent }) => parent === outer?.id)

export const insideOf = (graph: ChartGraph, outer: ChartNode | undefined) => ({
  initial: outer === undefined ? graph.initial : outer.initial,
  parallel: outer === undefined ? graph.parallel : outer.kind === 'parallel',
})

/** The lines of an edge. */
export function labelsOf({ labels }: ChartEdge, guards: boolean): string[] {
  if (!guards) return [[...new Set(labels.flatMap(({ events }) => events))].join(', ')]
  return labels.map(({ events, guard }: ChartLabel) => events.join(', ') + (guard === undefined ? '' : ` [${guard}]`))
}

/** A state belongs to the innermost block that an edge mentions it in, so only siblings may stand in their parent's. */
function blockOf({ nodes }: ChartGraph, { from, to }: ChartEdge): string | undefined {
  const parent = (state: string): string | undefined => nodes.find(({ id }) => id === state)?.parent
  return parent(from) === parent(to) ? parent(from) : undefined
}

/** What means something to Mermaid or to HTML, or ends a line, as an entity. */
function encode(text: string): string {
  const safe = text.replace(/[^\p{L}\p{N} .,()[\]_/+=?!&|@-]/gu, (mark) => `#${mark.codePointAt(0)};`)
  return safe.trim() === '' ? '(empty)' : safe
}

/** Words that Mermaid would take for its own, even as the name of a state. */
const reserved =
  /^(?:state|note|end|as|direction|class|classdef|style|click|default|hide|scale|root|fork|join|choice)$/i

/** A name of letters, digits and `_` for each state; no two alike. */
function idsOf({ nodes }: ChartGraph): Map<string, string> {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  for (const node of nodes) {
    const plain = node.id.replace(/\\([\\.])/g, '$1').replace(/\W/g, '_')
    const base = reserved.test(plain) || !/^[a-z]/i.test(plain) ? `s_${plain}` : plain
    let id = base
    for (let n = 2; taken.has(id); n += 1) id = `${base}_${n}`
    taken.add(id)
    ids.set(node.id, id)
  }
  return ids
}
