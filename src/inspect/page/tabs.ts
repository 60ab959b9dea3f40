/** @module The views in the order of their keys. */
import type { ViewName } from '../protocol.ts'

export const tabs: readonly { readonly view: ViewName; readonly title: string }[] = [
  { view: 'chart', title: 'Chart' },
  { view: 'tasks', title: 'Tasks' },
  { view: 'timeline', title: 'Timeline' },
  { view: 'sequence', title: 'Sequence' },
  { view: 'schedules', title: 'Schedules' },
  { view: 'actors', title: 'Actors' },
]
