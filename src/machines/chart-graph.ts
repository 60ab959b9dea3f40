/** @module Charts as graphs: the states and the ways between them of any machine of XState, as plain data. */
import type { AnyStateMachine } from 'xstate'

type MachineNode = AnyStateMachine['root']

/** A state. */
export interface ChartNode {
  /** The dotted path: `'running.executing'`; a dot in a name stands behind a backslash. */
  readonly id: string
  readonly label: string
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history'
  /** The state around it; undefined for one of the outermost. */
  readonly parent: string | undefined
  /** Where a state begins that has others inside. */
  readonly initial: string | undefined
  readonly tags: readonly string[]
}

/** What leads along an edge: events that share a guard. */
export interface ChartLabel {
  readonly events: readonly string[]
  /** In words; undefined without one. */
  readonly guard: string | undefined
}

/** A way from a state to a state, with all that leads along it. */
export interface ChartEdge {
  readonly from: string
  readonly to: string
  readonly labels: readonly ChartLabel[]
}

/** A chart as a graph. */
export interface ChartGraph {
  readonly id: string
  /** Parents before their children. */
  readonly nodes: readonly ChartNode[]
  readonly edges: readonly ChartEdge[]
  /** Where the chart begins; undefined for one that begins in all of its states at once. */
  readonly initial: string | undefined
  /** Whether its outermost states are all active at once. */
  readonly parallel: boolean
}

/**
 * The states of a chart and the ways between them.
 * Charts beyond the subset of `compile` are told as well: parallel regions, timers, invoked actors; not their actions.
 *
 * @param machine Any machine of XState.
 * @returns Plain data. The same chart gives the same graph.
 *
 * @example
 * ```ts
 * import { chartGraph, runnerMachine } from 'offstage/machines'
 *
 * chartGraph(runnerMachine).nodes.map(({ id }) => id) // ['accepting', 'accepting.active', …]
 * ```
 */
export function chartGraph(machine: AnyStateMachine): ChartGraph {
  const { root } = machine
  return {
    id: machine.id,
    nodes: descendantsOf(root).map((node) => ({
      id: idOf(node),
      label: labelOf(node),
      kind: node.type,
      parent: node.parent === undefined || node.parent === root ? undefined : idOf(node.parent as MachineNode),
      initial: initialIn(node),
      tags: [...node.tags],
    })),
    edges: edgesOf(root),
    initial: initialIn(root),
    parallel: root.type === 'parallel',
  }
}

/** Dots in a name are escaped, as XState has it in targets. */
const idOf = (node: MachineNode): string => node.path.map((key) => key.replace(/[\\.]/g, '\\$&')).join('.')

function initialIn(node: MachineNode): string | undefined {
  if (node.type === 'parallel') return undefined
  const start = node.initial?.target?.[0] as MachineNode | undefined
  return start === undefined ? undefined : idOf(start)
}

function edgesOf(root: MachineNode): ChartEdge[] {
  const edges = new Map<string, { from: string; to: string; labels: Map<string, Set<string>> }>()
  const add = (from: MachineNode, to: MachineNode, event: string, guard: string): void => {
    const key = `${from.id} ${to.id}`
    const edge = edges.get(key) ?? { from: idOf(from), to: idOf(to), labels: new Map() }
    edges.set(key, edge)
    edge.labels.set(guard, (edge.labels.get(guard) ?? new Set()).add(event))
  }
  for (const node of [root, ...descendantsOf(root)]) {
    for (const { eventType, target, guard, actions } of transitionsOf(node)) {
      if (target === undefined && actions.length === 0) continue
      const event = eventName(eventType, node)
      for (const to of (target ?? [node]) as MachineNode[]) {
        for (const [tail, head] of endsOf(node, to, root)) add(tail, head, event, guardName(guard))
      }
    }
  }
  return Array.from(edges.values(), ({ from, to, labels }) => ({
    from,
    to,
    labels: Array.from(labels, ([guard, events]) => ({ events: [...events], guard: guard === '' ? undefined : guard })),
  }))
}

type Transition = NonNullable<MachineNode['always']>[number]

const transitionsOf = (node: MachineNode): Transition[] => [
  ...[...node.transitions.values()].flat(),
  ...(node.always ?? []),
]

/** Where an edge begins and ends: none from a state to what is inside it can be drawn everywhere, nor one from the root. */
function endsOf(from: MachineNode, to: MachineNode, root: MachineNode): [MachineNode, MachineNode][] {
  if (from === to && from !== root) return [[from, to]]
  if (isInside(from, to)) return [[from, initialOf(to, from)]]
  if (from !== root && !isInside(to, from)) return [[from, to]]
  const able = childrenOf(from).filter(({ type }) => type !== 'history' && !(type === 'final' && from === root))
  return able.flatMap((child) => endsOf(child, from === to ? child : to, root))
}

/** The child in which `node` begins, or the one below it that `from` is not inside of. */
function initialOf(node: MachineNode, from: MachineNode): MachineNode {
  const start = (node.initial?.target?.[0] as MachineNode | undefined) ?? node
  return start !== node && isInside(from, start) ? initialOf(start, from) : start
}

function isInside(node: MachineNode, outer: MachineNode): boolean {
  return node.parent !== undefined && (node.parent === outer || isInside(node.parent as MachineNode, outer))
}

const childrenOf = (node: MachineNode): MachineNode[] => Object.values(node.states) as MachineNode[]
const descendantsOf = (node: MachineNode): MachineNode[] =>
  childrenOf(node).flatMap((child) => [child, ...descendantsOf(child)])

const labelOf = (node: MachineNode): string =>
  node.type === 'history' ? `${node.key} (${node.history === 'deep' ? 'deep history' : 'history'})` : node.key

/** Reads the names that XState makes up as words. */
function eventName(type: string, node: MachineNode): string {
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
function actorName(type: string, node: MachineNode): string {
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
