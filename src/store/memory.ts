/** @module The store in memory: the reference of the contract, and what a runner uses when it is given none. */
import { show, ValidationError } from '../errors.ts'
import { Heap, type HeapNode } from '../heap.ts'
import { jsonCopy } from '../json.ts'
import { LinkedList } from '../linked-list.ts'
import { explainTask, type Reason } from '../machines/explain.ts'
import { type Change, foldStore, type Verdict } from '../machines/fold-store.ts'
import type { ExpireRecord, StoreRecord, SubmitRecord, TaskRecord } from '../machines/records.ts'
import { emptyStore, keysOf, type StoredTask, statusOf } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import { matcher } from './query.ts'
import { ReadyQueue } from './ready.ts'
import {
  type Claimed,
  type ClaimRequest,
  type Counts,
  defaultPage,
  type ForgetAnswer,
  type ForgetRequest,
  type ListPage,
  type ListRequest,
  largestPage,
  type NewStreamEntry,
  type Store,
  type StoreChange,
  type StreamEntry,
  streamKept,
} from './store.ts'

/** Something that time alone will change: a delay that ends, or a deadline. */
class Due implements HeapNode {
  heapIndex = -1
  readonly at: number
  readonly task: StoredTask
  readonly kind: 'start' | 'deadline'

  constructor(at: number, task: StoredTask, kind: 'start' | 'deadline') {
    this.at = at
    this.task = task
    this.kind = kind
  }
}

interface Stream {
  written: number
  readonly entries: StreamEntry[]
}

/**
 * Tasks in memory: nothing to set up, gone with the process.
 * Inputs and results of recipes make a trip through JSON here too, so that tests and production agree.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, MemoryStore } from 'offstage'
 *
 * const store = new MemoryStore()
 * const runner = new BackgroundRunner({ store })
 * const other = new BackgroundRunner({ store }) // two runners share the work
 * ```
 */
export class MemoryStore implements Store {
  readonly name = 'memory'
  readonly durable = false
  readonly #state = emptyStore()
  readonly #ready = new ReadyQueue(this.#state)
  readonly #due = new Heap<Due>((a, b) => a.at < b.at)
  readonly #starts = new Map<StoredTask, Due>()
  readonly #deadlines = new Map<StoredTask, Due>()
  readonly #streams = new Map<StoredTask, Stream>()
  /** Finished tasks, the one that ended first in front. */
  readonly #finished = new LinkedList<StoredTask>()
  readonly #counts: Record<TaskStatus, number> = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 }
  readonly #listeners = new Set<(change: StoreChange) => void>()
  /** What listeners have not heard yet; undefined while nobody is being told. */
  #news: StoreChange[] | undefined

