/** @module Long lists of rows of one height: which are drawn, how one is brought into sight, and where a key leads to. */

/** How many rows are in the page at once, at most, and how many more are drawn than are in sight. */
const most = 80
const usualSpare = 6

/** The rows to draw: those in sight and a few around them. */
export function windowOf(
  scroll: number,
  height: number,
  row: number,
  count: number,
  spare = usualSpare,
): readonly [number, number] {
  const first = Math.max(0, Math.min(Math.floor(scroll / row) - spare, count - 1))
  return [first, Math.min(count, first + Math.min(most, Math.ceil(height / row) + 2 * spare))]
}

interface Scrolled {
  scrollTop: number
  readonly clientHeight: number
}

/** Scrolls as little as possible, so that a row is in sight below the head that stays. */
export function bringIntoSight(element: Scrolled, place: number, row: number, head: number): void {
  const top = place * row
  const below = head + top + row - element.clientHeight
  if (top < element.scrollTop) element.scrollTop = top
  else if (below > element.scrollTop) element.scrollTop = below
}

type Steps = Readonly<Record<string, number>>
export const arrows: Steps = { ArrowDown: 1, ArrowUp: -1 }
export const letters: Steps = { j: 1, k: -1 }
export const pages = (rows: number): Steps => ({ PageDown: rows, PageUp: -rows })

/** The row that a key leads to: Home and End to the ends, the others by so many; undefined for keys that lead nowhere. */
export function placeAfter(key: string, place: number, count: number, steps = arrows): number | undefined {
  if (key === 'Home') return 0
  if (key === 'End') return count - 1
  const by = steps[key]
  return by === undefined ? undefined : Math.max(0, Math.min(count - 1, place + by))
}
