/** @module What time alone will change: delays that end, and deadlines. */
import { Heap, type HeapNode } from '../heap.ts'
import type { StoredTask } from '../machines/store-state.ts'

/** A delay that ends, or the end of a task's time. */
export type DueKind = 'start' | 'deadline'

/** One due time of one task. */
export class Due implements HeapNode {
  heapIndex = -1
  readonly at: number
  readonly task: StoredTask
  readonly kind: DueKind

  constructor(at: number, task: StoredTask, kind: DueKind) {
    this.at = at
    this.task = task
    this.kind = kind
  }
}

/** The due times of a store: each task has one of each kind at most. */
export class DueTimes {
  readonly #heap = new Heap<Due>((a, b) => a.at < b.at || (a.at === b.at && a.task.seq < b.task.seq))
  readonly #byTask = { start: new Map<StoredTask, Due>(), deadline: new Map<StoredTask, Due>() }

  /** When the next one is due, in epoch ms. */
  get next(): number | undefined {
    return this.#heap.peek()?.at
  }

  /** Adds a due time; nothing happens for undefined. */
  add(task: StoredTask, kind: DueKind, at: number | undefined): void {
    if (at === undefined) return
    const due = new Due(at, task, kind)
    this.#byTask[kind].set(task, due)
    this.#heap.push(due)
  }

  remove(task: StoredTask, kind: DueKind): void {
    const known = this.#byTask[kind]
    const due = known.size === 0 ? undefined : known.get(task)
    if (due === undefined) return
    known.delete(task)
    this.#heap.remove(due)
  }

  /** Takes out the earliest that is due at this time, in epoch ms. */
  take(at: number): Due | undefined {
    const due = this.#heap.peek()
    if (due === undefined || due.at > at) return undefined
    this.remove(due.task, due.kind)
    return due
  }
}
