/** @module What tools outside may listen to: Node's diagnostics channels, and traces where there is a tracer. */
import { channel } from 'node:diagnostics_channel'
import { toFailure } from '../errors.ts'
import type { Change } from '../machines/fold-store.ts'
import type { Attempt } from './attempt.ts'

/** The message of `offstage:task`: one step in the life of a task. Never its input, its result or its messages. */
export interface TaskMessage {
  readonly task: string
  readonly name: string
  /** Undefined for functions. */
  readonly recipe: string | undefined
  /** The type of the record, such as `'start'`. */
  readonly event: string
  /** The dotted state before, `'new'` at the submit, and the one after. */
  readonly from: string
  readonly to: string
  /** Epoch ms. */
  readonly at: number
  /** The code of the failure, once the task has failed. */
  readonly error: string | undefined
}

/** The message of `offstage:attempt:start`: a handler is about to be called. */
export interface AttemptMessage {
  readonly task: string
  readonly name: string
  /** Undefined for functions. */
  readonly recipe: string | undefined
  /** From 1. */
  readonly attempt: number
  /** The same at the start and at the end of one call, and of no other call. */
  readonly claim: string
}

/** The message of `offstage:attempt:end`: the handler has ended. */
export interface AttemptEndMessage extends AttemptMessage, AttemptEnd {}

/** How one call of a handler ended. */
export interface AttemptEnd {
  /** `stopped`: its runner stops, and another worker may go on. */
  readonly outcome: 'completed' | 'failed' | 'cancelled' | 'stopped'
  /** The code of the failure. */
  readonly error: string | undefined
}

/** Every record that a runner of this process has seen accepted. */
const changes = channel('offstage:task')
const starts = channel('offstage:attempt:start')
const ends = channel('offstage:attempt:end')

/** Carries a trace from the submit to the attempts. None of its methods throws. */
export interface Tracer {
  /** The trace that is active now, or else the parent's, as text to be kept with a task. */
  inject(parent: Attempt | undefined): string | undefined
  /** Calls the handler within a span of its own. */
  run<T>(attempt: Attempt, handler: () => T): T
  ended(attempt: Attempt, end: AttemptEnd): void
}

/** Reports, when somebody listens; computes nothing otherwise. */
export class Telemetry {
  readonly #find: () => Tracer | undefined
  /** The one that was there at the latest call: what it began it ends, even if no provider is registered any more. */
  #tracer: Tracer | undefined

  /** @param find Looked up at every use, as a tracer may come later than the runner. */
  constructor(find: () => Tracer | undefined) {
    this.#find = find
  }

  /** Whether anybody wants to hear of calls. */
  get listening(): boolean {
    return starts.hasSubscribers || this.#find() !== undefined
  }

  /** The trace that a submit belongs to. */
  inject(parent: Attempt | undefined): string | undefined {
    return this.#find()?.inject(parent)
  }

  run<T>(attempt: Attempt, handler: () => T): T {
    if (starts.hasSubscribers) starts.publish(describe(attempt))
    const tracer = this.#find()
    if (tracer === undefined) return handler()
    this.#tracer = tracer
    return tracer.run(attempt, handler)
  }

  ended(attempt: Attempt, ok: boolean, value: unknown): void {
    if (this.#tracer === undefined && !ends.hasSubscribers) return
    const end = endOf(attempt, ok, value)
    if (ends.hasSubscribers) ends.publish({ ...describe(attempt), ...end } satisfies AttemptEndMessage)
    this.#tracer?.ended(attempt, end)
  }

  changed(change: Change): void {
    if (changes.hasSubscribers) changes.publish(describeChange(change))
  }
}

function describe({ task, number, claim }: Attempt): AttemptMessage {
  return { task: task.id, name: task.spec.name, recipe: task.spec.recipe, attempt: number, claim }
}

function describeChange({ task, event, before }: Change): TaskMessage {
  const { name, recipe } = task.spec
  const { outcome } = task.snapshot.context
  const error = outcome?.status === 'failed' ? outcome.error.code : undefined
  return { task: task.id, name, recipe, event: event.type, from: before.leaf.name, to: task.state, at: event.at, error }
}

/** Our own signal first, as where the end is recorded: what a handler returns or throws after an abort says nothing. */
function endOf({ stopCause }: Attempt, ok: boolean, value: unknown): AttemptEnd {
  if (stopCause === 'cancel') return { outcome: 'cancelled', error: undefined }
  if (stopCause === 'timeout') return { outcome: 'failed', error: 'TIMEOUT' }
  if (stopCause === 'fenced') return { outcome: 'failed', error: 'LOST' }
  if (ok) return { outcome: 'completed', error: undefined }
  if (stopCause === 'shutdown') return { outcome: 'stopped', error: undefined }
  return { outcome: 'failed', error: toFailure(value).code }
}
