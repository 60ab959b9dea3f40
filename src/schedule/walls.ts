/** @module The wall times of a schedule, before any zone: cron lines through croner, and days by arithmetic. */
import { createRequire } from 'node:module'
import type { CronSchedule, DaysSchedule } from './parsed.ts'

/** Where one wall time leads to the next. All are UTC ms of what the clock shows. */
export interface Walls {
  /** The first one after `wall`. */
  after(wall: number): number | undefined
  /** The last one up to and including `wall`. */
  upTo(wall: number): number | undefined
}

/** It takes 3 ms to load, and who has no schedules needs none of it. */
let croner: typeof import('croner') | undefined
const day = 86_400_000
/** Each takes 80 KB: croner keeps a list of all years. */
const mostLines = 256
const lines = new Map<string, Walls>()

/** The wall times of a cron line; compiled once. @throws What croner throws about a line that is none. */
export function cronWalls(expression: string): Walls {
  const known = lines.get(expression)
  if (known !== undefined) return known
  const made = compile(expression)
  for (const oldest of lines.keys()) {
    if (lines.size < mostLines) break
    lines.delete(oldest)
  }
  lines.set(expression, made)
  return made
}

/** Tells whether croner can read a line. */
export function isCron(expression: string): boolean {
  // croner takes whatever has a colon for a date
  if (expression.includes(':') || expression.includes('@')) return false
  try {
    compile(expression)
    return true
  } catch {
    return false
  }
}

function compile(expression: string): Walls {
  croner ??= createRequire(import.meta.url)('croner') as typeof import('croner')
  // croner's own zones cost 0.2 ms a slot and its clocks differ from ours at changes: it only ever sees UTC
  const cron = new croner.Cron(expression, { utcOffset: 0, paused: true, mode: '5-or-6-parts' })
  return {
    after: (wall) => cron.nextRun(new Date(wall))?.getTime(),
    upTo: (wall) => cron.previousRuns(1, new Date((Math.floor(wall / 1_000) + 1) * 1_000))[0]?.getTime(),
  }
}

/** The wall times of a schedule by days. */
export function dayWalls({ from, every, hour, minute }: DaysSchedule): Walls {
  const first = Date.parse(`${from}T00:00:00Z`) + hour * 3_600_000 + minute * 60_000
  const step = every * day
  return {
    after: (wall) => first + Math.max(0, Math.floor((wall - first) / step) + 1) * step,
    upTo: (wall) => (wall < first ? undefined : first + Math.floor((wall - first) / step) * step),
  }
}

/** The fields of a cron line. */
export function fieldsOf(expression: string): string[] {
  return expression.split(' ').filter((field) => field !== '')
}

/** Whether a cron line names no hours: then it counts real time rather than times of day. */
export function isAnyHour({ expression }: CronSchedule): boolean {
  const hours = fieldsOf(expression).at(-4)
  return hours === '*' || hours === '*/1' || hours === '0-23'
}
