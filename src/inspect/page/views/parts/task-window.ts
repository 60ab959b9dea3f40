/** @module Which rows of a long list are asked for, and which stay where they are. */

/** Rows are asked for in blocks, so that a small scroll asks for nothing. */
const block = 40
const largest = 200
/** Longer lists are higher than browsers can scroll; search and filters reach the rest. */
export const mostRows = 400_000

/** The window to ask for, if what was asked for does not hold the rows that are drawn. */
export function rowsAsked(
  first: number,
  last: number,
  from: number,
  size: number | undefined,
): { readonly from: number | undefined; readonly size: number } | undefined {
  if (size !== undefined && first >= from && last <= from + size) return undefined
  const begin = Math.max(0, Math.floor((first - block) / block) * block)
  const end = Math.min(begin + largest, Math.ceil((last + block) / block) * block)
  return { from: begin === 0 ? undefined : begin, size: end - begin }
}

interface Rows {
  readonly from: number
  readonly rows: readonly { readonly id: string }[]
}

/** By how many rows what stands at a place has moved down since; 0 where that cannot be told. */
export function grownBy(before: Rows, after: Rows, place: number): number {
  if (before === after) return 0
  const row = before.rows[place - before.from]
  const found = row === undefined ? -1 : after.rows.findIndex(({ id }) => id === row.id)
  return found === -1 ? 0 : after.from + found - place
}
