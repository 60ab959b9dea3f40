/** @module Events as they happen: streams with a bound, that begin with a snapshot and can be resumed. */

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

/** How many events wait for a slow reader before it is given a new snapshot instead. */
export const feedBound = 1_000

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

const place = (task: StoredTask, at: number, version: number, entry: number): FeedEvent => ({
  cursor: `${version}.${entry}`,
  id: task.id,
  at: new Date(at).toISOString(),
})
const statusOfState = (state: TaskState): TaskStatus => state.split('.')[0] as TaskStatus

/** The events of one task as one reader sees them: never twice, in order, with the cursor that stands after each. */
export class TaskFeed {
  readonly #task: StoredTask
  #version: number
  #entry: number

  constructor(task: StoredTask, after: Cursor | undefined) {
    this.#task = task
    this.#version = after?.version ?? 0
    this.#entry = after?.entry ?? 0
  }

  /** What the reader missed: the kept events behind its cursor, or a snapshot if some are gone or it has none. */
  catchUp(entries: readonly StreamEntry[], resumed: boolean): TaskFeedEvent[] {
    const { transitions = [], snapshot } = this.#task
    const first = transitions[0]
    const gone = first !== undefined && first.version > this.#version + 1 && transitions.length > 1 && this.#version > 0
    if (!resumed || gone || this.#version > snapshot.context.version) return [this.snapshot(entries.at(-1)?.n)]
    const missed = transitions.filter(({ version }) => version > this.#version)
    const news: (Transition | StreamEntry)[] = [...missed, ...entries.filter(({ n }) => n > this.#entry)]
    // a line written in a version stands behind the transition that led to it
    news.sort(
      (a, b) => a.version - b.version || Number('n' in a) - Number('n' in b) || ('n' in a && 'n' in b ? a.n - b.n : 0),
    )
    const events = news.map((each) => ('n' in each ? this.line(each) : this.#state(each)))
    const { progress } = snapshot.context
    if (progress !== undefined && snapshot.context.version > this.#version) {
      this.#version = snapshot.context.version
      events.push({ ...this.#here(this.#task.snapshot.context.startedAt ?? 0), type: 'progress', ...progress })
    }
    return events
  }

  snapshot(entry = this.#entry): TaskFeedEvent {
    const { context } = this.#task.snapshot
    this.#version = context.version
    this.#entry = entry
    return {
      ...this.#here(context.endedAt ?? context.startedAt ?? this.#task.spec.at),
      type: 'snapshot',
      task: taskInfo(this.#task),
    }
  }

  /** A change as an event, or undefined if the reader has seen it. */
  change(change: StoreChange): TaskFeedEvent | undefined {
    if ('entry' in change) return change.entry.n > this.#entry ? this.line(change.entry) : undefined
    return this.#moved(change)
  }

  line(entry: StreamEntry): TaskFeedEvent {
    this.#entry = entry.n
    const { n: _n, version: _version, at, ...rest } = entry
    return { ...this.#here(at), ...rest } as TaskFeedEvent
  }

  #moved({ event, task }: Change): TaskFeedEvent | undefined {
    const { context } = task.snapshot
    if (event.type === 'forget' || context.version <= this.#version) return undefined
    this.#version = context.version
    if (event.type === 'progress') {
      return { ...this.#here(event.at), type: 'progress', fraction: event.fraction, message: event.message }
    }
    return { ...this.#here(event.at), type: 'state', event: event.type, state: task.state, status: task.status }
  }

  #state({ type, at, to, version }: Transition): TaskFeedEvent {
    this.#version = version
    return { ...this.#here(at), type: 'state', event: type, state: to, status: statusOfState(to) }
  }

  #here(at: number): FeedEvent {
    return place(this.#task, at, this.#version, this.#entry)
  }
}

/** A bounded queue between a producer that never waits and one reader. */
export class Mailbox<T> {
  readonly #bound: number
  #items: T[] = []
  #ended = false
  #overflowed = false
  #wake: (() => void) | undefined

  constructor(bound: number) {
    this.#bound = bound
  }

  push(item: T): void {
    if (this.#ended || this.#overflowed) return
    if (this.#items.length >= this.#bound) {
      this.#items = []
      this.#overflowed = true
    } else {
      this.#items.push(item)
    }
    this.#wake?.()
  }

  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** What has come; waits for something. `lost`: more came than there was room for, all of it is gone. */
  async take(): Promise<{ readonly items: T[]; readonly lost: boolean; readonly ended: boolean }> {
    if (this.#items.length === 0 && !this.#ended && !this.#overflowed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const taken = { items: this.#items, lost: this.#overflowed, ended: this.#ended }
    this.#items = []
    this.#overflowed = false
    return taken
  }
}
