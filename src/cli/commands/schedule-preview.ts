/** @module `offstage schedule preview`: what fires next, as a calendar with the clashes. */
import { type PreviewEntry, type PreviewOptions, SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { span } from '../human.ts'
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
const hours = 24
const mostDays = 31

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

/** A row for each day, a mark for each hour: how many fire, and whether some of them clash. */
export function calendar(entries: readonly PreviewEntry[], tz: string): Line[] {
  const days = new Map<string, { fires: number; clashes: boolean }[]>()
  for (const { at, clash } of entries) {
    const local = inZone(at, tz)
    const day = local.slice(0, 10)
    const row = days.get(day) ?? Array.from({ length: hours }, () => ({ fires: 0, clashes: false }))
    const cell = row[Number(local.slice(11, 13))]
    if (cell !== undefined) {
      cell.fires += 1
      cell.clashes ||= clash > 0
    }
    days.set(day, row)
  }
  const head: Line = [styled('dim', `${' '.repeat(12)}0     6     12    18    ${tz}`)]
  const rows = [...days].slice(0, mostDays).map(
    ([day, row]): Line => [
      day,
      '  ',
      ...row.map(({ fires, clashes }): Part => {
        const mark = fires === 0 ? '·' : fires > 9 ? '+' : String(fires)
        return clashes ? styled('yellow', mark) : mark
      }),
    ],
  )
  return [head, ...rows, ['']]
}
