/** @module What an attempt makes of a change of its task: it stops, waits, or goes on. */
import type { Change } from '../machines/fold-store.ts'
import type { Attempt, StopCause } from './attempt.ts'
import type { Slots } from './slots.ts'

/** Who watches over the attempt. */
export interface TellHost {
  readonly slots: Slots
  stop(attempt: Attempt, cause: StopCause): void
  /** Slots may be wanted, or free. */
  pump(): void
}

export function tellAttempt(attempt: Attempt, { task, event }: Change, host: TellHost): void {
  const { claim, stop } = task.snapshot.context
  if (claim !== attempt.claim) {
    if (task.zombie !== attempt.claim && !attempt.settling) host.stop(attempt, 'fenced')
  } else if (stop !== undefined) {
    host.stop(attempt, stop.cause)
  } else if (event.type === 'ask') {
    host.slots.wait(attempt)
  } else if (event.type === 'answer') {
    host.slots.answered(attempt, event.ask, event.value)
    host.pump()
  }
}
