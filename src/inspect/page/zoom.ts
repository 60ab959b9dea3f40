/** @module A window of time that is looked at: zoomed, moved, kept in bounds, and divided by ticks that people can read. */

/** From and until when, in epoch ms. */
export type Span = readonly [since: number, until: number]

/** The narrowest and the widest window, in ms. */
export const narrowest = 10
export const widest = 366 * 86_400_000

/** Zooms around a moment, which stays where it is on the screen. A factor below 1 looks closer. */
export function zoomed([since, until]: Span, factor: number, around: number): Span {
  const width = until - since
  const wanted = Math.min(widest, Math.max(narrowest, width * factor))
  const share = width <= 0 ? 0.5 : Math.min(1, Math.max(0, (around - since) / width))
  const from = around - wanted * share
  return [from, from + wanted]
}

/** Moves by a share of the width: 0.5 goes half a window on. */
export function moved([since, until]: Span, share: number): Span {
  const by = (until - since) * share
  return [since + by, until + by]
}

/** Moves back what has left the bounds by more than half of its width: something stays in sight. */
export function kept(span: Span, bounds: Span | undefined): Span {
  if (bounds === undefined) return span
  const [since, until] = span
  const half = (until - since) / 2
  if (since + half < bounds[0]) return [bounds[0] - half, bounds[0] + half]
  if (since + half > bounds[1]) return [bounds[1] - half, bounds[1] + half]
  return span
}

/** The window between two moments, in whichever order; never narrower than {@link narrowest}. */
export function between(one: number, other: number): Span {
  const since = Math.min(one, other)
  return [since, Math.max(since + narrowest, one, other)]
}

/** Where a moment stands, from 0 to 1 inside the window. */
export function placeOf([since, until]: Span, at: number): number {
  return until <= since ? 0 : (at - since) / (until - since)
}

/** Where a moment stands in a drawing of that width, in px. */
export const xOf = (span: Span, width: number, at: number): number => placeOf(span, at) * width

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const steps = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((each) => each * second),
  ...[1, 2, 5, 10, 15, 30].map((each) => each * minute),
  ...[1, 2, 3, 6, 12].map((each) => each * hour),
  ...[1, 2, 7, 14, 28, 56, 112].map((each) => each * day),
]

export interface Tick {
  readonly at: number
  readonly label: string
  /** Whether a new day begins, among hours. */
  readonly strong: boolean
}

/**
 * Divides a window, in local time: days begin at midnight there.
 *
 * @param most How many ticks there is room for.
 * @param offset Minutes to take from UTC, as `Date.getTimezoneOffset` gives them.
 */
export function ticksOf(
  [since, until]: Span,
  most: number,
  offset = new Date(since).getTimezoneOffset(),
): readonly Tick[] {
  const width = until - since
  if (!(width > 0) || most < 1) return []
  const step = steps.find((each) => width / each <= most) ?? (steps.at(-1) as number)
  const shift = offset * minute
  const ticks: Tick[] = []
  for (let at = Math.ceil((since - shift) / step) * step + shift; at <= until && ticks.length <= most; at += step) {
    ticks.push({ at, label: labelOf(at - shift, step), strong: step < day && (at - shift) % day === 0 })
  }
  return ticks
}

const two = (value: number): string => String(value).padStart(2, '0')
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The time of a tick, as exact as its step: `local` is read as if it were UTC. */
function labelOf(local: number, step: number): string {
  const date = new Date(local)
  const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`
  if (step >= day || local % day === 0) return `${date.getUTCDate()} ${months[date.getUTCMonth()]}`
  if (step >= minute) return clock
  const seconds = `${clock}:${two(date.getUTCSeconds())}`
  return step >= second ? seconds : `${seconds}.${String(date.getUTCMilliseconds()).padStart(3, '0')}`
}
