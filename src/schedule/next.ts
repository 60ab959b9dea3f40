/** @module The slots of a schedule: which comes next, which came last, in whatever the clocks of its zone do. */
import type { CronSchedule, DaysSchedule, ParsedSchedule } from './parsed.ts'
import { cronWalls, dayWalls, isAnyHour, type Walls } from './walls.ts'
import { firstAt, offsetAt, place, reachedBy, turnOf } from './zone.ts'

const day = 86_400_000
/** Epoch ms of the first and the last slot that is looked for: 1970, and the end of 2999, where croner stops too. */
const earliest = 0
const latest = Date.UTC(3000, 0, 1) - 1
const mostSlots = 10_000

/**
 * The first slot of a schedule after an instant.
 *
 * A time of day is met once a day: where clocks are set back, at the first of the two; where they skip it, at the first
 * moment after the gap. A cron line that names no hours (`*` in the hour field) counts real time instead: it fires
 * whenever a clock shows a matching time, in both passes of a repeated hour, and makes up for nothing that is skipped.
 * So a line for every quarter of an hour keeps its rhythm, and a daily one is neither doubled nor lost.
 *
 * @param parsed What {@link parseSchedule} made of the schedule.
 * @param after Epoch ms.
 * @returns Epoch ms, greater than `after`; undefined when there are no more.
 * @example
 * ```ts
 * import { nextSlot, parseSchedule } from 'offstage'
 *
 * const daily = parseSchedule('every day at 9am', { tz: 'Europe/Berlin' })
 * nextSlot(daily, Date.UTC(2026, 6, 1)) === Date.UTC(2026, 6, 1, 7) // true
 * ```
 */
export function nextSlot(parsed: ParsedSchedule, after: number): number | undefined {
  if (Number.isNaN(after) || after >= latest) return undefined
  if (parsed.kind === 'at') return parsed.time > after ? parsed.time : undefined
  if (parsed.kind === 'every') {
    const { anchor, ms } = parsed
    return within(anchor + Math.max(1, Math.floor((after - anchor) / ms) + 1) * ms)
  }
  const walls = wallsOf(parsed)
  const from = Math.max(after, earliest)
  if (isRealTime(parsed)) return within(realAfter(walls, parsed.tz, from))
  const wall = walls.after(reachedBy(parsed.tz, from))
  return within(wall === undefined ? undefined : firstAt(parsed.tz, wall))
}

/**
 * The last slot of a schedule before an instant.
 *
 * @param parsed What {@link parseSchedule} made of the schedule.
 * @param before Epoch ms.
 * @returns Epoch ms, less than `before`; undefined when there was none.
 */
export function previousSlot(parsed: ParsedSchedule, before: number): number | undefined {
  if (Number.isNaN(before) || before <= earliest) return undefined
  if (parsed.kind === 'at') return parsed.time < before ? parsed.time : undefined
  if (parsed.kind === 'every') {
    const { anchor, ms } = parsed
    const count = Math.ceil((Math.min(before, latest) - anchor) / ms) - 1
    return count < 1 ? undefined : anchor + count * ms
  }
  const walls = wallsOf(parsed)
  const last = Math.min(before, latest) - 1
  if (isRealTime(parsed)) return within(realUpTo(walls, parsed.tz, last))
  const wall = walls.upTo(reachedBy(parsed.tz, last))
  return within(wall === undefined ? undefined : firstAt(parsed.tz, wall))
}

/**
 * The slots of a schedule in a span, oldest first.
 *
 * @param parsed What {@link parseSchedule} made of the schedule.
 * @param after Epoch ms; a slot at it is left out.
 * @param until Epoch ms; a slot at it is taken in.
 * @param limit How many at most; never more than 10,000.
 */
export function slotsBetween(parsed: ParsedSchedule, after: number, until: number, limit = mostSlots): number[] {
  const slots: number[] = []
  let slot = nextSlot(parsed, after)
  while (slot !== undefined && slot <= until && slots.length < Math.min(limit, mostSlots)) {
    slots.push(slot)
    slot = nextSlot(parsed, slot)
  }
  return slots
}

function within(slot: number | undefined): number | undefined {
  return slot !== undefined && slot >= earliest && slot <= latest ? slot : undefined
}

function wallsOf(parsed: CronSchedule | DaysSchedule): Walls {
  return parsed.kind === 'cron' ? cronWalls(parsed.expression) : dayWalls(parsed)
}

function isRealTime(parsed: CronSchedule | DaysSchedule): boolean {
  return parsed.kind === 'cron' && isAnyHour(parsed)
}

function realAfter(walls: Walls, tz: string, after: number): number | undefined {
  const now = offsetAt(tz, after)
  let wall = walls.after(after + now)
  let found: number | undefined
  while (wall !== undefined && found === undefined) {
    const { instants, gap } = place(tz, wall)
    found = instants.find((instant) => instant > after)
    if (found === undefined) wall = walls.after(gap === undefined ? wall : gap.to - 1)
  }
  const ahead = offsetAt(tz, after + day)
  if (ahead >= now) return found
  // clocks will be set back to a time that they show already: its second pass may come before the next new time
  const turn = turnOf(tz, after, after + day)
  if (after + now < turn + ahead) return found
  const again = walls.after(turn + ahead - 1)
  return again === undefined || again >= turn + now ? found : Math.min(again - ahead, found ?? latest)
}

function realUpTo(walls: Walls, tz: string, last: number): number | undefined {
  const now = offsetAt(tz, last)
  let wall = walls.upTo(last + now)
  let found: number | undefined
  while (wall !== undefined && found === undefined) {
    const { instants, gap } = place(tz, wall)
    found = instants.findLast((instant) => instant <= last)
    if (found === undefined) wall = walls.upTo(gap === undefined ? wall - 1 : gap.from - 1)
  }
  const past = offsetAt(tz, last - day)
  if (past <= now) return found
  const turn = turnOf(tz, last - day, last)
  if (last + now >= turn + past) return found
  const first = walls.upTo(turn + past - 1)
  return first === undefined || first < turn + now ? found : Math.max(first - past, found ?? earliest)
}
