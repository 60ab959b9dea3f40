/** @module The life of a task as it is told: each step of the journal that is about it, with its log between them. */
import type { HistoryPlace, HistoryStep, StreamEntry } from '../index.ts'
import type { Change, Verdict } from '../machines/fold-store.ts'
import type { StoreRecord } from '../machines/records.ts'
import {
  type StoredTask,
  type StoreState,
  type TaskSnapshot,
  type Transition,
  taskChart,
} from '../machines/store-state.ts'
import type { TaskState } from '../machines/task.ts'
import { detailOf, who } from './who.ts'

/** One thing that is told. Times are epoch ms. */
export type Told =
  /** Where the journal begins, if it was after the task did. */
  | { readonly type: 'gone'; readonly kept: number }
  /** A step that the journal does not hold any more, but the task itself. */
  | { readonly type: 'kept'; readonly at: number; readonly step: Transition }
  | {
      readonly type: 'step'
      readonly at: number
      readonly event: string
      readonly from: TaskState
      readonly to: TaskState
      readonly version: number
      readonly by: string
      readonly detail: string
      readonly where: HistoryPlace
    }
  /** One report of progress after another. */
  | {
      readonly type: 'progress'
      readonly at: number
      readonly until: number
      readonly times: number
      readonly first: number
      readonly last: number
      readonly message: string | undefined
      readonly by: string
    }
  /** A record that did not count. */
  | {
      readonly type: 'void'
      readonly at: number
      readonly event: string
      readonly reason: string
      readonly about: string | undefined
      readonly by: string
      readonly where: HistoryPlace
    }
  | { readonly type: 'damage'; readonly lines: number; readonly where: HistoryPlace }
  | StreamEntry

type RecordStep = Extract<HistoryStep, { type: 'record' }>
type Progress = Extract<Told, { type: 'progress' }>

/** Tells a life, step by step. */
export class Life {
  readonly #id: string
  readonly #entries: StreamEntry[]
  #version = 0
  #progress: Progress | undefined
  /** The task as the journal says it; undefined as long as it is not met. */
  task: StoredTask | undefined
  forgotten = false

  constructor(id: string, entries: readonly StreamEntry[]) {
    this.#id = id
    this.#entries = [...entries]
  }

  /** What a step of the history has to say about the task. */
  *step(step: HistoryStep): Generator<Told> {
    if (step.type === 'base') yield* this.#base(step.state)
    else if (step.type === 'record') yield* this.#record(step)
    else if (step.type === 'damage' && this.#lives)
      yield* this.#after({ type: 'damage', lines: step.lines, where: step.where })
  }

  /** What is left to say. */
  *end(): Generator<Told> {
    yield* this.#flush()
    yield* this.#entries.splice(0)
  }

  /** Whether a record may still be about it: what was lost elsewhere says nothing about this life. */
  get #lives(): boolean {
    return this.task !== undefined && !(this.task.settled && this.task.zombie === undefined)
  }

  *#base({ tasks }: StoreState): Generator<Told> {
    const task = tasks.get(this.#id)
    if (task === undefined) return
    this.task = task
    const kept = [submitOf(task), ...(task.transitions ?? [])].filter(({ version }) => version > this.#version)
    yield* this.#after({ type: 'gone', kept: kept.length })
    for (const step of kept) {
      yield* this.#before(step.version)
      yield { type: 'kept', at: step.at, step }
    }
    this.#version = task.snapshot.context.version
  }

  *#record({ record, verdict, where }: RecordStep): Generator<Told> {
    const own = verdict.changes.filter(({ task }) => task.id === this.#id)
    for (const [i, change] of own.entries()) {
      this.task = change.task
      if (change.event.type === 'progress') yield* this.#advance(change, change.event)
      // a record may move a task more than once
      else yield* this.#change(change, own[i + 1]?.before ?? change.task.snapshot, record, where)
    }
    if (!verdict.accepted && isAbout(record, verdict, this.#id)) yield* this.#void(record, verdict, where)
  }

  *#change({ event, before }: Change, after: TaskSnapshot, record: StoreRecord, where: HistoryPlace): Generator<Told> {
    this.forgotten = event.type === 'forget'
    const { version } = after.context
    yield* this.#flush()
    yield* this.#before(version)
    this.#version = version
    const by = who(event, before, record)
    const from = before.leaf.name as TaskState
    yield {
      type: 'step',
      at: event.at,
      event: event.type,
      from,
      to: after.leaf.name as TaskState,
      version,
      by,
      detail: detailOf(event),
      where,
    }
  }

  *#void(record: StoreRecord, { reason, detail, task }: Verdict, where: HistoryPlace): Generator<Told> {
    const by = who(record as Change['event'], task?.snapshot, record)
    const about = detail ?? ('task' in record && record.task !== this.#id ? record.task : undefined)
    yield* this.#flush()
    yield* this.#before(this.#version + 1, record.at)
    yield { type: 'void', at: record.at, event: record.type, reason: reason ?? 'STATE', about, by, where }
  }

  *#advance({ task, before, event }: Change, { at, fraction, message }: Advance): Generator<Told> {
    const { version } = task.snapshot.context
    if (this.#entries[0] !== undefined && this.#entries[0].version < version) {
      yield* this.#flush()
      yield* this.#before(version)
    }
    this.#version = version
    const { at: began = at, first = fraction, times = 0 } = this.#progress ?? {}
    const by = who(event, before, undefined)
    this.#progress = { type: 'progress', at: began, until: at, times: times + 1, first, last: fraction, message, by }
  }

  *#after(told: Told): Generator<Told> {
    yield* this.#flush()
    yield told
  }

  *#flush(): Generator<Told> {
    if (this.#progress !== undefined) yield this.#progress
    this.#progress = undefined
  }

  /** What was written before the task came to a version, and not after `at`. */
  *#before(version: number, at = Number.POSITIVE_INFINITY): Generator<Told> {
    for (let [entry] = this.#entries; entry !== undefined; [entry] = this.#entries) {
      if (entry.version >= version || entry.at > at) return
      yield entry
      this.#entries.shift()
    }
  }
}

/** The first step: it follows from the record that the task carries. */
function submitOf({ spec }: StoredTask): Transition {
  const { leaf, context } = taskChart.next(taskChart.initial, spec)
  const { version } = context
  return {
    type: 'submit',
    at: spec.at,
    from: 'new',
    to: leaf.name as TaskState,
    version,
    worker: undefined,
    run: undefined,
  }
}

interface Advance {
  readonly at: number
  readonly fraction: number
  readonly message?: string
}

/** Whether a record that did not count was about the task, or was answered by it. */
function isAbout(record: StoreRecord, { task }: Verdict, id: string): boolean {
  return ('task' in record && record.task === id) || task?.id === id
}
