/** @module A level with too many edges to be routed: its states in rows, the edges straight, without labels. */
import type { Box, Point } from './border.ts'
import {
  type LaidOutLevel,
  type Level,
  leastWidth,
  sideOf,
  startEdgeId,
  startId,
  startSize,
  stateId,
  topOf,
} from './level.ts'
import { isMain, type Piece } from './pieces.ts'

const gap = 48

/** Lays it out, in a time that hardly grows. */
export function layoutGrid(level: Level): LaidOutLevel {
  const { around, initial } = level
  const side = sideOf(level)
  const entries = [...level.states]
  const columns = Math.ceil(Math.sqrt(entries.length))
  const boxes = new Map<string, Box>()
  let [width, y] = [leastWidth(level), topOf(level) + gap / 2]
  if (initial !== undefined) boxes.set(startId(around?.id), { x: side, y, width: startSize, height: startSize })
  for (let row = 0; row < entries.length; row += columns) {
    const own = entries.slice(row, row + columns)
    let x = side + gap
    for (const [state, size] of own) {
      boxes.set(stateId(state), { x, y, ...sizeOf(size) })
      x += size.width + gap
    }
    width = Math.max(width, x + side)
    y += Math.max(...own.map(([, size]) => size.height)) + gap
  }
  const height = y + side
  const ways = new Map(
    level.pieces.map((piece) => [piece.id, wayOf(piece, boxes, { x: 0, y: 0, width, height }, level)]),
  )
  const [dot, first] = [boxes.get(startId(around?.id)), boxes.get(stateId(initial ?? ''))]
  if (dot !== undefined && first !== undefined) ways.set(startEdgeId(around?.id), between(dot, first))
  return { width, height, boxes, ways, labels: new Map() }
}

const sizeOf = ({ width, height }: { readonly width: number; readonly height: number }) => ({ width, height })

function wayOf(piece: Piece, boxes: ReadonlyMap<string, Box>, border: Box, { forth, ahead, back }: Level): Point[] {
  const from = boxes.get(stateId(piece.from ?? ''))
  const to = boxes.get(stateId(piece.to ?? ''))
  if (isMain(piece)) return from === undefined || to === undefined ? [] : from === to ? loop(from) : between(from, to)
  const box = from ?? to
  if (box === undefined) return []
  const out = piece.to === undefined
  const [x, y] = centre(box)
  const side = forth.has(piece.edge) === out ? ahead : back
  const ends = { EAST: [border.width, y], WEST: [0, y], SOUTH: [x, border.height], NORTH: [x, 0] } as const
  const way: Point[] = [clipped(box, ends[side]), ends[side]]
  return out ? way : way.reverse()
}

const centre = ({ x, y, width, height }: Box): Point => [x + width / 2, y + height / 2]
const between = (from: Box, to: Box): Point[] => [clipped(from, centre(to)), clipped(to, centre(from))]

/** Where the line from the middle of a box to the point leaves the box. */
function clipped(box: Box, [px, py]: Point): Point {
  const [x, y] = centre(box)
  const [dx, dy] = [px - x, py - y]
  const part = Math.min(box.width / 2 / Math.max(Math.abs(dx), 1e-6), box.height / 2 / Math.max(Math.abs(dy), 1e-6), 1)
  return [x + dx * part, y + dy * part]
}

function loop({ x, y, width }: Box): Point[] {
  const right = x + width
  return [
    [right - 30, y],
    [right - 30, y - 10],
    [right - 16, y - 10],
    [right - 16, y],
  ]
}
