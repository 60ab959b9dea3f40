/** @module The store in memory: the reference of the contract, and what a runner uses when it is given none. */
import { jsonCopy } from '../json.ts'
import { LinkedList } from '../linked-list.ts'
import { explainTask, type Reason } from '../machines/explain.ts'
import { type Change, foldStore, type Verdict } from '../machines/fold-store.ts'
import type { ExpireRecord, StoreRecord, SubmitRecord, TaskRecord } from '../machines/records.ts'
import { emptyStore, keysOf, type StoredTask, statusOf } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import { DueTimes } from './due.ts'
import { News } from './news.ts'
import { matcher, readPage } from './query.ts'
import { ReadyQueue } from './ready.ts'
import type {
  Claimed,
  ClaimRequest,
  Counts,
  ForgetAnswer,
  ForgetRequest,
  ListPage,
  ListRequest,
  NewStreamEntry,
  Store,
  StoreChange,
  StreamEntry,
} from './store.ts'
import { Streams } from './streams.ts'

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
  readonly #due = new DueTimes()
  readonly #streams = new Streams()
  /** Finished tasks, the one that ended first in front. */
  readonly #finished = new LinkedList<StoredTask>()
  readonly #counts: Record<TaskStatus, number> = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 }
  readonly #news = new News()

  submit(records: readonly SubmitRecord[]): readonly Verdict[] {
    const copies = records.some(hasInput) ? records.map(withCopiedInput) : records
    return copies.map((record) => this.#fold(record))
  }

  claim(request: ClaimRequest): Claimed | undefined {
    const { at, worker } = request
    this.#promote(at)
    for (;;) {
      const task = this.#ready.take(request)
      if (task === undefined) return undefined
      const claim = request.claim()
      const run = task.snapshot.context.run + 1
      const { accepted, reason } = this.#fold({ type: 'start', task: task.id, at, run, claim, worker })
      if (accepted) return { task, claim }
      // this worker was declared dead: the task is for others
      if (reason === 'FENCED') return undefined
      this.#putOff(task)
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
    return this.#due.next
  }

  write(task: string, entry: NewStreamEntry): void {
    const stored = this.#state.tasks.get(task)
    if (stored === undefined) return
    this.#news.tell([{ task: stored, entry: this.#streams.write(stored, entry) }])
  }

  get(id: string): StoredTask | undefined {
    return this.#state.tasks.get(id)
  }

  list(request: ListRequest): ListPage {
    const { limit, after } = readPage(request)
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
    return task === undefined ? [] : this.#streams.read(task, after)
  }

  explain(id: string, at: number): Reason | undefined {
    const task = this.#state.tasks.get(id)
    return task === undefined ? undefined : explainTask(this.#state, task, at)
  }

  forget(request: ForgetRequest): ForgetAnswer {
    const { at, endedBy = at, keep = 0, accepts } = request
    const matches = matcher(request)
    const kept: string[] = []
    let forgotten = 0
    let spare = this.#finished.size - keep
    let next = this.#finished.first
    while (next !== undefined && spare > 0 && (next.snapshot.context.endedAt ?? at) <= endedBy) {
      const task = next
      next = task.next
      spare -= 1
      if (!matches(task) || accepts?.(task) === false) continue
      if (this.#fold({ type: 'forget', task: task.id, at }).accepted) forgotten += 1
      else kept.push(task.id)
    }
    return { forgotten, kept, oldest: this.#finished.first?.snapshot.context.endedAt }
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    return this.#news.subscribe(listener)
  }

  known(): Iterable<StoredTask> {
    return this.#state.tasks.values()
  }

  get counts(): Counts {
    return this.#counts
  }

  close(): void {
    this.#news.clear()
  }

  #fold(record: StoreRecord): Verdict {
    const verdict = foldStore(this.#state, record)
    // the books first: a listener may ask for anything
    for (const change of verdict.changes) this.#book(change)
    this.#news.tell(verdict.changes)
    return verdict
  }

  #book({ task, event, before }: Change): void {
    if (event.type === 'forget') return this.#drop(task)
    const { snapshot } = task
    if (before.leaf.name !== 'new') this.#counts[statusOf(before)] -= 1
    // a task whose need has failed already is submitted and ended in one step, and is here twice
    this.#counts[event.type === 'submit' ? 'pending' : task.status] += 1
    if (before.leaf !== snapshot.leaf) this.#move(task)
    if (event.type === 'submit' && !task.settled) this.#due.add(task, 'deadline', snapshot.context.deadline)
    // a claim has ended, or a waiting parent lends its keys
    if (before.context.claim !== snapshot.context.claim || before === snapshot || event.type === 'ask') {
      for (const { key } of keysOf(task)) this.#ready.wake(key)
    }
    if (event.type === 'ask' && event.wait.kind === 'child') this.#ready.lend(event.wait.child)
  }

  #move(task: StoredTask): void {
    this.#due.remove(task, 'start')
    if (task.list !== undefined) this.#ready.remove(task)
    if (task.state === 'pending.queued') this.#ready.add(task)
    else if (task.state === 'pending.delayed') this.#due.add(task, 'start', task.snapshot.context.dueAt)
    else if (task.settled) {
      this.#due.remove(task, 'deadline')
      this.#finished.push(task)
    }
  }

  /** A ready task was refused: the clock of who claims it is behind that of who found it due. */
  #putOff(task: StoredTask): void {
    this.#ready.remove(task)
    this.#due.add(task, 'start', task.snapshot.context.dueAt)
  }

  #drop(task: StoredTask): void {
    this.#counts[task.status] -= 1
    this.#finished.remove(task)
    this.#streams.delete(task)
  }

  /** Lets what is due by now happen: deadlines end their tasks, delayed tasks become ready. */
  #promote(at: number): void {
    for (let due = this.#due.take(at); due !== undefined; due = this.#due.take(at)) {
      if (due.kind === 'start') this.#ready.add(due.task)
      else this.#fold({ type: 'timeout', scope: 'deadline', task: due.task.id, at })
    }
  }
}

const hasInput = ({ recipe, input }: SubmitRecord): boolean => recipe !== undefined && input !== undefined

const withCopiedInput = (record: SubmitRecord): SubmitRecord =>
  hasInput(record) ? { ...record, input: jsonCopy(record.input, 'input') } : record
