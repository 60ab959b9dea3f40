/**
 * @module The fold of a store as lines of JSON, and back. Equal states give equal lines, whatever way they were reached;
 * what follows from the tasks is not written, but derived again.
 */
import { OffstageError } from '../errors.ts'
import { holdKeys } from './keys.ts'
import { readRecord } from './read-record.ts'
import { readSchedule, scheduleLineOf } from './schedule-line.ts'
import { scheduleName } from './schedule-state.ts'
import {
  addClaim,
  addTo,
  addWaiter,
  Claim,
  emptyStore,
  idempotencyName,
  type Memory,
  remembered,
  StoredTask,
  type StoreState,
  type TaskSnapshot,
} from './store-state.ts'
import { lineOf, type ReadTask, TaskLines, type Zombie } from './task-line.ts'

/** How many ids stand in a line. */
const idsInLine = 1_000

/**
 * Writes a state, a line at a time, without newlines. The state must not change meanwhile.
 *
 * First `{"type":"state",…}`, then the schedules as they were added, the tasks in submit order, then dead workers and forgotten ids, the oldest first, and
 * `{"type":"end",…}`, which counts all lines.
 */
export function* writeState(state: StoreState): Generator<string> {
  let lines = 2
  const { lastSeq, tasks, schedules, lastEnded } = state
  const ofSchedules = lastEnded + schedules.size === 0 ? undefined : { schedules: schedules.size, lastEnded }
  yield JSON.stringify({ type: 'state', lastSeq, tasks: tasks.size, ...ofSchedules })
  for (const schedule of schedules.values()) {
    lines += 1
    yield scheduleLineOf(schedule)
  }
  for (const task of tasks.values()) {
    lines += 1
    yield lineOf(task, zombieOf(task, state))
  }
  for (const name of ['expired', 'forgotten'] as const) {
    for (const ids of chunks(state[name])) {
      lines += 1
      yield JSON.stringify({ [name]: ids })
    }
  }
  yield JSON.stringify({ type: 'end', lines })
}

function zombieOf({ zombie }: StoredTask, { claims }: StoreState): Zombie | undefined {
  return zombie === undefined ? undefined : { claim: zombie, worker: claims.get(zombie)?.worker ?? '' }
}

function* chunks(ids: Memory): Generator<string[]> {
  let some: string[] = []
  for (const id of ids) {
    some.push(id)
    if (some.length < idsInLine) continue
    yield some
    some = []
  }
  if (some.length > 0) yield some
}

/** Reads what {@link writeState} has written. */
export class StateReader {
  readonly #state = emptyStore()
  readonly #existing: ((id: string) => StoredTask | undefined) | undefined
  /** What the tasks that somebody holds are to become once all was read. */
  readonly #held = new Map<StoredTask, ReadTask>()
  readonly #tasks = new TaskLines()
  #lines = 0
  #expected = 0
  #expectedSchedules = 0
  #lastSeq = 0
  #ended = false

  /** @param existing A task object that somebody holds, to be changed by {@link end} rather than made. */
  constructor(existing?: (id: string) => StoredTask | undefined) {
    this.#existing = existing
  }

