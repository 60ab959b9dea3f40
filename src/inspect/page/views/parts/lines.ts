/** @module Lines of a drawing: straight ones with round corners, and the head at the end. */

type Point = readonly [x: number, y: number]

const radius = 8
const headLength = 7
const headWidth = 6

/** Straight lines with round corners. */
export function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points
  if (first === undefined) return ''
  let path = `M${at(first)}`
  rest.forEach((point, i) => {
    const next = rest[i + 1]
    if (next === undefined) path += `L${at(point)}`
    else path += `L${at(towards(point, points[i] ?? first, radius))}Q${at(point)} ${at(towards(point, next, radius))}`
  })
  return path
}

/** A triangle whose tip is the last point; empty where there is no direction. */
export function headOf(points: readonly Point[]): string {
  const tip = points.at(-1)
  const before = points.findLast((point) => tip !== undefined && (point[0] !== tip[0] || point[1] !== tip[1]))
  if (tip === undefined || before === undefined) return ''
  const length = Math.hypot(tip[0] - before[0], tip[1] - before[1])
  const [dx, dy] = [(tip[0] - before[0]) / length, (tip[1] - before[1]) / length]
  const [bx, by] = [tip[0] - dx * headLength, tip[1] - dy * headLength]
  const half = headWidth / 2
  return `M${at(tip)}L${at([bx - dy * half, by + dx * half])}L${at([bx + dy * half, by - dx * half])}z`
}

/** From a point towards another one, at most half of the way. */
function towards([x, y]: Point, [tx, ty]: Point, by: number): Point {
  const length = Math.hypot(tx - x, ty - y)
  if (length === 0) return [x, y]
  const part = Math.min(by, length / 2) / length
  return [x + (tx - x) * part, y + (ty - y) * part]
}

const at = ([x, y]: Point): string => `${round(x)} ${round(y)}`
const round = (value: number): number => Math.round(value * 100) / 100
