/** @module A slice of a journal that folds by itself: the records of a task, or of a time, and all that decided about them. */
import { OffstageError } from '../../errors.ts'
import type { HistoryPlace, HistoryStep } from '../../index.ts'
import type { Verdict } from '../../machines/fold-store.ts'
import { iso } from '../../machines/iso.ts'
import type { StoreRecord } from '../../machines/records.ts'
import type { ReplayedTask } from '../../machines/replay.ts'
import type { StoredTask, StoreState } from '../../machines/store-state.ts'
import { Related } from './related.ts'

/** What is wanted: the life of a task, or all that was recorded between two moments in epoch ms. */
export type SliceRequest = { readonly task: string } | { readonly from: number; readonly to: number }

/** A record, and what the journal's fold made of it. */
export interface SliceRecord {
  readonly record: StoreRecord
  readonly verdict: string
  readonly where: HistoryPlace
}

export interface Slice {
  /** What the store held before, as the lines of a snapshot without head and end; of what matters only. */
  readonly base: readonly unknown[]
  readonly records: readonly SliceRecord[]
  /** What the tasks that moved are in at the end, and their names; of a single task it and what its life hangs on. */
  readonly ends: ReadonlyMap<string, SliceEnd>
  /** Lines between the records that could not be read. */
  readonly damaged: number
  /** Whether the journal reaches back to its beginning. */
  readonly complete: boolean
}
/** What a task is in; of one that was forgotten there is only a name. */
export interface SliceEnd {
  readonly name: string
  readonly task: ReplayedTask | undefined
}

/** More would be no test that a person reads. */
export const mostRecords = 10_000
/** How often a journal is read until nothing is missing. */
const mostPasses = 30

/**
 * Finds a slice. It reads the history more than once: what decides about a task may stand before it.
 *
 * @throws {OffstageError} NOT_FOUND when nothing was recorded; TOO_LARGE for more than {@link mostRecords} records.
 */
export async function sliceOf(history: () => AsyncIterable<HistoryStep>, request: SliceRequest): Promise<Slice> {
  const related = new Related()
  const id = 'task' in request ? request.task : undefined
  if (id !== undefined) {
    related.core.add(id)
    related.tasks.add(id)
  }
  let base: string | undefined
  for (let passes = 0; passes < mostPasses; passes += 1) {
    const before = related.size
    const pass = new Pass(request, related, base)
    for await (const step of history()) if (pass.step(step)) break
    if (related.size === before && pass.after === base && pass.hasBase) return found(pass, request)
    if (!pass.hasBegun && related.size === before) throw nothing(request)
    base = pass.after
  }
  throw new OffstageError('STORE', 'the journal changes while it is read; try again')
}

function found(pass: Pass, request: SliceRequest): Slice {
  const { records, ends, damaged, complete, base } = pass
  if (records.length === 0 && ends.size === 0) throw nothing(request)
  return { base, records, ends, damaged, complete }
}

function nothing(request: SliceRequest): OffstageError {
  if ('task' in request) return new OffstageError('NOT_FOUND', `the journal holds nothing of task ${request.task}`)
  const span = `from ${iso(request.from)} to ${iso(request.to)}`
  return new OffstageError('NOT_FOUND', `the journal holds nothing ${span}`)
}

const start = 'the beginning'
const placeOf = ({ segment, line }: HistoryPlace): string => `${segment}:${line}`

/** One reading. */
class Pass {
  readonly #request: SliceRequest
  readonly #related: Related
  /** After which place the slice begins, as far as the reading before knew. */
  readonly #begin: string | undefined
  #state: StoreState | undefined
  #last = start
  #now = Number.NEGATIVE_INFINITY
  #settled = false
  hasBase = false
  hasBegun = false
  complete = false
  damaged = 0
  /** After which place the slice begins. */
  after: string | undefined
  base: unknown[] = []
  records: SliceRecord[] = []
  readonly ends = new Map<string, SliceEnd>()

  constructor(request: SliceRequest, related: Related, begin: string | undefined) {
    this.#request = request
    this.#related = related
    this.#begin = begin
  }

