/** @module The attempts of a task, read off its steps. */
import type { TaskSnapshot } from '../../../../machines/store-state.ts'
import type { Step } from '../../fold-task.ts'

/** One attempt. */
export interface Attempt {
  readonly run: number
  readonly worker: string
  readonly since: number
  readonly until: number | undefined
  /** How it ended, or the state that it is in. */
  readonly outcome: string
  readonly detail: string | undefined
  /** The place of the step that ended it, or else of the one that began it. */
  readonly place: number
}

/** The attempts among the steps, oldest first. */
export function attemptsOf(steps: readonly Step[]): readonly Attempt[] {
  const attempts: Attempt[] = []
  for (const { happening, before, after, place } of steps) {
    const { event, at } = happening
    const open = attempts.at(-1)
    if (event.type === 'start') {
      const { run, worker } = event
      const outcome = after?.leaf.name ?? 'running'
      attempts.push({ run, worker, since: at, until: undefined, outcome, detail: undefined, place })
    } else if (open !== undefined && open.until === undefined) {
      const held = before.context.claim !== undefined
      const over = held && after?.context.claim === undefined
      const outcome = over ? outcomeOf(event.type, after?.leaf.name ?? 'gone') : (after?.leaf.name ?? open.outcome)
      if (!over && outcome === open.outcome) continue
      const detail = over ? detailOf(after) : open.detail
      attempts[attempts.length - 1] = { ...open, until: over ? at : undefined, outcome, detail, place }
    }
  }
  return attempts
}

function outcomeOf(event: string, state: string): string {
  if (event === 'release' || event === 'ended') return state.startsWith('pending') ? 'handed back' : state
  if (event === 'expire') return 'lost'
  return state === 'pending.delayed' ? 'failed, to be retried' : state
}

function detailOf(after: TaskSnapshot | undefined): string | undefined {
  const context = after?.context
  if (context?.outcome?.status === 'cancelled') return context.outcome.reason
  if (context?.outcome?.status === 'completed' || after?.leaf.name === 'pending.queued') return undefined
  return context?.lastError === undefined ? undefined : `${context.lastError.code}: ${context.lastError.message}`
}
