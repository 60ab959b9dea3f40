/** @module Charts as pictures: Mermaid text of any chart, the same for README, docs and terminal. */
import type { AnyStateMachine } from 'xstate'

type Node = AnyStateMachine['root']

/** Options of {@link toMermaid}. */
export interface MermaidOptions {
  /** Which way it runs. @default 'TB' */
  readonly direction?: 'TB' | 'LR'
  /** Whether edges name their guards. @default true */
  readonly guards?: boolean
}

/**
 * Draws a chart as a Mermaid state diagram: nested states, one edge between two states with all that leads along it.
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
  const edges = edgesOf(machine.root, guards)
  const lines = ['stateDiagram-v2', `  direction ${direction}`]
  const draw = (node: Node, indent: string): void => {
    const start = node.initial?.target?.[0]
    if (start !== undefined) lines.push(`${indent}[*] --> ${idOf(start as Node)}`)
    for (const child of Object.values(node.states) as Node[]) {
      if (Object.keys(child.states).length === 0) {
        lines.push(`${indent}state "${labelOf(child.key)}" as ${idOf(child)}`)
      } else {
        lines.push(`${indent}state "${labelOf(child.key)}" as ${idOf(child)} {`)
        draw(child, `${indent}  `)
        lines.push(`${indent}}`)
      }
      if (child.type === 'final') lines.push(`${indent}${idOf(child)} --> [*]`)
    }
    for (const { from, to, labels, within } of edges) {
      if (within === node) lines.push(`${indent}${idOf(from)} --> ${idOf(to)} : ${labels.join(', ')}`)
    }
  }
  draw(machine.root, '  ')
  return `${lines.join('\n')}\n`
}

interface Edge {
  readonly from: Node
  readonly to: Node
  /** The innermost state around both ends: where the edge is drawn. */
  readonly within: Node
  readonly labels: string[]
}

function edgesOf(root: Node, guards: boolean): Edge[] {
  const edges = new Map<string, Edge>()
  const visit = (node: Node): void => {
    for (const [event, transitions] of node.transitions) {
      for (const { target, guard } of transitions) {
        const to = (target?.[0] ?? node) as Node
        const label = guards && guard !== undefined ? `${labelOf(event)} [${guardName(guard)}]` : labelOf(event)
        const key = `${node.id} ${to.id}`
        const edge = edges.get(key) ?? { from: node, to, within: around(node, to), labels: [] }
        if (!edge.labels.includes(label)) edge.labels.push(label)
        edges.set(key, edge)
      }
    }
    for (const child of Object.values(node.states)) visit(child as Node)
  }
  visit(root)
  return [...edges.values()]
}

function around(a: Node, b: Node): Node {
  let node = a.parent as Node | undefined
  while (node?.parent !== undefined && !b.path.slice(0, -1).join('.').startsWith(node.path.join('.'))) {
    node = node.parent as Node
  }
  return node ?? a
}

/** Reads `isNextAsk` as `next ask`. */
function guardName(guard: unknown): string {
  const name =
    typeof guard === 'string'
      ? guard
      : ((guard as { type?: string; name?: string }).type ?? (guard as { name?: string }).name)
  const words = (name ?? 'guard').replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase()
  return labelOf(words.replace(/^(is|has) /, ''))
}

const idOf = (node: Node): string => node.path.join('_').replace(/\W/g, '_') || 'root'
/** Marks that mean something to Mermaid become their look-alikes. */
const labelOf = (text: string): string => text.replace(/["\n;:#<>{}]/g, ' ').trim() || '(empty)'
