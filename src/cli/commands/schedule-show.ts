/** @module `offstage schedule list`, `show` and `history`. */
import { OffstageError, type Schedule, type ScheduleFilter, type ScheduleFiring, SystemClock } from '../../index.ts'
import { type Call, textOption } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit, usageError } from '../exit.ts'
import { span } from '../human.ts'
import { inZone, lastOf, nextOf, ownerOf } from '../schedules.ts'
import { openSession } from '../session.ts'
import { type Column, pairs, table } from '../table.ts'
import { type Line, styled } from '../text.ts'

const statuses = ['active', 'paused', 'exhausted'] as const
const columns: readonly Column[] = [
  { title: 'NAME', least: 12 },
  { title: 'WHEN', least: 12 },
  { title: 'STATUS' },
  { title: 'NEXT', least: 16 },
  { title: 'RUNS', align: 'right' },
  { title: 'LAST', least: 8 },
]

export async function list(call: Call): Promise<Exit> {
  const { out } = call
  const session = await openSession(call)
  const schedules = await session.runner.schedules.list(filterOf(call))
  if (out.json) out.items(schedules)
  else if (schedules.length === 0) out.note(styled('dim', `there are no schedules in ${session.store.name}`))
  else out.lines(table(columns, rowsOf(schedules), out.width))
  return Exit.DONE
}

function filterOf(call: Call): ScheduleFilter {
  const status = textOption(call, 'status')
  if (status === undefined) return ownerOf(call)
  const known = statuses.find((each) => each === status)
  if (known === undefined) throw usageError(`--status must be of ${statuses.join(', ')}, got ${JSON.stringify(status)}`)
  return { ...ownerOf(call), status: known }
}

function rowsOf(schedules: readonly Schedule[]): Line[] {
  const now = new SystemClock().now()
  return schedules.map((each) => [
    each.name,
    each.description,
    scheduleStatus(each),
    nextOf(each, now),
    String(each.runs),
    lastOf(each),
  ])
}

const scheduleStatus = ({ status }: Schedule) => (status === 'active' ? styled('green', status) : styled('dim', status))

export async function show(call: Call): Promise<Exit> {
  const { out } = call
  const schedule = await find(call)
  const { sentence } = await schedule.explain()
  if (out.json) {
    out.data({ ...schedule.toJSON(), explanation: sentence })
    return Exit.DONE
  }
  const {
    id,
    name,
    owner,
    source,
    when,
    tz,
    description,
    recipe,
    message,
    misfire,
    overlap,
    jitter,
    maxRuns,
    until,
    runs,
  } = schedule
  out.lines(
    pairs([
      ['id', id],
      ['name', name],
      ['owner', owner],
      ['declared by', source],
      ['when', when === description ? when : `${when}: ${description}`],
      ['zone', tz],
      ['status', scheduleStatus(schedule)],
      ['recipe', recipe],
      ['input', schedule.input === undefined ? undefined : JSON.stringify(schedule.input)],
      ['message', message],
      ['misfire', misfire],
      ['overlap', overlap],
      ['jitter', jitter === 0 ? undefined : span(jitter)],
      ['runs', maxRuns === undefined ? String(runs) : `${runs} of ${maxRuns}`],
      ['until', until?.toISOString()],
      ['next', nextOf(schedule, new SystemClock().now())],
      ['last', lastOf(schedule)],
    ]),
  )
  out.line()
  out.line(sentence)
  return Exit.DONE
}

export async function history(call: Call): Promise<Exit> {
  const { out } = call
  const schedule = await find(call)
  if (out.json) out.items(schedule.history)
  else if (schedule.history.length === 0) out.note(styled('dim', 'it has fired nothing yet'))
  else
    out.lines(
      table(
        historyColumns,
        schedule.history.map((entry) => rowOf(entry, schedule.tz)),
        out.width,
      ),
    )
  return Exit.DONE
}

const historyColumns: readonly Column[] = [
  { title: 'SLOT' },
  { title: 'STATUS' },
  { title: 'TASK' },
  { title: '', least: 10 },
]

function rowOf({ scheduledAt, at, task = '', status, reason, missed }: ScheduleFiring, tz: string): Line {
  const slot = scheduledAt === undefined ? `by hand ${inZone(new Date(at), tz)}` : inZone(new Date(scheduledAt), tz)
  const more = [reason, missed === undefined ? undefined : `for ${missed} slots`].filter((part) => part !== undefined)
  return [slot, status === 'skipped' ? styled('yellow', status) : statusPart(status), task, more.join(', ')]
}

async function find(call: Call): Promise<Schedule> {
  const session = await openSession(call)
  const [name = ''] = call.args
  const schedule = await session.runner.schedules.get(name, ownerOf(call))
  if (schedule !== undefined) return schedule
  throw new OffstageError(
    'NOT_FOUND',
    `there is no schedule ${JSON.stringify(name)}; offstage schedule list shows them`,
  )
}
