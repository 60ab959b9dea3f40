/** @module The schedules at a moment: what each says, when it fires next, and what it has fired. */
import type { Position, ScheduleRow, SchedulesView } from '../protocol.ts'
import type { ScheduleShot } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostSchedules = 500
const slotsShown = 5

export function schedulesView(n: Position, host: ViewHost): SchedulesView {
  const shots = host.recorded.schedulesAt(n)
  const time = host.live ? host.now() : host.recorded.timeAt(n)
  return {
    view: 'schedules',
    total: shots.length,
    schedules: shots.slice(0, mostSchedules).map((shot) => rowOf(shot, time, host)),
  }
}

function rowOf(
  { schedule, status, definition, snapshot, history }: ScheduleShot,
  time: number,
  host: ViewHost,
): ScheduleRow {
  const { redact } = host
  const { when, target, misfire, overlap, maxRuns, until } = definition
  const { fired, lastSlot } = snapshot.context
  const after = Math.max(time, lastSlot)
  const next = status === 'active' ? host.nextSlots(when, after, slotsShown) : []
  return {
    uid: schedule.uid,
    name: shown(schedule.name, redact),
    ...(schedule.owner !== undefined && { owner: shown(schedule.owner, redact) }),
    status,
    when: host.describeWhen(when),
    makes: shown(
      target.recipe === undefined ? `a message: ${target.message ?? ''}` : `a task of ${target.recipe}`,
      redact,
    ),
    misfire,
    overlap,
    runs: fired,
    ...(maxRuns !== undefined && { maxRuns }),
    ...(until !== undefined && { until }),
    ...(history.some(({ slot }) => slot !== undefined) && { lastSlot }),
    next: next.filter((slot) => until === undefined || slot <= until),
    history: history.toReversed().map((entry) => ({
      at: entry.at,
      ...(entry.slot !== undefined && { slot: entry.slot }),
      ...(entry.task !== undefined && { task: entry.task }),
      ...(entry.reason !== undefined && { reason: shown(entry.reason, redact) }),
      ...(entry.status !== undefined && { status: entry.status }),
    })),
  }
}
