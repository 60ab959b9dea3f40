/** @module How many are in which state of every chart, and where the chosen task is. */
import type { ChartView, Position, Query, TaskHappening } from '../protocol.ts'
import { happeningOf } from '../recording/happening.ts'
import { firstAbove } from '../recording/search.ts'
import type { ViewHost } from './host.ts'
import { shownValue } from './plain.ts'
import { rowAt } from './row.ts'

export function chartView({ task }: Query, n: Position, host: ViewHost): ChartView {
  const chosen = task === undefined ? undefined : rowAt(task, n, host)
  const last = task === undefined ? undefined : lastStep(task, n, host)
  return {
    view: 'chart',
    others: othersAt(n, host),
    ...(chosen !== undefined && { chosen }),
    ...(last !== undefined && { last }),
  }
}

/** The last thing that happened to a task up to a moment. */
function lastStep(task: string, n: Position, { recorded, redact }: ViewHost): TaskHappening | undefined {
  const positions = recorded.track(task)?.positions ?? []
  const entry = recorded.entry(positions[firstAbove(positions, n) - 1] ?? 0)
  const happening = entry && happeningOf(entry)
  if (happening?.kind !== 'task') return undefined
  return { ...happening, event: shownValue(happening.event, redact) as TaskHappening['event'] }
}

function othersAt(n: Position, { recorded, live, runnerState }: ViewHost): ChartView['others'] {
  const schedules: Record<string, number> = {}
  for (const { snapshot } of recorded.schedulesAt(n)) {
    const { name } = snapshot.leaf
    schedules[name] = (schedules[name] ?? 0) + 1
  }
  const { workers } = recorded.tallyAt(n)
  return {
    schedule: schedules,
    worker: workers === 0 ? {} : { 'alive.ready': workers },
    ...(live && runnerState !== undefined && { runner: { [runnerState]: 1 } }),
  }
}