  submit(records: readonly SubmitRecord[]): readonly Verdict[] {
    const copies = records.map((record) =>
      record.recipe === undefined || record.input === undefined
        ? record
        : { ...record, input: jsonCopy(record.input, 'input') },
    )
    return copies.map((record) => this.#fold(record))
  }

  claim(request: ClaimRequest): Claimed | undefined {
    this.#promote(request.at)
    for (;;) {
      const task = this.#ready.take(request)
      if (task === undefined) return undefined
      const claim = request.claim()
      const run = task.snapshot.context.run + 1
      const { accepted } = this.#fold({
        type: 'start',
        task: task.id,
        at: request.at,
        run,
        claim,
        worker: request.worker,
      })
      if (accepted) return { task, claim }
      // only a deadline that has just passed gets here; tick ends the task
      this.#ready.remove(task)
    }
  }

  append(record: TaskRecord | ExpireRecord): Verdict {
    if (record.type === 'complete' && this.#state.tasks.get(record.task)?.spec.recipe !== undefined) {
      return this.#fold({ ...record, result: jsonCopy(record.result, 'result', 'INVALID_RESULT') })
    }
    return this.#fold(record)
  }

  tick(at: number): number | undefined {
    this.#promote(at)
    return this.#due.peek()?.at
  }

  write(task: string, entry: NewStreamEntry): void {
    const stored = this.#state.tasks.get(task)
    if (stored === undefined) return
    const stream = this.#streams.get(stored) ?? { written: 0, entries: [] }
    this.#streams.set(stored, stream)
    const written: StreamEntry = { ...entry, version: stored.snapshot.context.version, n: ++stream.written }
    stream.entries.push(written)
    if (stream.entries.length > streamKept) stream.entries.shift()
    this.#tell({ task: stored, entry: written })
  }

  get(id: string): StoredTask | undefined {
    return this.#state.tasks.get(id)
  }

  list(request: ListRequest): ListPage {
    const limit = request.limit ?? defaultPage
    if (!Number.isInteger(limit) || limit < 1 || limit > largestPage) {
      throw new ValidationError('limit', `a whole number from 1 to ${largestPage}`, limit)
    }
    const after = request.after === undefined ? 0 : Number(request.after)
    if (!Number.isInteger(after) || after < 0) throw new ValidationError('after', 'the cursor of a page', request.after)
    const matches = matcher(request)
    const tasks: StoredTask[] = []
    for (const task of this.#state.tasks.values()) {
      if (task.seq <= after || !matches(task)) continue
      if (tasks.length === limit) return { tasks, cursor: String(tasks.at(-1)?.seq) }
      tasks.push(task)
    }
    return { tasks, cursor: undefined }
  }

  stream(id: string, after = 0): readonly StreamEntry[] {
    const task = this.#state.tasks.get(id)
    const stream = task === undefined ? undefined : this.#streams.get(task)
    return stream?.entries.filter((entry) => entry.n > after) ?? []
  }

  explain(id: string, at: number): Reason | undefined {
    const task = this.#state.tasks.get(id)
    return task === undefined ? undefined : explainTask(this.#state, task, at)
  }

  forget(request: ForgetRequest): ForgetAnswer {
    const { at, endedBy = at, keep = 0, accepts = () => true } = request
    const matches = matcher(request)
    const kept: string[] = []
    let forgotten = 0
    let spare = this.#finished.size - keep
    let next = this.#finished.first
    while (next !== undefined && spare > 0 && (next.snapshot.context.endedAt ?? at) <= endedBy) {
      const task = next
      next = task.next
      spare -= 1
      if (!matches(task) || !accepts(task)) continue
      if (this.#fold({ type: 'forget', task: task.id, at }).accepted) forgotten += 1
      else kept.push(task.id)
    }
    return { forgotten, kept, oldest: this.#finished.first?.snapshot.context.endedAt }
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  known(): Iterable<StoredTask> {
    return this.#state.tasks.values()
  }

  get counts(): Counts {
    return this.#counts
  }

  close(): void {
    this.#listeners.clear()
  }

  #fold(record: StoreRecord): Verdict {
    const verdict = foldStore(this.#state, record)
    // the books first: a listener may ask for anything
    for (const change of verdict.changes) this.#book(change)
    for (const change of verdict.changes) this.#tell(change)
    return verdict
  }

  #book({ task, event, before }: Change): void {
    if (event.type === 'forget') return this.#drop(task)
    const { snapshot } = task
    if (before.leaf.name !== 'new') this.#counts[statusOf(before)] -= 1
    this.#counts[task.status] += 1
    if (before.leaf !== snapshot.leaf) this.#move(task)
    if (event.type === 'submit') this.#expect(this.#deadlines, task, snapshot.context.deadline, 'deadline')
    // a claim has ended, or a waiting parent lends its keys
    if (before.context.claim !== snapshot.context.claim || before === snapshot || event.type === 'ask') {
      for (const { key } of keysOf(task)) this.#ready.wake(key)
    }
  }

  #move(task: StoredTask): void {
    this.#unexpect(this.#starts, task)
    if (task.list !== undefined) this.#ready.remove(task)
    if (task.state === 'pending.queued') this.#ready.add(task)
    else if (task.state === 'pending.delayed') this.#expect(this.#starts, task, task.snapshot.context.dueAt, 'start')
    else if (task.settled) {
      this.#unexpect(this.#deadlines, task)
      this.#finished.push(task)
    }
  }

  #drop(task: StoredTask): void {
    this.#counts[task.status] -= 1
    this.#finished.remove(task)
    this.#streams.delete(task)
  }

  #expect(dues: Map<StoredTask, Due>, task: StoredTask, at: number | undefined, kind: Due['kind']): void {
    if (at === undefined) return
    const due = new Due(at, task, kind)
    dues.set(task, due)
    this.#due.push(due)
  }

  #unexpect(dues: Map<StoredTask, Due>, task: StoredTask): void {
    const due = dues.get(task)
    if (due === undefined) return
    dues.delete(task)
    this.#due.remove(due)
  }

  /** Lets what is due by now happen: deadlines end their tasks, delayed tasks become ready. */
  #promote(at: number): void {
    for (let due = this.#due.peek(); due !== undefined && due.at <= at; due = this.#due.peek()) {
      this.#unexpect(due.kind === 'start' ? this.#starts : this.#deadlines, due.task)
      if (due.kind === 'start') this.#ready.add(due.task)
      else this.#fold({ type: 'timeout', scope: 'deadline', task: due.task.id, at })
    }
  }

  /** A change made by a listener waits until all have heard the one before, so that everybody hears them in order. */
  #tell(change: StoreChange): void {
    if (this.#listeners.size === 0) return
    if (this.#news !== undefined) return void this.#news.push(change)
    this.#news = [change]
    try {
      for (let i = 0; i < this.#news.length; i += 1) {
        for (const listener of this.#listeners) callSafely(listener, this.#news[i] as StoreChange)
      }
    } finally {
      this.#news = undefined
    }
  }
}

function callSafely(listener: (change: StoreChange) => void, change: StoreChange): void {
  try {
    listener(change)
  } catch (error) {
    process.emitWarning(`a listener of the store threw: ${show(error)}`, 'OffstageWarning')
  }
}
