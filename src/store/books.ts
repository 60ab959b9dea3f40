/** @module The books of a store in one process: the fold, and what is looked up in it. */
import { OffstageError } from '../errors.ts'
import { jsonCopy } from '../json.ts'
import { LinkedList } from '../linked-list.ts'
import { explainTask, type Reason } from '../machines/explain.ts'
import type { ScheduleChange } from '../machines/fold-schedules.ts'
import { type Change, foldStore, type Verdict } from '../machines/fold-store.ts'
import type { StoreRecord } from '../machines/records.ts'
import { type StoredSchedule, scheduleName } from '../machines/schedule-state.ts'
import { emptyStore, keysOf, type StoredTask, type StoreState, statusOf } from '../machines/store-state.ts'
import type { TaskStatus } from '../machines/task.ts'
import { DueTimes } from './due.ts'
import { News } from './news.ts'
import { matcher, readPage } from './query.ts'
import { ReadyQueue } from './ready.ts'
import type { Counts, ForgetRequest, ListPage, ListRequest } from './store.ts'

/** The fold of all records so far, with the queues and counts that follow from it. */
export class Books {
  readonly news: News
  /** Undefined stands for any number of changes. */
  readonly scheduleNews: News<ScheduleChange | undefined>
  readonly state: StoreState
  readonly ready: ReadyQueue
  readonly due = new DueTimes()
  /** Finished tasks, the one that ended first in front. */
  readonly finished = new LinkedList<StoredTask>()
  readonly #counts: Record<TaskStatus, number> = { pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 }

  /** @param state What was folded before, as a snapshot has it. */
  constructor(
    news = new News(),
    state: StoreState = emptyStore(),
    scheduleNews = new News<ScheduleChange | undefined>(),
  ) {
    this.news = news
    this.scheduleNews = scheduleNews
    this.state = state
    this.ready = new ReadyQueue(state)
    const ended: StoredTask[] = []
    for (const task of state.tasks.values()) {
      this.#counts[task.status] += 1
      if (task.settled) ended.push(task)
      else {
        this.due.add(task, 'deadline', task.snapshot.context.deadline)
        this.#move(task)
      }
    }
    ended.sort((a, b) => endOf(a) - endOf(b))
    for (const task of ended) this.finished.push(task)
  }

  get counts(): Counts {
    return this.#counts
  }

  /** Folds one record, keeps the books, and tells everybody. */
  fold(record: StoreRecord): Verdict {
    const verdict = foldStore(this.state, record)
    // the books first: a listener may ask for anything
    for (const change of verdict.changes) this.#book(change)
    this.news.tell(verdict.changes)
    const change = verdict.schedule?.change
    if (change !== undefined) this.scheduleNews.tell([change])
    return verdict
  }

  /** Makes ready what is due by now. Answers with the tasks whose deadline has passed: to end them takes a record. */
  promote(at: number): readonly StoredTask[] {
    let overdue: StoredTask[] | undefined
    for (let due = this.due.take(at); due !== undefined; due = this.due.take(at)) {
      if (due.kind === 'start') this.ready.add(due.task)
      else if (overdue === undefined) overdue = [due.task]
      else overdue.push(due.task)
    }
    return overdue ?? none
  }

  /** A ready task was refused: the clock of who claims it is behind that of who found it due. */
  putOff(task: StoredTask): void {
    this.ready.remove(task)
    this.due.add(task, 'start', task.snapshot.context.dueAt)
  }

  list(request: ListRequest): ListPage {
    const { limit, after } = readPage(request)
    const matches = matcher(request)
    const tasks: StoredTask[] = []
    for (const task of this.state.tasks.values()) {
      if (task.seq <= after || !matches(task)) continue
      if (tasks.length === limit) return { tasks, cursor: String(tasks.at(-1)?.seq) }
      tasks.push(task)
    }
    return { tasks, cursor: undefined }
  }

  /** The schedules in the order in which they were added. */
  schedules(owner?: string): readonly StoredSchedule[] {
    const all = [...this.state.schedules.values()]
    return owner === undefined ? all : all.filter((each) => each.owner === owner)
  }

  scheduleNamed(name: string, owner: string | undefined): StoredSchedule | undefined {
    return this.state.schedules.get(this.state.scheduleNames.get(scheduleName(name, owner)) ?? '')
  }

  explain(id: string, at: number): Reason | undefined {
    const task = this.state.tasks.get(id)
    return task === undefined ? undefined : explainTask(this.state, task, at)
  }

  /** The finished tasks that a request means, those that ended first in front. They may be forgotten while one reads. */
  *forgettable({ at, endedBy = at, keep = 0, accepts, ...query }: ForgetRequest): Generator<StoredTask> {
    const matches = matcher(query)
    let spare = this.finished.size - keep
    let next = this.finished.first
    while (next !== undefined && spare > 0 && endOf(next) <= endedBy) {
      const task = next
      next = task.next
      spare -= 1
      if (matches(task) && accepts?.(task) !== false) yield task
    }
  }

  /** When the oldest finished task that is kept ended, in epoch ms. */
  get oldest(): number | undefined {
    return this.finished.first?.snapshot.context.endedAt
  }

  #book({ task, event, before }: Change): void {
    if (event.type === 'forget') {
      this.#counts[task.status] -= 1
      this.finished.remove(task)
      return
    }
    const { snapshot } = task
    if (before.leaf.name !== 'new') this.#counts[statusOf(before)] -= 1
    // a task whose need has failed already is submitted and ended in one step, and is here twice
    this.#counts[event.type === 'submit' ? 'pending' : task.status] += 1
    if (before.leaf !== snapshot.leaf) this.#move(task)
    if (event.type === 'submit' && !task.settled) this.due.add(task, 'deadline', snapshot.context.deadline)
    // a claim has ended, or a waiting parent lends its keys
    if (before.context.claim !== snapshot.context.claim || before === snapshot || event.type === 'ask') {
      for (const { key } of keysOf(task)) this.ready.wake(key)
    }
    if (event.type === 'ask' && event.wait.kind === 'child') this.ready.lend(event.wait.child)
  }

  #move(task: StoredTask): void {
    this.due.remove(task, 'start')
    if (task.list !== undefined) this.ready.remove(task)
    if (task.state === 'pending.queued') this.ready.add(task)
    else if (task.state === 'pending.delayed') this.due.add(task, 'start', task.snapshot.context.dueAt)
    else if (task.settled) {
      this.due.remove(task, 'deadline')
      this.finished.push(task)
    }
  }
}

const none: readonly StoredTask[] = Object.freeze([])
const endOf = (task: StoredTask): number => task.snapshot.context.endedAt ?? 0
/** What a worker gets that was declared dead. */
export const fenced = (worker: string): OffstageError =>
  new OffstageError('FENCED', `the worker ${worker} was declared dead, and its tasks are for others`)

/** What a schedule says makes a trip through JSON: all processes, and all stores, must see the same. */
export function asPlain<T extends StoreRecord>(record: T): T {
  if (record.type !== 'scheduleAdd' && record.type !== 'scheduleUpdate') return record
  return jsonCopy(record, 'schedule', 'INVALID_OPTION') as T
}
