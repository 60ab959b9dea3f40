/** @module Where the lifelines of a sequence stand, and what a message looks like between two of them. */
import type { Lifeline, SequenceMessage } from '../../../protocol.ts'

/** The room for the time, on the left. */
export const timeWidth = 96
const narrowest = 108

const long = 420
/** For the state beside the last lifeline. */
const edge = 36

export interface Columns {
  readonly width: number
  /** The width of one. */
  readonly each: number
  xOf(id: string): number | undefined
  /** All lifelines over a height. */
  path(height: number): string
}

/** Divides the width; many lifelines make it wider than what is in sight. */
export function columnsOf(lifelines: readonly Lifeline[], room: number): Columns {
  const each = Math.max(narrowest, Math.floor((room - timeWidth - edge) / Math.max(1, lifelines.length)))
  const places = new Map(lifelines.map(({ id }, place) => [id, timeWidth + each * place + each / 2]))
  const path = (height: number): string => [...places.values()].map((x) => `M${x} 0V${height}`).join('')
  return { width: timeWidth + each * lifelines.length + edge, each, xOf: (id) => places.get(id), path }
}

/** The lifeline of a task. */
export const lifelineOf = (task: string): string => `task:${task}`

export interface Arrow {
  readonly path: string
  readonly head: string
  /** Where its words stand, and to which side. */
  readonly textX: number
  readonly anchor: 'start' | 'middle' | 'end'
  readonly stateX: number
  /** Of a long arrow: where its words stand once more, at the other end. */
  readonly tailX?: number
}

/** An arrow in a row of this height; `undefined` when an end of it is not drawn. */
export function arrowOf({ from, to, task }: SequenceMessage, columns: Columns, height: number): Arrow | undefined {
  const x1 = columns.xOf(from)
  const x2 = columns.xOf(to)
  if (x2 === undefined) return undefined
  // the state is that of the task, also where it is the task that speaks
  const stateX = (task === undefined ? undefined : columns.xOf(lifelineOf(task))) ?? x2
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
