/** @module Where the bars of a timeline stand: in rows, grouped by worker; and which of them can be seen at all. */
import type { Bar } from '../../../protocol.ts'
import { type Span, xOf } from '../../zoom.ts'

export const rowHeight = 20
export const headHeight = 24
const gap = 10

export interface Group {
  readonly worker: string
  readonly top: number
  readonly height: number
}
export interface PlacedBar {
  readonly bar: Bar
  readonly x: number
  readonly y: number
  readonly width: number
}
export interface Rows {
  readonly groups: readonly Group[]
  readonly height: number
  /** The upper edge of the row that a bar stands in. */
  topOf(bar: Bar): number
}

const rowName = ({ worker, lane }: Bar): string => `${worker}\n${lane}`

/** The rows that the bars need: workers by name, the lanes of each from above. */
export function rowsOfBars(bars: readonly Bar[]): Rows {
  const lanes = new Map<string, Set<number>>()
  for (const { worker, lane } of bars) {
    const known = lanes.get(worker)
    if (known === undefined) lanes.set(worker, new Set([lane]))
    else known.add(lane)
  }
  const tops = new Map<string, number>()
  const groups: Group[] = []
  let top = 0
  for (const worker of [...lanes.keys()].sort()) {
    const own = [...(lanes.get(worker) ?? [])].sort((a, b) => a - b)
    own.forEach((lane, place) => {
      tops.set(`${worker}\n${lane}`, top + headHeight + place * rowHeight)
    })
    const height = headHeight + own.length * rowHeight
    groups.push({ worker, top, height })
    top += height + gap
  }
  return { groups, height: Math.max(0, top - gap), topOf: (bar) => tops.get(rowName(bar)) ?? 0 }
}

/** The least width at which a bar can still be seen. */
const thinnest = 3

/**
 * The bars in a window, as wide as they are to be drawn. Of those that would stand on the same pixels of one row with
 * the same outcome, one is left.
 */
export function placed(bars: readonly Bar[], rows: Rows, span: Span, width: number, now: number): readonly PlacedBar[] {
  const found: PlacedBar[] = []
  const taken = new Map<string, number>()
  for (const bar of bars) {
    const until = bar.until ?? Math.max(now, bar.since)
    if (until < span[0] || bar.since > span[1]) continue
    const from = Math.max(-8, xOf(span, width, bar.since))
    const to = Math.min(width + 8, xOf(span, width, until))
    const wide = Math.max(thinnest, to - from)
    const name = `${rowName(bar)}\n${bar.outcome}`
    if (wide === thinnest && Math.round(from) <= (taken.get(name) ?? Number.NEGATIVE_INFINITY)) continue
    taken.set(name, Math.round(from + thinnest - 1))
    found.push({ bar, x: from, y: rows.topOf(bar), width: wide })
  }
  return found
}

/** The step line of how many ran at once, as the path of an SVG. */
export function stepPath(
  running: readonly (readonly [number, number])[],
  span: Span,
  width: number,
  yOf: (count: number) => number,
): string {
  let path = ''
  let before: number | undefined
  let last = Number.NEGATIVE_INFINITY
  for (const [at, count] of running) {
    const x = xOf(span, width, at)
    if (x < 0) {
      before = count
      continue
    }
    if (path === '') path = `M0 ${yOf(before ?? 0).toFixed(1)}`
    if (x > width) break
    // steps within half a pixel of each other are one
    if (x - last >= 0.5) {
      path += `H${x.toFixed(1)}`
      last = x
    }
    path += `V${yOf(count).toFixed(1)}`
    before = count
  }
  if (path === '') return before === undefined ? '' : `M0 ${yOf(before).toFixed(1)}H${width}`
  return `${path}H${width}`
}

/** The next bar in a direction: along the row, or in the row above or below whichever is nearest in time. */
export function neighbour(bars: readonly PlacedBar[], from: PlacedBar, key: string): PlacedBar | undefined {
  if (key === 'ArrowLeft' || key === 'ArrowRight') {
    const sorted = [...bars].sort((a, b) => a.bar.since - b.bar.since || a.y - b.y)
    return sorted[sorted.indexOf(from) + (key === 'ArrowLeft' ? -1 : 1)]
  }
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined
  const down = key === 'ArrowDown'
  const beyond = bars.filter(({ y }) => (down ? y > from.y : y < from.y))
  const y = beyond.reduce(
    (best, each) => (down ? Math.min(best, each.y) : Math.max(best, each.y)),
    down ? Number.POSITIVE_INFINITY : -1,
  )
  const middle = (each: PlacedBar) => each.x + each.width / 2
  return beyond
    .filter((each) => each.y === y)
    .reduce<PlacedBar | undefined>((best, each) => {
      if (best === undefined) return each
      return Math.abs(middle(each) - middle(from)) < Math.abs(middle(best) - middle(from)) ? each : best
    }, undefined)
}
