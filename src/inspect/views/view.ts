/** @module Which view answers a query. All are pure: the same recording and moment give the same view. */
import type { Position, Query, View } from '../protocol.ts'
import { chartView } from './chart.ts'
import type { ViewHost } from './host.ts'
import { schedulesView } from './schedules.ts'
import { sequenceView } from './sequence.ts'
import { taskView } from './task.ts'
import { tasksView } from './tasks.ts'
import { timelineView } from './timeline.ts'

/** The view of a moment. */
export function viewOf(query: Query, n: Position, host: ViewHost): View | Promise<View> {
  switch (query.view) {
    case 'chart':
      return chartView(query, n, host)
    case 'tasks':
      return tasksView(query, n, host)
    case 'task':
      return taskView(query, n, host)
    case 'timeline':
      return timelineView(query, n, host)
    case 'sequence':
      return sequenceView(query, n, host)
    case 'schedules':
      return schedulesView(n, host)
    case 'actors':
      return host.actors(query)
  }
}
