/** @module Clocks of a time zone against real time. A wall time is what a clock shows, written as if it were UTC ms. */

const day = 86_400_000
const mostZones = 1_000
const mostDays = 400
const formats = new Map<string, Intl.DateTimeFormat>()
/** Offsets by zone and day of the epoch. */
const midnights = new Map<string, Map<number, number>>()
/** The change that was looked for last, by zone: all slots of a day ask for the same one. */
const turns = new Map<string, number>()

/** Tells whether `tz` is an IANA zone that this process knows. */
export function isZone(tz: string): boolean {
  if (tz.length > 64 || !/^[a-z]/i.test(tz)) return false
  try {
    formatOf(tz)
    return true
  } catch {
    return false
  }
}

function formatOf(tz: string): Intl.DateTimeFormat {
  const known = formats.get(tz)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone: tz,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  if (formats.size >= mostZones) formats.clear()
  formats.set(tz, made)
  return made
}

/** How far the clocks of the zone are ahead of UTC at an instant, in ms. */
export function offsetAt(tz: string, at: number): number {
  if (tz === 'UTC') return 0
  const date = Math.floor(at / day)
  const offset = offsetAtMidnight(tz, date)
  // no zone changes its clocks twice within a day
  return offset === offsetAtMidnight(tz, date + 1) ? offset : offsetNow(tz, at)
}

function offsetAtMidnight(tz: string, date: number): number {
  let known = midnights.get(tz)
  if (known === undefined) {
    if (midnights.size >= mostZones) midnights.clear()
    known = new Map()
    midnights.set(tz, known)
  }
  const offset = known.get(date)
  if (offset !== undefined) return offset
  const found = offsetNow(tz, date * day)
  if (known.size >= mostDays) known.clear()
  known.set(date, found)
  return found
}

function offsetNow(tz: string, at: number): number {
  const second = Math.floor(at / 1_000) * 1_000
  const [month = 1, date = 1, year = 1970, hour = 0, minute = 0, rest = 0] = formatOf(tz)
    .format(second)
    .split(/[^0-9]+/)
    .map(Number)
  return Date.UTC(year, month - 1, date, hour, minute, rest) - second
}

/** The first instant after `low` at which the offset is another than at `low`; it must have changed by `high`. */
export function turnOf(tz: string, low: number, high: number): number {
  const known = turns.get(tz)
  if (known !== undefined && known > low && known <= high) return known
  const offset = offsetAt(tz, low)
  let from = Math.floor(low / 1_000)
  let to = Math.ceil(high / 1_000)
  while (to - from > 1) {
    const middle = Math.floor((from + to) / 2)
    if (offsetAt(tz, middle * 1_000) === offset) from = middle
    else to = middle
  }
  if (turns.size >= mostZones) turns.clear()
  turns.set(tz, to * 1_000)
  return to * 1_000
}

/** What becomes of a wall time: the instants at which clocks show it, or the gap in which they skip it. */
export interface Placed {
  /** In order; two where the clocks show it twice. */
  readonly instants: readonly number[]
  /** Where no clock shows it: when they jump, and the wall times from which and to which. */
  readonly gap?: { readonly at: number; readonly from: number; readonly to: number }
}

/** Finds a wall time in real time. */
export function place(tz: string, wall: number): Placed {
  const before = offsetAt(tz, wall - day)
  const after = offsetAt(tz, wall + day)
  if (before === after) return { instants: [wall - before] }
  const instants = [before, after].filter((offset) => offsetAt(tz, wall - offset) === offset).map((o) => wall - o)
  if (instants.length > 0) return { instants }
  const at = turnOf(tz, wall - after, wall - before)
  return { instants, gap: { at, from: at + before, to: at + after } }
}

/** The first instant at which clocks show `wall`, or the first after the gap in which they skip it. */
export function firstAt(tz: string, wall: number): number {
  const { instants, gap } = place(tz, wall)
  return instants[0] ?? gap?.at ?? wall
}

/** The latest wall time that clocks had shown by `at`: while an hour is repeated, it stands still. */
export function reachedBy(tz: string, at: number): number {
  const now = offsetAt(tz, at)
  const past = offsetAt(tz, at - day)
  if (past <= now) return at + now
  return Math.max(at + now, turnOf(tz, at - day, at) + past - 1)
}
