/** @module Where the lifelines of a sequence stand, and what a message looks like between two of them. */
import type { Lifeline, SequenceMessage } from '../../../protocol.ts'

/** The room for the time, on the left. */
export const timeWidth = 96
const narrowest = 108

const long = 420
/** For the state beside the last lifeline. */
const rightEdge = 64

export interface Columns {
  readonly width: number
  /** The width of one. */
  readonly each: number
  /** How many of the first stay in sight, however far it is scrolled. */
  readonly pinned: number
  /** Where those that stay end, and the others come into sight. */
  readonly edge: number
  /** That of one behind those that stay is the edge. */
  xOf(id: string): number | undefined
  isHidden(id: string): boolean
  /** Where one stands that goes out of sight; undefined for those that stay. */
  restOf(id: string): number | undefined
  /** All lifelines in sight over a height. */
  path(height: number): string
}

/**
 * Divides the width; many lifelines make it wider than what is in sight. Then those who speak most stay on the left, at
 * most over half of the room.
 *
 * @param scrolled How far it is scrolled to the right, in px.
 */
export function columnsOf(lifelines: readonly Lifeline[], room: number, scrolled = 0): Columns {
  const each = Math.max(narrowest, Math.floor((room - timeWidth - rightEdge) / Math.max(1, lifelines.length)))
  const width = timeWidth + each * lifelines.length + rightEdge
  const speakers = lifelines.findIndex(({ kind }) => kind === 'task' || kind === 'actor')
  const most = Math.floor((room - timeWidth) / 2 / each)
  const pinned = width <= room ? 0 : Math.min(speakers < 0 ? lifelines.length : speakers, most)
  const edge = scrolled + timeWidth + each * pinned
  const at = (place: number): number => timeWidth + each * place + each / 2 + (place < pinned ? scrolled : 0)
  const places = new Map(lifelines.map(({ id }, place) => [id, place]))
  const hidden = (place: number): boolean => place >= pinned && at(place) < edge
  return {
    width,
    each,
    pinned,
    edge,
    xOf(id) {
      const place = places.get(id)
      return place === undefined ? undefined : hidden(place) ? edge : at(place)
    },
    isHidden: (id) => hidden(places.get(id) ?? 0),
    restOf(id) {
      const place = places.get(id)
      return place === undefined || place < pinned ? undefined : at(place)
    },
    path(height) {
      const shown = [...places.values()].filter((place) => !hidden(place))
      return shown.map((place) => `M${at(place)} 0V${height}`).join('')
    },
  }
}

/** The lifeline of a task. */
export const lifelineOf = (task: string): string => `task:${task}`

export interface Arrow {
  readonly path: string
  readonly head: string
  /** Where its words stand, and to which side. */
  readonly textX: number
  readonly anchor: 'start' | 'middle' | 'end'
  /** Where the state stands; undefined behind the lifelines that stay. */
  readonly stateX: number | undefined
  /** Of a long arrow: where its words stand once more, at the other end. */
  readonly tailX?: number
}

/** An arrow in a row of this height; `undefined` when an end of it is not drawn. */
export function arrowOf({ from, to, task }: SequenceMessage, columns: Columns, height: number): Arrow | undefined {
  const x1 = columns.xOf(from)
  const x2 = columns.xOf(to)
  if (x2 === undefined || (columns.isHidden(to) && (x1 === undefined || columns.isHidden(from)))) return undefined
  // the state is that of the task, also where it is the task that speaks
  const of = task === undefined || columns.xOf(lifelineOf(task)) === undefined ? to : lifelineOf(task)
  const stateX = columns.isHidden(of) ? undefined : columns.xOf(of)
  const y = height - 11
  if (x1 === undefined || x1 === x2) {
    const loop = `M${x2} ${y - 10}H${x2 + 22}V${y}H${x2 + 6}`
    return { path: loop, head: headAt(x2 + 1, y, -1), textX: x2 + 28, anchor: 'start', stateX }
  }
  const way = x2 > x1 ? 1 : -1
  return {
    path: `M${x1} ${y}H${x2 - way * 6}`,
    head: headAt(x2 - way, y, way),
    // one end of a long arrow may be out of sight
    ...(Math.abs(x2 - x1) > long && { tailX: x1 + way * 10 }),
    textX: x2 - way * 12,
    anchor: way > 0 ? 'end' : 'start',
    stateX,
  }
}

const headAt = (x: number, y: number, way: number): string => `M${x} ${y}l${-way * 7} -4v8z`
