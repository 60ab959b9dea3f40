/** @module Who moved a task, and by which words. */
import type { Change } from '../machines/fold-store.ts'
import type { StoreRecord } from '../machines/records.ts'
import type { TaskSnapshot } from '../machines/store-state.ts'
import { span } from './human.ts'

type Event = Change['event']

/** Who it was. What was derived came of `record`, which is another task's. */
export function who(event: Event, before: TaskSnapshot | undefined, record: StoreRecord | undefined): string {
  const of = record !== undefined && 'task' in record ? ` ${record.task}` : ''
  switch (event.type) {
    case 'submit':
      if (event.parent !== undefined) return `parent ${event.parent.task}`
      if (event.schedule !== undefined) return `schedule ${event.schedule.name ?? event.schedule.uid}`
      return event.owner === undefined ? '' : `owner ${event.owner}`
    case 'start':
    case 'expire':
      return `worker ${event.worker}`
    case 'cancel':
      if (event.by === 'parent' || event.by === 'schedule') return `${event.by}${event === record ? '' : of}`
      return event.by === undefined ? '' : `by ${event.by}`
    case 'unblock':
      return `need${of}`
    case 'needFailed':
      return `need ${event.need}`
    case 'answer':
      return event === record ? 'an answer' : `child${of}`
    case 'forget':
      return 'retention'
    case 'timeout':
      if (event.scope === 'deadline') return 'its deadline'
  }
  const worker = before?.context.claim === event.claim ? before.context.worker : undefined
  return worker === undefined ? `claim ${event.claim}` : `worker ${worker}`
}

/** What else an event says. */
export function detailOf(event: Event): string {
  switch (event.type) {
    case 'submit':
      return submitted(event)
    case 'start':
      return `run ${event.run}`
    case 'ask':
      return event.wait.kind === 'child' ? `for child ${event.wait.child}` : `for an input: ${event.wait.prompt ?? ''}`
    case 'fail': {
      const again = event.retryAt === undefined ? '' : `; again in ${span(event.retryAt - event.at)}`
      return `${event.error.code}: ${event.error.message}${again}`
    }
    case 'needFailed':
      return event.status
    case 'cancel':
      return event.reason ?? ''
    default:
      return ''
  }
}

function submitted({ retryOf, delay, needs = [] }: Extract<Event, { type: 'submit' }>): string {
  const parts: string[] = []
  if (retryOf !== undefined) parts.push(`again, after ${retryOf}`)
  if (delay !== undefined && delay > 0) parts.push(`delay ${span(delay)}`)
  if (needs.length > 0) parts.push(`needs ${needs.join(', ')}`)
  return parts.join('; ')
}
