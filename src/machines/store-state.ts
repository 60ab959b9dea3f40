/** @module What the fold of all records is: the tasks, and the indexes that span them. */
import { type Linked, LinkedList } from '../linked-list.ts'
import { TurnoverMap } from '../turnover-map.ts'
import { compile } from './compile.ts'
import type { KeyLimit, SubmitRecord, TaskEvent } from './records.ts'
import type { StoredSchedule } from './schedule-state.ts'
import type { ChartSnapshot } from './snapshot.ts'
import { type TaskContext, type TaskState, type TaskStatus, taskMachine } from './task.ts'

/** The compiled task chart: the one that decides everywhere. */
export const taskChart = compile(taskMachine)
export type TaskSnapshot = ChartSnapshot<TaskContext>

/** One step of a task's life, as it is kept. */
export interface Transition {
  readonly type: TaskEvent['type'] | 'forget'
  readonly at: number
  readonly from: TaskState
  readonly to: TaskState
  /** The task's version after this step. */
  readonly version: number
  /** Of a start. */
  readonly worker: string | undefined
  readonly run: number | undefined
}

/** How many steps of a task's life are kept. */
export const transitionsKept = 50

/** A task as the fold keeps it. The object stays the same through its life; its snapshot is replaced. */
export class StoredTask implements Linked<StoredTask> {
  readonly spec: SubmitRecord
  /** The place in submit order, from 1. */
  readonly seq: number
  snapshot: TaskSnapshot
  /** Everything but progress, the newest {@link transitionsKept}. */
  transitions: Transition[] | undefined = undefined
  /** The claim of work that would not stop and still holds its slot and keys. */
  zombie: string | undefined = undefined
  /** The task's place in the ready queue of a store; the fold does not look at it. */
  previous: StoredTask | undefined = undefined
  next: StoredTask | undefined = undefined
  list: LinkedList<StoredTask> | undefined = undefined
  entered = 0

  constructor(spec: SubmitRecord, seq: number, snapshot: TaskSnapshot) {
    this.spec = spec
    this.seq = seq
    this.snapshot = snapshot
  }

  get id(): string {
    return this.spec.task
  }

  get state(): TaskState {
    return this.snapshot.leaf.name as TaskState
  }

  get status(): TaskStatus {
    return statusOf(this.snapshot)
  }

  get settled(): boolean {
    return this.snapshot.leaf.status === 'done'
  }
}

const statuses = new Map(Array.from(taskChart.leaves.values(), (leaf) => [leaf, leaf.name.split('.')[0] as TaskStatus]))

/** The status that a snapshot stands for: the first part of its dotted name. */
export function statusOf({ leaf }: TaskSnapshot): TaskStatus {
  return statuses.get(leaf) as TaskStatus
}

/** A claim that was won and holds a slot and its task's keys until it ends. */
export class Claim implements Linked<Claim> {
  readonly id: string
  readonly task: StoredTask
  readonly worker: string
  /** Its place among the claims of its worker. */
  previous: Claim | undefined = undefined
  next: Claim | undefined = undefined
  list: LinkedList<Claim> | undefined = undefined

  constructor(id: string, task: StoredTask, worker: string) {
    this.id = id
    this.task = task
    this.worker = worker
  }
}

/** Who holds a key now. */
export interface KeyState {
  readonly holders: Set<Claim>
  /** How many holders came with which limit. */
  readonly limits: Map<number, number>
}

/** Somebody who waits for a child to settle. */
export interface Waiter {
  readonly task: string
  readonly claim: string
  readonly ask: number
}

/** The fold of all records so far. Changed in place, by {@link foldStore} only. */
export interface StoreState {
  readonly tasks: Map<string, StoredTask>
  lastSeq: number
  readonly claims: TurnoverMap<string, Claim>
  readonly workers: Map<string, LinkedList<Claim>>
  /** Workers that were declared dead, oldest first, bounded. */
  readonly expired: Memory
  readonly keys: Map<string, KeyState>
  /** Recipe, owner and idempotency key to the task that has them. */
  readonly idempotent: Map<string, string>
  /** A task to the unfinished tasks that need it; a blocked task to the number of its needs still open. */
  readonly dependants: Map<string, Set<string>>
  readonly openNeeds: Map<string, number>
  /** A task to its unfinished children; a task to those who wait for it. */
  readonly children: Map<string, Set<string>>
  readonly waiters: Map<string, Waiter[]>
  /** Ids that were forgotten, oldest first, bounded: a record delivered again must not run twice. */
  readonly forgotten: Memory
  /** By uid, in the order in which they were added; and the names of those. */
  readonly schedules: Map<string, StoredSchedule>
  readonly scheduleNames: Map<string, string>
  /** The schedules that are over, the one that ended first in front, bounded; and how many have ended ever. */
  readonly exhausted: Set<string>
  lastEnded: number
}