  /** @throws {OffstageError} STORE for a line that does not belong there. */
  line(text: string): void {
    const line = parse(text)
    this.#lines += 1
    if (this.#lines === 1) return this.#head(line)
    if (this.#ended) throw damaged('goes on behind its end')
    if (line.seq !== undefined) this.#task(line)
    else if (line.schedule !== undefined) this.#schedule(line)
    else if (line.expired !== undefined) this.#remember(this.#state.expired, line.expired)
    else if (line.forgotten !== undefined) this.#remember(this.#state.forgotten, line.forgotten)
    else if (line.type === 'end' && line.lines === this.#lines) this.#ended = true
    else throw this.#unknown()
  }

  /**
   * The state, with the tasks that somebody holds changed to what they are in it.
   *
   * @throws {OffstageError} STORE when something is missing. Then nothing was changed.
   */
  end(): StoreState {
    const { tasks, schedules } = this.#state
    if (!this.#ended || tasks.size !== this.#expected || schedules.size !== this.#expectedSchedules)
      throw damaged('is not whole')
    this.#orderEnded()
    for (const [task, { snapshot, transitions, zombie }] of this.#held) {
      task.snapshot = snapshot
      task.transitions = transitions
      task.zombie = zombie?.claim
    }
    this.#held.clear()
    return this.#state
  }

  #head({ type, lastSeq, tasks, schedules = 0, lastEnded = 0 }: Fields): void {
    if (type !== 'state' || ![lastSeq, tasks, schedules, lastEnded].every(Number.isSafeInteger))
      throw damaged('has no head')
    this.#state.lastSeq = lastSeq as number
    this.#state.lastEnded = lastEnded as number
    this.#expected = tasks as number
    this.#expectedSchedules = schedules as number
  }

  #schedule(line: Fields): void {
    const schedule = readSchedule(line)
    if (schedule === undefined) throw this.#unknown()
    const { schedules, scheduleNames, tasks } = this.#state
    const name = scheduleName(schedule.name, schedule.owner)
    // the tasks follow: they tell which of them have not ended
    if (tasks.size > 0 || schedules.has(schedule.uid) || scheduleNames.has(name))
      throw damaged(`has the schedule of line ${this.#lines} in the wrong place`)
    schedules.set(schedule.uid, schedule)
    scheduleNames.set(name, schedule.uid)
  }

  #orderEnded(): void {
    const { schedules, exhausted } = this.#state
    const over = [...schedules.values()].filter(({ ended }) => ended !== undefined)
    for (const { uid } of over.sort((a, b) => (a.ended ?? 0) - (b.ended ?? 0))) exhausted.add(uid)
  }

  #task(line: Fields): void {
    const spec = readRecord(line.spec)
    const isSubmit = typeof spec === 'object' && spec.type === 'submit'
    const read = isSubmit ? this.#tasks.read(line, spec) : undefined
    if (read === undefined) throw this.#unknown()
    const { seq, snapshot, transitions, zombie } = read
    const { tasks, lastSeq } = this.#state
    if (seq <= this.#lastSeq || seq > lastSeq) throw damaged(`has line ${this.#lines} in the wrong place`)
    if (tasks.has(read.spec.task)) throw damaged(`has the task of line ${this.#lines} twice`)
    this.#lastSeq = seq
    const held = this.#existing?.(read.spec.task)
    // the same id may have been forgotten and given again
    if (held !== undefined && held.seq === seq) {
      this.#held.set(held, read)
      tasks.set(held.id, held)
      return this.#derive(held, read)
    }
    const task = new StoredTask(read.spec, seq, snapshot)
    task.transitions = transitions
    task.zombie = zombie?.claim
    tasks.set(task.id, task)
    this.#derive(task, read)
  }

  /** What follows from a task. In submit order, as everything that spans tasks is. */
  #derive(task: StoredTask, { spec, snapshot, zombie }: ReadTask): void {
    const state = this.#state
    const { leaf, context } = snapshot
    const id = spec.task
    const name = idempotencyName(spec)
    if (name !== undefined && leaf.name !== 'failed' && leaf.name !== 'cancelled') state.idempotent.set(name, id)
    if (context.claim !== undefined) this.#claim(context.claim, task, context.worker ?? '')
    if (zombie !== undefined) this.#claim(zombie.claim, task, zombie.worker)
    for (const { ask, wait } of context.waits) {
      if (wait.kind === 'child') addWaiter(state.waiters, wait.child, { task: id, claim: context.claim ?? '', ask })
    }
    if (leaf.status === 'done') return
    if (spec.schedule !== undefined) state.schedules.get(spec.schedule.uid)?.open.add(id)
    const needs = new Set(spec.needs)
    let open = 0
    for (const need of needs) {
      addTo(state.dependants, need, id)
      if (this.#at(need)?.leaf.name !== 'completed') open += 1
    }
    if (leaf.name === 'pending.blocked') state.openNeeds.set(id, open)
    const parent = spec.parent && this.#at(spec.parent.task)
    if (spec.parent !== undefined && parent?.leaf.status === 'active') addTo(state.children, spec.parent.task, id)
  }

  /** Where a task is that was submitted before. */
  #at(id: string): TaskSnapshot | undefined {
    const task = this.#state.tasks.get(id)
    return task && (this.#held.get(task)?.snapshot ?? task.snapshot)
  }

  #claim(id: string, task: StoredTask, worker: string): void {
    if (this.#state.claims.has(id)) throw damaged(`has the claim of line ${this.#lines} twice`)
    const claim = new Claim(id, task, worker)
    addClaim(this.#state, claim)
    holdKeys(this.#state, claim)
  }

  #remember(memory: Memory, ids: unknown): void {
    if (!Array.isArray(ids)) throw this.#unknown()
    for (const id of ids) {
      if (typeof id !== 'string' || memory.has(id) || memory.size >= remembered) throw this.#unknown()
      memory.add(id)
    }
  }

  #unknown(): OffstageError {
    return damaged(`has a line ${this.#lines} that says nothing known`)
  }
}

type Fields = Readonly<Record<string, unknown>>

function parse(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged('has a line that is no JSON', cause)
  }
  if (typeof value === 'object' && value !== null) return value as Fields
  throw damaged('has a line that is no object')
}

const damaged = (what: string, cause?: unknown): OffstageError =>
  new OffstageError('STORE', `the snapshot ${what}`, cause === undefined ? undefined : { cause })
