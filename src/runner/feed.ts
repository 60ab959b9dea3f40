/** @module Events of tasks as a reader sees them: they begin with a snapshot and can be resumed. */

import { ValidationError } from '../errors.ts'
import type { Change } from '../machines/fold-store.ts'
import type { StoredTask, Transition } from '../machines/store-state.ts'
import type { TaskState, TaskStatus } from '../machines/task.ts'
import type { StoreChange, StreamEntry } from '../store/store.ts'
import { type TaskInfo, taskInfo } from './info.ts'

interface FeedEvent {
  /** Where this event stands; `events({ after: cursor })` goes on behind it. */
  readonly cursor: string
  readonly id: string
  /** ISO 8601. */
  readonly at: string
}

/** What `task.events()` yields. */
export type TaskFeedEvent =
  | (FeedEvent & { readonly type: 'snapshot'; readonly task: TaskInfo })
  | (FeedEvent & {
      readonly type: 'state'
      readonly event: string
      readonly state: TaskState
      readonly status: TaskStatus
    })
  | (FeedEvent & { readonly type: 'progress'; readonly fraction: number; readonly message: string | undefined })
  | (FeedEvent & { readonly type: 'log'; readonly level: string; readonly message: string; readonly data?: unknown })
  | (FeedEvent & { readonly type: 'output'; readonly chunk: string })

interface Cursor {
  readonly version: number
  readonly entry: number
}

/** @throws {ValidationError} */
export function readCursor(text: string): Cursor {
  const match = /^(\d{1,15})\.(\d{1,15})$/.exec(text)
  if (match === null) throw new ValidationError('after', "the cursor of an event, like '3.0'", text)
  return { version: Number(match[1]), entry: Number(match[2]) }
}

const statusOfState = (state: TaskState): TaskStatus => state.split('.')[0] as TaskStatus

/** The place just before a change. */
export function placeBefore(change: StoreChange): Cursor {
  if ('entry' in change) return { version: change.entry.version, entry: change.entry.n - 1 }
  return { version: change.before.context.version, entry: 0 }
}

/** Something that the reader missed: a step, a line, or progress. */
type Missed = { readonly version: number } & (
  | { readonly kind: 'step'; readonly step: Transition }
  | { readonly kind: 'progress'; readonly at: number }
  | { readonly kind: 'line'; readonly entry: StreamEntry }
)

/** The events of one task as one reader sees them: never twice, in order, with the cursor that stands after each. */
export class TaskFeed {
  readonly #task: StoredTask
  readonly #resumed: boolean
  #version: number
  #entry: number

  constructor(task: StoredTask, after: Cursor | undefined) {
    this.#task = task
    this.#resumed = after !== undefined
    this.#version = after?.version ?? 0
    this.#entry = after?.entry ?? 0
  }

  /** What the reader missed: the kept events behind its cursor, or a snapshot if some are gone or it has none. */
  catchUp(entries: readonly StreamEntry[]): TaskFeedEvent[] {
    const newest = entries.at(-1)?.n ?? 0
    return !this.#resumed || this.#isGone(entries, newest) ? [this.snapshot(newest)] : this.rest(entries)
  }

  /** What is kept behind the last event: steps and lines, each in its place, and of progress the latest. */
  rest(entries: readonly StreamEntry[]): TaskFeedEvent[] {
    const missed: Missed[] = []
    for (const step of this.#task.transitions ?? []) {
      if (step.version > this.#version) missed.push({ kind: 'step', version: step.version, step })
    }
    for (const entry of entries) {
      if (entry.n > this.#entry) missed.push({ kind: 'line', version: entry.version, entry })
    }
    const progress = this.#lastProgress()
    if (progress !== undefined && progress.version > this.#version) missed.push(progress)
    // a line written in a version stands behind what led to it; lines keep their order, for sorting is stable
    missed.sort((a, b) => a.version - b.version || Number(a.kind === 'line') - Number(b.kind === 'line'))
    return missed.map((each) => this.#tell(each))
  }

  snapshot(entry = this.#entry): TaskFeedEvent {
    const { context } = this.#task.snapshot
    this.#version = context.version
    this.#entry = entry
    const at = context.endedAt ?? context.startedAt ?? this.#task.spec.at
    return { type: 'snapshot', ...this.#here(at), task: taskInfo(this.#task) }
  }

  /** A change as an event, or undefined if the reader has seen it. */
  change(change: StoreChange): TaskFeedEvent | undefined {
    if ('entry' in change) return change.entry.n > this.#entry ? this.#line(change.entry) : undefined
    return this.#moved(change)
  }

  #moved({ event, before, task }: Change): TaskFeedEvent | undefined {
    // the task may have gone on before this is told
    const version = before.context.version + 1
    if (event.type === 'forget' || version <= this.#version) return undefined
    if (event.type === 'progress') {
      this.#version = version
      return this.#progress(event.at, event.fraction, event.message)
    }
    if (event.type === 'submit')
      return this.#state(version, event.at, event.type, task.transitions?.[0]?.from ?? task.state)
    const step = task.transitions?.findLast((each) => each.version === version)
    return step === undefined ? undefined : this.#step(step)
  }

  #isGone(entries: readonly StreamEntry[], newest: number): boolean {
    const firstStep = this.#task.transitions?.[0]?.version ?? 1
    const firstEntry = entries[0]?.n ?? 1
    const isAhead = this.#version > this.#task.snapshot.context.version || this.#entry > newest
    return isAhead || firstStep > this.#version + 1 || firstEntry > this.#entry + 1
  }

  /** Every change raises the version by one, and all but progress are kept as steps: so its place is the last gap. */
  #lastProgress(): Extract<Missed, { kind: 'progress' }> | undefined {
    const { snapshot, transitions = [] } = this.#task
    if (snapshot.context.progress === undefined) return undefined
    let { version } = snapshot.context
    let i = transitions.length - 1
    while (transitions[i]?.version === version) {
      version -= 1
      i -= 1
    }
    return { kind: 'progress', version, at: transitions[i]?.at ?? this.#task.spec.at }
  }

  #tell(missed: Missed): TaskFeedEvent {
    if (missed.kind === 'line') return this.#line(missed.entry)
    if (missed.kind === 'step') return this.#step(missed.step)
    const { fraction = 0, message } = this.#task.snapshot.context.progress ?? {}
    this.#version = missed.version
    return this.#progress(missed.at, fraction, message)
  }

  #line(entry: StreamEntry): TaskFeedEvent {
    this.#entry = entry.n
    // progress before it may have been left out
    this.#version = Math.max(this.#version, entry.version)
    const here = this.#here(entry.at)
    if (entry.type === 'output') return { type: 'output', ...here, chunk: entry.chunk }
    const { level, message, data } = entry
    const line = { type: 'log', ...here, level, message } as const
    return data === undefined ? line : { ...line, data }
  }

  #step({ type, at, to, version }: Transition): TaskFeedEvent {
    return this.#state(version, at, type, to)
  }

  #state(version: number, at: number, event: string, state: TaskState): TaskFeedEvent {
    this.#version = version
    return { type: 'state', ...this.#here(at), event, state, status: statusOfState(state) }
  }

  #progress(at: number, fraction: number, message: string | undefined): TaskFeedEvent {
    return { type: 'progress', ...this.#here(at), fraction, message }
  }

  #here(at: number): FeedEvent {
    return { cursor: `${this.#version}.${this.#entry}`, id: this.#task.id, at: new Date(at).toISOString() }
  }
}
