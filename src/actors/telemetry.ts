/** @module What tools outside may listen to: Node's diagnostics channels, and traces where there is a tracer. */
import { channel } from 'node:diagnostics_channel'
import type { Change } from '../machines/fold-store.ts'
import type { Attempt } from './attempt.ts'

/** Every accepted record of every task that this process folds. Message: `{ task, event, from, to }`. */
const changes = channel('offstage:task')
/** Each call of a handler. Messages: `{ task, name, attempt }`, and at the end also `ok`. */
const starts = channel('offstage:attempt:start')
const ends = channel('offstage:attempt:end')

/** Carries a trace from the submit to the attempts. Implemented over OpenTelemetry where that is installed. */
export interface Tracer {
  /** The trace that is active now, as text to be kept with the task. */
  inject(): string | undefined
  /** Calls the handler within a span of its own. */
  run<T>(attempt: Attempt, handler: () => T): T
  ended(attempt: Attempt, ok: boolean, error: unknown): void
}

/** Reports, when somebody listens. */
export class Telemetry {
  readonly tracer: Tracer | undefined

  constructor(tracer: Tracer | undefined) {
    this.tracer = tracer
  }

  /** Whether anybody wants to hear of calls. */
  get listening(): boolean {
    return this.tracer !== undefined || starts.hasSubscribers
  }

  run<T>(attempt: Attempt, handler: () => T): T {
    if (starts.hasSubscribers) starts.publish(describe(attempt))
    return this.tracer === undefined ? handler() : this.tracer.run(attempt, handler)
  }

  ended(attempt: Attempt, ok: boolean, value: unknown): void {
    if (ends.hasSubscribers) ends.publish({ ...describe(attempt), ok })
    this.tracer?.ended(attempt, ok, ok ? undefined : value)
  }

  changed({ task, event, before }: Change): void {
    if (changes.hasSubscribers) changes.publish({ task: task.id, event, from: before.leaf.name, to: task.state })
  }
}

function describe({ task, number, claim }: Attempt): { task: string; name: string; attempt: number; claim: string } {
  return { task: task.id, name: task.spec.name, attempt: number, claim }
}
