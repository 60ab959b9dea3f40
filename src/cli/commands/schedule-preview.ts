/** @module `offstage schedule preview`: what fires next, as a calendar with the clashes. */
import { type PreviewEntry, type PreviewOptions, SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { count, span } from '../human.ts'
import { integerOption } from '../input.ts'
import { inZone, ownerOf, timeOption } from '../schedules.ts'
import { openSession } from '../session.ts'
import { type Column, table } from '../table.ts'
import { type Line, type Part, styled } from '../text.ts'

const columns: readonly Column[] = [
  { title: 'AT' },
  { title: 'IN', align: 'right' },
  { title: 'SCHEDULE', least: 12 },
  { title: '', least: 10 },
]
/** Of a calendar; a day has fewer hours. */
const mostRows = 31

export async function preview(call: Call): Promise<Exit> {
  const { args, out } = call
  const options = optionsOf(call)
  const session = await openSession(call)
  const { schedules } = session.runner
  const entries = await schedules.preview(options)
  if (out.json) {
    out.items(entries)
    return Exit.DONE
  }
  if (entries.length === 0) {
    out.note(styled('dim', args[0] === undefined ? 'nothing fires in that time' : 'it fires no more in that time'))
    return Exit.DONE
  }
  const zones = new Map((await schedules.list(ownerOf(call))).map(({ id, tz }) => [id, tz]))
  if (out.live) out.lines(calendar(entries, zones.get(entries[0]?.id ?? '') ?? 'UTC'))
  const now = new SystemClock().now()
  out.lines(
    table(
      columns,
      entries.map((entry) => rowOf(entry, zones.get(entry.id) ?? 'UTC', now)),
      out.width,
    ),
  )
  return Exit.DONE
}

function optionsOf(call: Call): PreviewOptions {
  const next = integerOption(call, 'next', '--next', 1, 10_000)
  const from = timeOption(call, 'from')
  const until = timeOption(call, 'until')
  if (from !== undefined && until !== undefined && until <= from) throw usageError('--until must be after --from')
  const [name] = call.args
  return {
    ...ownerOf(call),
    ...(name !== undefined && { name }),
    ...(next !== undefined && { next }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
  }
}

function rowOf({ schedule, at, clash, note = '' }: PreviewEntry, tz: string, now: number): Line {
  const clashes: Part = clash === 0 ? '' : styled('yellow', `with ${clash} more in this minute`)
  return [inZone(at, tz), span(at.getTime() - now), schedule, clashes === '' ? note : clashes]
}

/** How the firings are laid out: what is a row, and what is a cell of it. */
interface Grid {
  readonly head: string
  readonly cells: number
  row(local: string): string
  cell(local: string): number
}

const byDay: Grid = {
  head: '0     3     6     9     12    15    18    21',
  cells: 24,
  row: (local) => local.slice(0, 10),
  cell: (local) => Number(local.slice(11, 13)),
}
const byHour: Grid = {
  head: ':00   :15   :30   :45',
  cells: 12,
  row: (local) => local.slice(0, 13),
  cell: (local) => Math.floor(Number(local.slice(14, 16)) / 5),
}

/**
 * A row for each day and a cell for each hour, or, where all is within a day, a row for each hour and a cell for five
 * minutes: how many fire, with a `!` where several do in the same minute.
 */
export function calendar(entries: readonly PreviewEntry[], tz: string): Line[] {
  const times = entries.map(({ at, clash }) => ({ local: inZone(at, tz), clash }))
  const grid = new Set(times.map(({ local }) => byDay.row(local))).size > 1 ? byDay : byHour
  const rows = new Map<string, { fires: number; clashes: boolean }[]>()
  for (const { local, clash } of times) {
    const row = rows.get(grid.row(local)) ?? Array.from({ length: grid.cells }, () => ({ fires: 0, clashes: false }))
    rows.set(grid.row(local), row)
    const cell = row[grid.cell(local)]
    if (cell === undefined) continue
    cell.fires += 1
    cell.clashes ||= clash > 0
  }
  const indent = (times[0] === undefined ? 0 : grid.row(times[0].local).length) + 2
  const lines = [...rows].slice(0, mostRows).map(([name, row]): Line => [name, '  ', ...row.map(markOf)])
  const more = rows.size - lines.length
  return [
    [styled('dim', `${' '.repeat(indent)}${grid.head}    ${tz}`)],
    ...lines,
    ...(more > 0 ? [[styled('dim', `… and ${count(more, 'day')} more`)]] : []),
    [''],
  ]
}

function markOf({ fires, clashes }: { readonly fires: number; readonly clashes: boolean }): Part {
  const mark = fires === 0 ? '·' : fires > 9 ? '+' : String(fires)
  return clashes ? styled('yellow', `${mark}!`) : `${mark} `
}