/** How many forgotten ids and dead workers are remembered. */
export const remembered = 10_000

/** The fold of nothing. */
export function emptyStore(): StoreState {
  return {
    tasks: new Map(),
    lastSeq: 0,
    claims: new TurnoverMap(),
    workers: new Map(),
    expired: new Memory(),
    keys: new Map(),
    idempotent: new Map(),
    dependants: new Map(),
    openNeeds: new Map(),
    children: new Map(),
    waiters: new Map(),
    forgotten: new Memory(),
    schedules: new Map(),
    scheduleNames: new Map(),
    exhausted: new Set(),
    lastEnded: 0,
  }
}

/** The newest {@link remembered} of the values that were added. */
export class Memory {
  readonly #values = new Set<string>()
  /** In order of entry, round and round: to look for the oldest in the set takes longer the more have left it. */
  readonly #order: string[] = []
  #next = 0

  get size(): number {
    return this.#values.size
  }

  has(value: string): boolean {
    return this.#values.has(value)
  }

  /** In order of entry. */
  *[Symbol.iterator](): Generator<string> {
    for (let i = 0; i < this.#order.length; i += 1) {
      const from = this.#order.length < remembered ? 0 : this.#next
      yield this.#order[(from + i) % this.#order.length] as string
    }
  }

  /** Adds one that is not there. */
  add(value: string): void {
    const oldest = this.#order[this.#next]
    if (oldest !== undefined) this.#values.delete(oldest)
    this.#values.add(value)
    this.#order[this.#next] = value
    this.#next = (this.#next + 1) % remembered
  }
}

/** Adds to a set inside a map, which is made when needed. */
export function addTo<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set === undefined) map.set(key, new Set([value]))
  else set.add(value)
}

/** Takes from a set inside a map, and the set away when it is empty. */
export function removeFrom<K, V>(map: Map<K, Set<V>>, key: K, value: V): void {
  const set = map.get(key)
  if (set?.delete(value) && set.size === 0) map.delete(key)
}

/** Books a wait for a child. */
export function addWaiter(waiters: StoreState['waiters'], child: string, { task, claim, ask }: Waiter): void {
  const others = waiters.get(child)
  if (others === undefined) waiters.set(child, [{ task, claim, ask }])
  else others.push({ task, claim, ask })
}

/** Takes a wait that is over out of the books. */
export function removeWaiter(waiters: StoreState['waiters'], child: string, task: string, ask: number): void {
  const others = waiters.get(child)
  const place = others?.findIndex((each) => each.task === task && each.ask === ask) ?? -1
  if (others === undefined || place < 0) return
  if (others.length === 1) waiters.delete(child)
  else others.splice(place, 1)
}

/** Books a claim that was won. */
export function addClaim({ claims, workers }: StoreState, claim: Claim): void {
  claims.set(claim.id, claim)
  const others = workers.get(claim.worker)
  if (others !== undefined) return others.push(claim)
  const own = new LinkedList<Claim>()
  own.push(claim)
  workers.set(claim.worker, own)
}

/** Takes a claim that is over out of the books. */
export function removeClaim({ claims, workers }: StoreState, claim: Claim): void {
  claims.delete(claim.id)
  const { list } = claim
  list?.remove(claim)
  if (list?.size === 0) workers.delete(claim.worker)
}

/** The name under which an idempotency key is unique. */
export function idempotencyName(spec: SubmitRecord): string | undefined {
  const { idempotencyKey: key } = spec
  return key === undefined ? undefined : JSON.stringify([spec.recipe ?? null, spec.owner ?? null, key])
}

const noKeys: readonly KeyLimit[] = Object.freeze([])
/** The keys of a task. */
export const keysOf = (task: StoredTask): readonly KeyLimit[] => task.spec.keys ?? noKeys
