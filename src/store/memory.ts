/** @module The store in memory: the reference of the contract, and what a runner uses when it is given none. */
import { jsonCopy } from '../json.ts'
import type { Reason } from '../machines/explain.ts'
import type { ScheduleChange } from '../machines/fold-schedules.ts'
import type { Verdict } from '../machines/fold-store.ts'
import type { SubmitRecord } from '../machines/records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { asPlain, Books, fenced } from './books.ts'
import type {
  Claimed,
  ClaimRequest,
  Counts,
  ForgetAnswer,
  ForgetRequest,
  ListPage,
  ListRequest,
  NewStreamEntry,
  OneRecord,
  Store,
  StoreChange,
  StreamEntry,
} from './store.ts'
import { Streams } from './streams.ts'

const nothing: readonly Claimed[] = Object.freeze([])

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
  readonly name: string = 'memory'
  readonly durable = false
  readonly #books = new Books()
  readonly #streams = new Streams()

  submit(records: readonly SubmitRecord[]): readonly Verdict[] {
    const copies = records.some(hasInput) ? records.map(withCopiedInput) : records
    return copies.map((record) => this.#books.fold(record))
  }

  /** Gives one task at a time: the next claim is as near as this one. */
  claim(request: ClaimRequest): readonly Claimed[] {
    const books = this.#books
    const { at, worker, slots } = request
    this.#promote(at)
    while (slots > 0) {
      const task = books.ready.take(request)
      if (task === undefined) return nothing
      const claim = request.claim()
      const run = task.snapshot.context.run + 1
      request.picked?.(task)
      const { accepted, reason } = books.fold({ type: 'start', task: task.id, at, run, claim, worker })
      if (accepted) return [{ task, claim }]
      if (books.state.expired.has(worker)) throw fenced(worker)
      // a claim id that was used before
      if (reason === 'FENCED') return nothing
      books.putOff(task)
    }
    return nothing
  }

  append(record: OneRecord): Verdict {
    if (record.type === 'complete' && this.#books.state.tasks.get(record.task)?.spec.recipe !== undefined) {
      return this.#books.fold({ ...record, result: jsonCopy(record.result, 'result', 'INVALID_RESULT') })
    }
    const verdict = this.#books.fold(asPlain(record))
    if (record.type === 'forget' && verdict.accepted && verdict.task !== undefined) this.#streams.delete(verdict.task)
    return verdict
  }

  tick(at: number): number | undefined {
    this.#promote(at)
    return this.#books.due.next
  }

  write(task: string, entry: NewStreamEntry): void {
    const stored = this.#books.state.tasks.get(task)
    if (stored === undefined) return
    this.#books.news.tell([{ task: stored, entry: this.#streams.write(stored, entry) }])
  }

  get(id: string): StoredTask | undefined {
    return this.#books.state.tasks.get(id)
  }

  list(request: ListRequest): ListPage {
    return this.#books.list(request)
  }

  stream(id: string, after = 0): readonly StreamEntry[] {
    const task = this.get(id)
    return task === undefined ? [] : this.#streams.read(task, after)
  }

  explain(id: string, at: number): Reason | undefined {
    return this.#books.explain(id, at)
  }

  forget(request: ForgetRequest): ForgetAnswer {
    const kept: string[] = []
    let forgotten = 0
    for (const task of this.#books.forgettable(request)) {
      if (this.append({ type: 'forget', task: task.id, at: request.at }).accepted) forgotten += 1
      else kept.push(task.id)
    }
    return { forgotten, kept, oldest: this.#books.oldest }
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    return this.#books.news.subscribe(listener)
  }

  schedules(owner?: string): readonly StoredSchedule[] {
    return this.#books.schedules(owner)
  }

  schedule(uid: string): StoredSchedule | undefined {
    return this.#books.state.schedules.get(uid)
  }

  scheduleNamed(name: string, owner?: string): StoredSchedule | undefined {
    return this.#books.scheduleNamed(name, owner)
  }

  onSchedules(listener: (change: ScheduleChange | undefined) => void): () => void {
    return this.#books.scheduleNews.subscribe(listener)
  }

  sync(): void {}

  known(): Iterable<StoredTask> {
    return this.#books.state.tasks.values()
  }

  get counts(): Counts {
    return this.#books.counts
  }

  close(): void {
    this.#books.news.clear()
    this.#books.scheduleNews.clear()
  }

  /** Lets what is due by now happen: deadlines end their tasks, delayed tasks become ready. */
  #promote(at: number): void {
    for (const { id } of this.#books.promote(at)) {
      this.#books.fold({ type: 'timeout', scope: 'deadline', task: id, at })
    }
  }
}

const hasInput = ({ recipe, input }: SubmitRecord): boolean => recipe !== undefined && input !== undefined

const withCopiedInput = (record: SubmitRecord): SubmitRecord =>
  hasInput(record) ? { ...record, input: jsonCopy(record.input, 'input') } : record
