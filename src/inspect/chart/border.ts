/** @module Edges where they cross a border: the level inside and the one outside were laid out apart, and meet along it. */

export type Point = readonly [x: number, y: number]

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** Edges keep away from the round corners of boxes, in px. */
const corner = 8
/** One that is moved further might run into what else is there, in px. */
const mostMoved = 10

/**
 * The points between where a piece inside reaches the border and where the one outside goes on: along the border, a bit
 * inside of it, the shorter way around.
 */
export function alongBorder(box: Box, inner: Point, outer: Point, inset: number): Point[] {
  const lane = { x: box.x + inset, y: box.y + inset, width: box.width - 2 * inset, height: box.height - 2 * inset }
  const [begin, end] = [placeOn(lane, inner), placeOn(lane, outer)]
  const round = 2 * (lane.width + lane.height)
  const ahead = (end - begin + round) % round
  const corners: readonly (readonly [number, Point])[] = [
    [0, [lane.x, lane.y]],
    [lane.width, [lane.x + lane.width, lane.y]],
    [lane.width + lane.height, [lane.x + lane.width, lane.y + lane.height]],
    [2 * lane.width + lane.height, [lane.x, lane.y + lane.height]],
  ]
  const clockwise = ahead <= round / 2
  const [since, length] = clockwise ? [begin, ahead] : [end, round - ahead]
  const between = corners
    .map(([at, corner]) => ({ after: (at - since + round) % round, corner }))
    .filter(({ after }) => after > 0 && after < length)
    .sort((a, b) => a.after - b.after)
    .map(({ corner }) => corner)
  if (!clockwise) between.reverse()
  return [footOf(box, lane, inner), pointAt(lane, begin), ...between, pointAt(lane, end), footOf(box, lane, outer)]
}

/**
 * A straight way from a box to a border, moved so that it ends where the edge goes on outside: if it still begins at the box
 * then. The way is told from the box on.
 */
export function straightened(way: readonly Point[], box: Box, outer: Point): readonly Point[] {
  const [begin, end, ...more] = way
  if (begin === undefined || end === undefined || more.length > 0) return way
  const down = same(begin[0], end[0])
  const [place, from, size] = down ? [outer[0], box.x, box.width] : [outer[1], box.y, box.height]
  const isNear = Math.abs(place - (down ? begin[0] : begin[1])) <= mostMoved
  if (!isNear || place < from + corner || place > from + size - corner) return way
  return down
    ? [
        [place, begin[1]],
        [place, end[1]],
      ]
    : [
        [begin[0], place],
        [end[0], place],
      ]
}

/** Straight ahead from a point of the border, where the lane is: next to a corner that may be beside its end. */
function footOf(box: Box, lane: Box, [x, y]: Point): Point {
  const [left, right] = [Math.abs(x - box.x), Math.abs(x - box.x - box.width)]
  const upOrDown = Math.min(Math.abs(y - box.y), Math.abs(y - box.y - box.height))
  if (upOrDown < Math.min(left, right)) return [x, 2 * y < 2 * box.y + box.height ? lane.y : lane.y + lane.height]
  return [left < right ? lane.x : lane.x + lane.width, y]
}

/** How far around the box, clockwise from its upper left corner, the place next to the point is. */
function placeOn({ x, y, width, height }: Box, [px, py]: Point): number {
  const [right, down] = [Math.min(Math.max(px - x, 0), width), Math.min(Math.max(py - y, 0), height)]
  const sides = [
    [Math.abs(py - y), right],
    [Math.abs(px - x - width), width + down],
    [Math.abs(py - y - height), 2 * width + height - right],
    [Math.abs(px - x), 2 * width + 2 * height - down],
  ] as const
  return sides.reduce((nearest, side) => (side[0] < nearest[0] ? side : nearest))[1]
}

function pointAt({ x, y, width, height }: Box, place: number): Point {
  if (place <= width) return [x + place, y]
  if (place <= width + height) return [x + width, y + place - width]
  if (place <= 2 * width + height) return [x + 2 * width + height - place, y + height]
  return [x, y + 2 * (width + height) - place]
}

/** Without the points that stand on a straight line, as those do where pieces meet. */
export function simplified(points: readonly Point[]): Point[] {
  const kept: Point[] = []
  for (const point of points) {
    const [a, b] = [kept.at(-2), kept.at(-1)]
    if (b !== undefined && same(b[0], point[0]) && same(b[1], point[1])) continue
    const straight = a !== undefined && b !== undefined && [0, 1].some((i) => same(a[i], b[i]) && same(b[i], point[i]))
    if (straight) kept.pop()
    kept.push(point)
  }
  return kept
}

const same = (a: number | undefined, b: number | undefined): boolean => Math.abs((a ?? 0) - (b ?? 0)) < 0.5