  /** Takes a step. True when nothing behind it matters. */
  step(step: HistoryStep): boolean {
    if (step.type === 'level') return true
    if (step.type === 'base') this.#base(step.state, step.complete)
    else if (step.type === 'damage') {
      if (this.hasBegun) this.damaged += step.lines
    } else if (this.#record(step)) return true
    if (step.type !== 'base') this.#last = placeOf(step.where)
    this.#takeBase()
    return false
  }

  /** Where others have taken away what comes next, it begins anew. */
  #base(state: StoreState, complete: boolean): void {
    this.#state = state
    this.#last = start
    this.complete = complete
    this.hasBase = false
    this.hasBegun = false
    this.#settled = false
    this.#now = Number.NEGATIVE_INFINITY
    this.after = undefined
    this.damaged = 0
    this.records = []
    this.ends.clear()
    const { core } = this.#related
    const known = [...core].flatMap((id) => state.tasks.get(id) ?? [])
    if (known.length === 0) return
    this.#starts()
    for (const task of known) this.#end(task)
    this.#settled = 'task' in this.#request && state.tasks.get(this.#request.task)?.settled === true
  }

  #starts(): void {
    if (this.hasBegun) return
    this.hasBegun = true
    this.after = this.#last
  }

  /** The state is changed in place: what it was before the slice must be taken just there. */
  #takeBase(): void {
    if (this.#last !== this.#begin || this.hasBase || this.#state === undefined) return
    this.base = this.#related.linesOf(this.#state)
    this.hasBase = true
  }

  #record({ record, verdict, where }: Extract<HistoryStep, { type: 'record' }>): boolean {
    const state = this.#state
    const request = this.#request
    if (state === undefined) return false
    this.#now = Math.max(this.#now, record.at)
    if ('task' in request) {
      if (record.type === 'forget' && record.task === request.task && verdict.accepted) return true
      if (record.type === 'submit' && record.parent?.task === request.task) this.#related.add(state, record.task, true)
      if (!this.#related.touches(record, verdict)) return false
      if (this.#settled && !this.#isLate(record, verdict, request.task)) return false
      if ('task' in record && this.#related.core.has(record.task)) this.#starts()
    } else {
      if (this.#now > request.to) return true
      if (this.#now < request.from) return false
      this.#starts()
    }
    if (!this.hasBegun) return false
    this.#related.learn(state, record, verdict)
    if (this.records.length >= mostRecords) throw tooMany()
    this.records.push({ record, verdict: verdict.reason ?? 'accepted', where })
    if (!verdict.accepted) return false
    const late = this.#settled
    for (const { task, event } of verdict.changes) {
      if (!('task' in request)) this.#related.add(state, task.id)
      if (event.type === 'forget') this.ends.set(task.id, { name: task.spec.name, task: undefined })
      else if (!('task' in request) || (!late && this.#related.core.has(task.id))) this.#end(task)
      if ('task' in request && task.id === request.task) this.#settled = task.settled
    }
    return false
  }

  /** Once the task has ended, the rest of the others' lives says nothing about it. */
  #isLate(record: StoreRecord, { reason, changes, schedule }: Verdict, id: string): boolean {
    // who was declared dead after its end is no matter of its own
    if (record.type === 'start' && reason === 'FENCED') return false
    // another firing under its id is a matter of the schedule; that it could not be forgotten, of others
    if (record.type === 'submit' && schedule !== undefined) return false
    if (record.type === 'forget') return false
    if (record.type !== 'expire') return 'task' in record && record.task === id
    if (!changes.some(({ task }) => task.id === id)) return false
    for (const [other, { task }] of this.ends) if (other !== id && task?.outcome === undefined) this.ends.delete(other)
    return true
  }

  #end({ id, state, spec, snapshot }: StoredTask): void {
    const { run, outcome } = snapshot.context
    this.ends.set(id, { name: spec.name, task: { state, run, outcome } })
  }
}

const tooMany = (): OffstageError =>
  new OffstageError(
    'TOO_LARGE',
    `that is more than ${mostRecords.toLocaleString('en')} records; give a shorter time with --from and --to`,
  )
