/** @module Edges cut where they cross the border of a state: each level of a chart is laid out by itself. */
import { type Bundle, shared } from './bundle.ts'

/** What of an edge stands in one level: between two states there, or between one and the border around them. */
export interface Piece {
  readonly id: string
  /** The number of the edge. */
  readonly edge: number
  /** The state that it stands in; undefined: outside of all. */
  readonly level: string | undefined
  /** Undefined where it comes in through the border of the level. */
  readonly from: string | undefined
  /** Undefined where it leaves through that. */
  readonly to: string | undefined
}

/** Between neighbours: there stands the label. */
export const isMain = ({ from, to }: Piece): boolean => from !== undefined && to !== undefined

/** Cuts the edges; the pieces of one stand in the order in which they are drawn. */
export function piecesOf(bundles: readonly Bundle[]): Piece[] {
  return bundles.flatMap(({ from, to }, edge) => {
    const isLoop = from.at(-1) === to.at(-1)
    const depth = isLoop ? from.length - 1 : shared(from, to).length
    const out = from.slice(depth + 1).map((state, i) => ({ level: from[depth + i], from: state, to: undefined }))
    const main = { level: from[depth - 1], from: from[depth], to: to[depth] }
    const into = to.slice(depth + 1).map((state, i) => ({ level: to[depth + i], from: undefined, to: state }))
    return [...out.reverse(), main, ...into].map((piece, i) => ({ id: `piece:${edge}:${i}`, edge, ...piece }))
  })
}

/** Finds the edges that do not lead back to where one may come from: they run the way that the picture runs. */
export function forthOf(states: readonly string[], pieces: readonly Piece[]): ReadonlySet<number> {
  const forth = new Set<number>()
  const left = new Map<string, boolean>()
  const visit = (state: string): void => {
    if (left.has(state)) return
    left.set(state, false)
    for (const { edge, from, to } of pieces) {
      if (from !== state || to === undefined) continue
      visit(to)
      if (left.get(to)) forth.add(edge)
    }
    left.set(state, true)
  }
  states.forEach(visit)
  return forth
}
