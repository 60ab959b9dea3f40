/** @module The schedules at a moment: what each says, when it fires next, and what it has fired. */
import { statusOf } from '../../machines/store-state.ts'
import type { TaskStatus } from '../../machines/task.ts'
import type { Position, ScheduleRow, SchedulesView } from '../protocol.ts'
import type { ScheduleShot } from '../recording/recorded.ts'
import type { ViewHost } from './host.ts'
import { shown } from './plain.ts'

const mostSchedules = 500
const slotsShown = 5
const longestWords = 300

export function schedulesView(n: Position, host: ViewHost): SchedulesView {
  const shots = host.recorded.schedulesAt(n)
  const time = host.live ? host.now() : host.recorded.timeAt(n)
  return {
    view: 'schedules',
    total: shots.length,
    schedules: shots.slice(0, mostSchedules).map((shot) => rowOf(shot, time, n, host)),
  }
}

function rowOf(shot: ScheduleShot, time: number, n: Position, host: ViewHost): ScheduleRow {
  const { schedule, status, definition, history } = shot
  const { redact } = host
  const { target, misfire, overlap, maxRuns, until } = definition
  const { fired, lastSlot } = shot.snapshot.context
  return {
    uid: schedule.uid,
    name: shown(schedule.name, redact),
    ...(schedule.owner !== undefined && { owner: shown(schedule.owner, redact) }),
    status,
    ...timesOf(shot, time, host),
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
    history: history.toReversed().map((entry) => firingOf(entry, n, host)),
  }
}

/** In words, and the slots to come. */
function timesOf(
  { status, definition, snapshot }: ScheduleShot,
  time: number,
  { describeWhen, nextSlots, redact }: ViewHost,
): Pick<ScheduleRow, 'when' | 'next'> {
  const { when, until = Number.POSITIVE_INFINITY, maxRuns = Number.POSITIVE_INFINITY } = definition
  const { fired, lastSlot } = snapshot.context
  const left = status === 'active' ? Math.min(slotsShown, maxRuns - fired) : 0
  try {
    const next = left <= 0 ? [] : nextSlots(when, Math.max(time, lastSlot), left)
    return { when: shown(describeWhen(when), redact, longestWords), next: next.filter((slot) => slot <= until) }
  } catch {
    // a newer version may have written what nobody here can reckon with: the others are shown still
    return { when: 'at times that cannot be read here', next: [] }
  }
}

function firingOf(
  { at, slot, task, reason, status }: ScheduleShot['history'][number],
  n: Position,
  host: ViewHost,
): ScheduleRow['history'][number] {
  // the shot was taken when the task was made: how it ended, the task says
  const ended = status ?? (task === undefined ? undefined : endOf(task, n, host))
  return {
    at,
    ...(slot !== undefined && { slot }),
    ...(task !== undefined && { task }),
    ...(reason !== undefined && { reason: shown(reason, host.redact) }),
    ...(ended !== undefined && { status: ended }),
  }
}

function endOf(id: string, n: Position, { recorded }: ViewHost): TaskStatus | undefined {
  const track = recorded.track(id)
  const snapshot = track && recorded.snapshotAt(track, n)
  return snapshot?.leaf.status === 'done' ? statusOf(snapshot) : undefined
}
