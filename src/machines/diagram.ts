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
  const { root } = machine
  const ids = idsOf(root)
  const id = (node: Node): string => ids.get(node) ?? ''
  const edges = edgesOf(root, guards)
  const lines = ['stateDiagram-v2', `  direction ${direction}`]
  const draw = (node: Node, indent: string): void => {
    const start = node.type === 'parallel' ? undefined : (node.initial?.target?.[0] as Node | undefined)
    if (start !== undefined) lines.push(`${indent}[*] --> ${id(start)}`)
    childrenOf(node).forEach((child, index) => {
      if (node.type === 'parallel' && index > 0) lines.push(`${indent}--`)
      const inner = childrenOf(child).length > 0
      lines.push(`${indent}state "${encode(titleOf(child))}" as ${id(child)}${inner ? ' {' : ''}`)
      if (inner) {
        draw(child, `${indent}  `)
        lines.push(`${indent}}`)
      }
      if (child.type === 'final') lines.push(`${indent}${id(child)} --> [*]`)
    })
    for (const { from, to, block, labels } of edges) {
      if (block === node) lines.push(`${indent}${id(from)} --> ${id(to)} : ${textOf(labels)}`)
    }
  }
  draw(root, '  ')
  return `${lines.join('\n')}\n`
}

interface Edge {
  readonly from: Node
  readonly to: Node
  /** The state in whose block the edge stands. */
  readonly block: Node
  /** The events by the guard that they share; `''` without one. */
  readonly labels: Map<string, Set<string>>
}

function edgesOf(root: Node, guards: boolean): Edge[] {
  const edges = new Map<string, Edge>()
  const add = (from: Node, to: Node, event: string, guard: string): void => {
    const key = `${from.id} ${to.id}`
    // a state belongs to the innermost block that an edge mentions it in, so only siblings may stand in their parent's
    const siblings = from.parent !== undefined && from.parent === to.parent
    const edge = edges.get(key) ?? { from, to, block: siblings ? (from.parent as Node) : root, labels: new Map() }
    edges.set(key, edge)
    edge.labels.set(guard, (edge.labels.get(guard) ?? new Set()).add(event))
  }
  for (const node of [root, ...descendantsOf(root)]) {
    for (const { eventType, target, guard, actions } of transitionsOf(node)) {
      if (target === undefined && actions.length === 0) continue
      const event = eventName(eventType, node)
      for (const to of (target ?? [node]) as Node[]) {
        for (const [tail, head] of endsOf(node, to, root)) add(tail, head, event, guards ? guardName(guard) : '')
      }
    }
  }
  return [...edges.values()]
}

type Transition = NonNullable<Node['always']>[number]

const transitionsOf = (node: Node): Transition[] => [...[...node.transitions.values()].flat(), ...(node.always ?? [])]

/** Where an edge begins and ends: Mermaid cannot draw one from a state to what is inside it, nor one from the root. */
function endsOf(from: Node, to: Node, root: Node): [Node, Node][] {
  if (from === to && from !== root) return [[from, to]]
  if (isInside(from, to)) return [[from, initialOf(to, from)]]
  if (from !== root && !isInside(to, from)) return [[from, to]]
  const able = childrenOf(from).filter(({ type }) => type !== 'history' && !(type === 'final' && from === root))
  return able.flatMap((child) => endsOf(child, from === to ? child : to, root))
}

/** The child in which `node` begins, or the one below it that `from` is not inside of. */
function initialOf(node: Node, from: Node): Node {
  const start = (node.initial?.target?.[0] as Node | undefined) ?? node
  return start !== node && isInside(from, start) ? initialOf(start, from) : start
}

function isInside(node: Node, outer: Node): boolean {
  return node.parent !== undefined && (node.parent === outer || isInside(node.parent as Node, outer))
}

const childrenOf = (node: Node): Node[] => Object.values(node.states) as Node[]
const descendantsOf = (node: Node): Node[] => childrenOf(node).flatMap((child) => [child, ...descendantsOf(child)])

const titleOf = (node: Node): string =>
  node.type === 'history' ? `${node.key} (${node.history === 'deep' ? 'deep history' : 'history'})` : node.key

/** Reads the names that XState makes up as words. */
function eventName(type: string, node: Node): string {
  if (type === '') return 'always'
  if (type === '*') return 'any other event'
  const own = type.endsWith(`.${node.id}`) ? type.slice(0, -node.id.length - 1) : type
  const [, kind, rest] = /^xstate\.(after|done\.state|done\.actor|error\.actor|snapshot)\.?(.*)$/.exec(own) ?? []
  if (kind === undefined) return type
  if (kind === 'after') return `after ${/^\d+$/.test(rest ?? '') ? `${rest} ms` : rest}`
  if (kind === 'done.state') return 'done'
  return `${kind.replace('.actor', '')} ${rest === '' ? '' : actorName(type, node)}`.trim()
}

/** The `id` or the source of an invoked actor; XState numbers those without an id. */
function actorName(type: string, node: Node): string {
  const invoked = node.invoke.find(({ id }) => type.endsWith(`.${id}`))
  if (invoked === undefined) return type
  const numbered = /^\d+\.(.*)$/.exec(invoked.id)?.[1] === node.id
  return numbered && typeof invoked.src === 'string' && !invoked.src.startsWith('xstate.') ? invoked.src : invoked.id
}

/** Reads `isNextAsk` as `next ask`, and guards made by XState's `and`, `or` and `not` as such. */
function guardName(guard: unknown): string {
  if (guard === undefined) return ''
  const { type, name, guards } = guard as { type?: string; name?: string; guards?: readonly unknown[] }
  if (guards !== undefined && guards.length > 0) {
    const [first = '', ...more] = guards.map(guardName)
    return more.length === 0 ? `${name} ${first}` : `(${[first, ...more].join(` ${name} `)})`
  }
  const given = typeof guard === 'string' ? guard : (type ?? name ?? '')
  const words = given.replace(/([a-z\d])([A-Z])/g, '$1 $2').toLowerCase()
  return words.replace(/^(?:is|has) /, '') || 'guard'
}

function textOf(labels: Edge['labels']): string {
  const parts = [...labels].map(([guard, events]) => [...events].join(', ') + (guard === '' ? '' : ` [${guard}]`))
  return parts.map(encode).join('<br/>')
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
function idsOf(root: Node): Map<Node, string> {
  const ids = new Map<Node, string>()
  const taken = new Set<string>()
  for (const node of descendantsOf(root)) {
    const plain = node.path.join('_').replace(/\W/g, '_')
    const base = reserved.test(plain) || !/^[a-z]/i.test(plain) ? `s_${plain}` : plain
    let id = base
    for (let n = 2; taken.has(id); n += 1) id = `${base}_${n}`
    taken.add(id)
    ids.set(node, id)
  }
  return ids
}
