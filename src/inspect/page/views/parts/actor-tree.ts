/** @module The actors as a tree, flat: each under the one that made it. */
import type { ActorRow } from '../../../protocol.ts'

export interface PlacedActor {
  readonly actor: ActorRow
  readonly depth: number
}

const deepest = 12

/** Parents before their children, in the order in which they came. One whose parent is not known stands at the root. */
export function treeOf(actors: readonly ActorRow[]): readonly PlacedActor[] {
  const known = new Set(actors.map(({ session }) => session))
  const children = new Map<string | undefined, ActorRow[]>()
  for (const actor of actors) {
    const { parent, session } = actor
    const under = parent !== undefined && parent !== session && known.has(parent) ? parent : undefined
    const others = children.get(under)
    if (others === undefined) children.set(under, [actor])
    else others.push(actor)
  }
  const tree: PlacedActor[] = []
  const seen = new Set<string>()
  const todo = (children.get(undefined) ?? []).map((actor) => ({ actor, depth: 0 })).reverse()
  // those who are each other's parent are under no root
  const roots = new Set(actors)
  for (;;) {
    const next = todo.pop()
    if (next === undefined) {
      const [left] = roots
      if (left === undefined) return tree
      todo.push({ actor: left, depth: 0 })
      continue
    }
    roots.delete(next.actor)
    if (seen.has(next.actor.session)) continue
    seen.add(next.actor.session)
    tree.push(next)
    const depth = Math.min(deepest, next.depth + 1)
    for (const actor of [...(children.get(next.actor.session) ?? [])].reverse()) todo.push({ actor, depth })
  }
}

/** The dotted leaves of a state value: `{ payment: { card: 'authorising' } }` is `payment.card.authorising`. */
export function leavesOf(value: unknown, prefix = '', depth = 0): readonly string[] {
  if (typeof value === 'string') return [`${prefix}${value}`]
  if (typeof value !== 'object' || value === null || depth > deepest) return []
  const entries = Object.entries(value)
  return entries.flatMap(([key, inner]) => {
    const leaves = leavesOf(inner, `${prefix}${key}.`, depth + 1)
    return leaves.length === 0 ? [`${prefix}${key}`] : leaves
  })
}
