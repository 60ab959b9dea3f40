/**
 * @module The fold of a store: one record after another, in one order, for every reader.
 * It admits a record, routes it to the task's chart, and derives in the same step what spans tasks.
 * Deterministic: no clock, no randomness, no I/O. The state is changed in place.
 */
import {
  endedTask,
  fired,
  foldSchedule,
  hasFired,
  planFiring,
  type ScheduleChange,
  type ScheduleVerdict,
  type ScheduleVoid,
  useUp,
} from './fold-schedules.ts'
import { freeKeys, fullKey, holdKeys } from './keys.ts'
import type {
  AskRecord,
  DerivedEvent,
  ForgetRecord,
  StartRecord,
  StoreRecord,
  SubmitRecord,
  TaskEvent,
  TaskRecord,
} from './records.ts'
import type { Firing } from './schedule-records.ts'
import {
  addClaim,
  addTo,
  addWaiter,
  Claim,
  idempotencyName,
  removeClaim,
  removeFrom,
  removeWaiter,
  StoredTask,
  type StoreState,
  type TaskSnapshot,
  type Transition,
  taskChart,
  transitionsKept,
  type Waiter,
} from './store-state.ts'
import type { TaskState } from './task.ts'

/** Why a record did not count. */
export type VoidReason =
  | 'STATE'
  | 'FENCED'
  | 'KEY_FULL'
  | 'DEDUP'
  | 'KEY_CONFLICT'
  | 'ID_CONFLICT'
  | 'UNKNOWN_TASK'
  | 'UNKNOWN_DEPENDENCY'
  | 'CYCLIC_DEPENDENCY'
  | 'DEADLOCK'
  | 'NEEDED'
  | 'PARENT_ENDED'
  | 'GONE'
  | ScheduleVoid

/** One task moved. `before` is the snapshot that it left. */
export interface Change {
  readonly task: StoredTask
  readonly event: TaskEvent | ForgetRecord
  readonly before: TaskSnapshot
}

/** What became of a record. */
export interface Verdict {
  readonly accepted: boolean
  readonly reason: VoidReason | undefined
  /** What the reason is about: the key, the need, the cycle. */
  readonly detail: string | undefined
  /** The task that the record is about, or the one that answers for it (DEDUP). */
  readonly task: StoredTask | undefined
  /** Every task that moved, the record's own first, then what was derived. */
  readonly changes: readonly Change[]
  /** What became of a schedule that the record is about. */
  readonly schedule: ScheduleVerdict | undefined
}

const noChanges: readonly Change[] = Object.freeze([])

function refuse(reason: VoidReason, task?: StoredTask, detail?: string): Verdict {
  return { accepted: false, reason, detail, task, changes: noChanges, schedule: undefined }
}

function accept(task: StoredTask | undefined, changes: readonly Change[]): Verdict {
  return { accepted: true, reason: undefined, detail: undefined, task, changes, schedule: undefined }
}

/**
 * Folds one record into the state.
 *
 * @returns Whether it counted, why not, and every task that moved. A refused record leaves the state as it was.
 */
export function foldStore(state: StoreState, record: StoreRecord): Verdict {
  switch (record.type) {
    case 'submit':
      return record.schedule === undefined ? submit(state, record) : fire(state, record, record.schedule)
    case 'expire':
      return expire(state, record.worker, record)
    case 'forget':
      return forget(state, record)
    case 'scheduleAdd':
    case 'scheduleUpdate':
    case 'schedulePause':
    case 'scheduleResume':
    case 'scheduleRemove':
    case 'scheduleExhaust':
    case 'scheduleSkip': {
      const verdict = foldSchedule(state, record)
      const base = verdict.reason === undefined ? accept(undefined, noChanges) : refuse(verdict.reason)
      return { ...base, detail: verdict.detail, schedule: verdict }
    }
    default:
      return route(state, record)
  }
}

/** A submit that a schedule makes: admitted only with its slot, which it uses up also when it is refused. */
function fire(state: StoreState, record: SubmitRecord, firing: Firing): Verdict {
  if (hasFired(state, record)) return submit(state, record)
  const plan = planFiring(state, record, firing)
  if (plan.refused !== undefined) {
    const { reason, detail } = plan.refused
    return { ...refuse(reason as VoidReason, plan.task, detail), schedule: plan.refused }
  }
  const { schedule, spec, cancels } = plan
  const verdict = submit(state, spec, cancels)
  const { task, reason, detail } = verdict
  const change: ScheduleChange | undefined =
    verdict.accepted && task !== undefined
      ? fired(state, schedule, spec, task)
      : useUp(state, schedule, record, firing, reason ?? '')
  return { ...verdict, schedule: { reason: undefined, detail, schedule, change } }
}

function submit(state: StoreState, record: SubmitRecord, cancels?: readonly StoredTask[]): Verdict {
  const known = state.tasks.get(record.task)
  if (known !== undefined) {
    if (known.spec.owner !== record.owner) return refuse('ID_CONFLICT')
    return refuse(known.spec.fingerprint === record.fingerprint ? 'DEDUP' : 'ID_CONFLICT', known)
  }
  if (state.forgotten.has(record.task)) return refuse('GONE')
  const name = idempotencyName(record)
  const twinId = name === undefined ? undefined : state.idempotent.get(name)
  const twin = twinId === undefined ? undefined : state.tasks.get(twinId)
  if (twin !== undefined) return refuse(twin.spec.fingerprint === record.fingerprint ? 'DEDUP' : 'KEY_CONFLICT', twin)
  const unknown = record.needs?.find((need) => !state.tasks.has(need))
  if (unknown !== undefined)
    return refuse(unknown === record.task ? 'CYCLIC_DEPENDENCY' : 'UNKNOWN_DEPENDENCY', undefined, unknown)
  if (record.parent !== undefined && !mayHaveChildren(state.tasks.get(record.parent.task), record.parent.claim)) {
    return refuse('PARENT_ENDED')
  }
  const task = new StoredTask(record, ++state.lastSeq, taskChart.next(taskChart.initial, record))
  state.tasks.set(record.task, task)
  if (name !== undefined) state.idempotent.set(name, record.task)
  if (record.parent !== undefined) addTo(state.children, record.parent.task, record.task)
  const step = new Step(state, { task, event: record, before: taskChart.initial })
  if (record.needs !== undefined && record.needs.length > 0) block(step, task, record.needs)
  if (cancels !== undefined) for (const each of cancels) step.replaces(each, task)
  return step.finish(task)
}

function mayHaveChildren(parent: StoredTask | undefined, claim: string): boolean {
  if (parent === undefined || parent.snapshot.context.claim !== claim) return false
  return parent.state === 'running.executing' || parent.state === 'running.waiting'
}

/** Counts the needs that are still open, and derives at once what the settled ones mean. */
function block(step: Step, task: StoredTask, needs: readonly string[]): void {
  const { state } = step
  const needed = [...new Set(needs)].map((need) => state.tasks.get(need) as StoredTask)
  const open = needed.filter((each) => each.state !== 'completed')
  state.openNeeds.set(task.id, open.length)
  // completed ones too: their results must be kept until this task has ended
  for (const each of needed) addTo(state.dependants, each.id, task.id)
  const ended = open.find((each) => each.settled)
  if (ended !== undefined) step.fails(task, ended)
  else if (open.length === 0) step.unblock(task)
}

function route(state: StoreState, record: Exclude<TaskRecord, ForgetRecord>): Verdict {
  const task = state.tasks.get(record.task)
  if (task === undefined) return refuse(state.forgotten.has(record.task) ? 'GONE' : 'UNKNOWN_TASK')
  const claim = 'claim' in record ? record.claim : undefined
  if (task.zombie !== undefined && task.zombie === claim) return frees(state, task, record)
  if (record.type === 'start') {
    if (state.expired.has(record.worker) || state.claims.has(record.claim)) return refuse('FENCED', task)
    const full = task.state === 'pending.queued' || task.state === 'pending.delayed' ? fullKey(state, task) : undefined
    if (full !== undefined) return refuse('KEY_FULL', task, full.key)
  } else if (claim !== undefined && claim !== task.snapshot.context.claim) {
    return refuse('FENCED', task)
  }
  if (record.type === 'ask' && record.wait.kind === 'child') {
    const refused = refuseAsk(state, task, record)
    if (refused !== undefined) return refused
  }
  const step = new Step(state, undefined)
  return step.apply(task, record) ? step.finish(task) : refuse('STATE', task)
}

/** The work of a zombie has ended at last: slot and keys are free. */
function frees(state: StoreState, task: StoredTask, record: Exclude<TaskRecord, ForgetRecord>): Verdict {
  if (!['complete', 'fail', 'ended', 'release', 'freed'].includes(record.type)) return refuse('STATE', task)
  const claim = state.claims.get(task.zombie as string) as Claim
  free(state, claim)
  return accept(task, [{ task, event: record, before: task.snapshot }])
}

function refuseAsk(state: StoreState, task: StoredTask, record: AskRecord): Verdict | undefined {
  const { child: id } = record.wait as { child: string }
  const child = state.tasks.get(id)
  if (child === undefined) return refuse('GONE', task, id)
  if (child.settled) return refuse('STATE', task, id)
  return waitsFor(state, child, task.id) ? refuse('DEADLOCK', task, id) : undefined
}

/** Tells whether `from` waits for or needs `goal`, over any number of steps. */
function waitsFor(state: StoreState, from: StoredTask, goal: string): boolean {
  const seen = new Set<string>()
  const open = [from.id]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (id === goal) return true
    if (seen.has(id)) continue
    seen.add(id)
    const task = state.tasks.get(id)
    if (task === undefined || task.settled) continue
    for (const { wait } of task.snapshot.context.waits) if (wait.kind === 'child') open.push(wait.child)
    if (task.state === 'pending.blocked') open.push(...(task.spec.needs ?? []))
  }
  return false
}

function expire(state: StoreState, worker: string, record: Extract<StoreRecord, { type: 'expire' }>): Verdict {
  if (state.expired.has(worker)) return refuse('FENCED')
  state.expired.add(worker)
  const step = new Step(state, undefined)
  // in submit order: a state that was loaded from a snapshot does not know the order of the claims
  const claims = [...(state.workers.get(worker) ?? [])].sort((a, b) => a.task.seq - b.task.seq)
  for (const claim of claims) {
    if (claim.task.zombie === claim.id) {
      free(state, claim)
      step.note({ task: claim.task, event: record, before: claim.task.snapshot })
    } else {
      step.apply(claim.task, record)
    }
  }
  return step.finish(undefined)
}

function forget(state: StoreState, record: ForgetRecord): Verdict {
  const task = state.tasks.get(record.task)
  if (task === undefined) return refuse(state.forgotten.has(record.task) ? 'GONE' : 'UNKNOWN_TASK')
  if (!task.settled || task.zombie !== undefined) return refuse('STATE', task)
  const [dependant] = state.dependants.get(task.id) ?? []
  if (dependant !== undefined) return refuse('NEEDED', task, dependant)
  state.tasks.delete(task.id)
  state.forgotten.add(task.id)
  freeIdempotencyKey(state, task)
  return accept(task, [{ task, event: record, before: task.snapshot }])
}

function freeIdempotencyKey(state: StoreState, task: StoredTask): void {
  const name = idempotencyName(task.spec)
  if (name !== undefined && state.idempotent.get(name) === task.id) state.idempotent.delete(name)
}

/** A claim is over: its slot and its keys are free. */
function free(state: StoreState, claim: Claim): void {
  removeClaim(state, claim)
  freeKeys(state, claim)
  if (claim.task.zombie === claim.id) claim.task.zombie = undefined
}

/** One record and all that follows from it, worked off in order of arrival, never recursively. */
class Step {
  readonly state: StoreState
  #changes: Change[] | undefined
  /** Tasks that were settled or told to stop in this step, whose relatives have not heard yet. */
  #news: StoredTask[] | undefined

  constructor(state: StoreState, change: Change | undefined) {
    this.state = state
    this.#changes = change && [change]
  }

  finish(task: StoredTask | undefined): Verdict {
    // the list grows while it is read
    if (this.#news !== undefined) for (let i = 0; i < this.#news.length; i += 1) this.#tell(this.#news[i] as StoredTask)
    return accept(task, this.#changes ?? noChanges)
  }

  fails(task: StoredTask, needed: StoredTask): void {
    const status = needed.state === 'failed' ? 'failed' : 'cancelled'
    this.apply(task, { type: 'needFailed', at: this.#at(), need: needed.id, status })
  }

  /** The schedule of both wants the newer one alone. */
  replaces(task: StoredTask, by: StoredTask): void {
    const reason = `its schedule made ${by.id}`
    this.apply(task, { type: 'cancel', task: task.id, at: this.#at(), reason, by: 'schedule' })
  }

  /** One need less; with none left the task may be queued. */
  unblock(task: StoredTask): void {
    const open = (this.state.openNeeds.get(task.id) ?? 1) - 1
    if (open > 0) {
      this.state.openNeeds.set(task.id, open)
      return
    }
    this.state.openNeeds.delete(task.id)
    const event: DerivedEvent = { type: 'unblock', at: this.#at() }
    this.apply(task, event)
  }

  /** Sends an event through the task's chart and keeps the books. False when the chart refused. */
  apply(task: StoredTask, event: TaskEvent): boolean {
    const before = task.snapshot
    const after = taskChart.next(before, event)
    if (after === before) return false
    task.snapshot = after
    this.note({ task, event, before })
    if (event.type !== 'progress') noteTransition(task, event, before, after)
    this.#keepClaims(task, event, before, after)
    if (before.context.waits !== after.context.waits) this.#keepWaiters(task, event, before, after)
    if (after.leaf.status === 'done') this.#settled(task)
    else if (after.leaf.name === 'running.stopping.cancel' && before.leaf !== after.leaf) this.#hearOf(task)
    return true
  }

  note(change: Change): void {
    // most steps are one change: an empty array that grows would take room for seventeen
    if (this.#changes === undefined) this.#changes = [change]
    else this.#changes.push(change)
  }

  #hearOf(task: StoredTask): void {
    this.#news ??= []
    this.#news.push(task)
  }

  #at(): number {
    return this.#changes?.[0]?.event.at ?? 0
  }

  #keepClaims(task: StoredTask, event: TaskEvent, before: TaskSnapshot, after: TaskSnapshot): void {
    const had = before.context.claim
    const has = after.context.claim
    if (had === has) return
    if (has !== undefined) {
      const claim = new Claim(has, task, (event as StartRecord).worker)
      addClaim(this.state, claim)
      holdKeys(this.state, claim)
    } else if (event.type === 'abandon') {
      task.zombie = had
    } else {
      free(this.state, this.state.claims.get(had as string) as Claim)
    }
  }

  /** Exactly the open waits: one that is left behind might be answered in a later attempt. */
  #keepWaiters(task: StoredTask, event: TaskEvent, before: TaskSnapshot, after: TaskSnapshot): void {
    const { waiters } = this.state
    if (event.type === 'ask') {
      if (event.wait.kind === 'child') addWaiter(waiters, event.wait.child, event)
      return
    }
    for (const open of before.context.waits) {
      if (open.wait.kind === 'child' && !after.context.waits.includes(open))
        removeWaiter(waiters, open.wait.child, task.id, open.ask)
    }
  }

  #settled(task: StoredTask): void {
    const { state } = this
    if (task.spec.schedule !== undefined) endedTask(state, task)
    if (task.state !== 'completed') freeIdempotencyKey(state, task)
    if (task.spec.parent !== undefined) removeFrom(state.children, task.spec.parent.task, task.id)
    state.openNeeds.delete(task.id)
    for (const need of task.spec.needs ?? []) removeFrom(state.dependants, need, task.id)
    if (state.children.has(task.id) || state.waiters.has(task.id) || state.dependants.has(task.id)) this.#hearOf(task)
  }

  /** First the children, then those who wait for it, then those who need it; each in submit order. */
  #tell(task: StoredTask): void {
    const { state } = this
    const at = this.#at()
    if (task.state !== 'completed') {
      for (const child of inOrder(state, state.children.get(task.id))) {
        this.apply(child, { type: 'cancel', task: child.id, at, reason: `its parent ${task.id} ended`, by: 'parent' })
      }
    }
    if (!task.settled) return
    state.children.delete(task.id)
    const waiters = state.waiters.get(task.id) ?? []
    state.waiters.delete(task.id)
    const seqOf = (waiter: Waiter): number => state.tasks.get(waiter.task)?.seq ?? 0
    for (const { task: id, claim, ask } of waiters.sort((a, b) => seqOf(a) - seqOf(b))) {
      const waiter = state.tasks.get(id)
      if (waiter !== undefined) this.apply(waiter, { type: 'answer', task: id, claim, ask, at })
    }
    for (const dependant of inOrder(state, state.dependants.get(task.id))) {
      if (task.state !== 'completed') this.fails(dependant, task)
      else this.unblock(dependant)
    }
  }
}

function inOrder(state: StoreState, ids: ReadonlySet<string> | undefined): StoredTask[] {
  if (ids === undefined) return []
  const tasks = [...ids].map((id) => state.tasks.get(id)).filter((task) => task !== undefined)
  return tasks.sort((a, b) => a.seq - b.seq)
}

function noteTransition(task: StoredTask, event: TaskEvent, before: TaskSnapshot, after: TaskSnapshot): void {
  const start = event.type === 'start' ? event : undefined
  // one shape for all: these are the most numerous objects of a store
  const transition: Transition = {
    type: event.type,
    at: event.at,
    from: before.leaf.name as TaskState,
    to: after.leaf.name as TaskState,
    version: after.context.version,
    worker: start?.worker,
    run: start?.run,
  }
  const { transitions } = task
  if (transitions === undefined) task.transitions = [transition]
  // most tasks make two: an array that grows would take room for seventeen
  else if (transitions.length === 1) task.transitions = [transitions[0] as Transition, transition]
  else if (transitions.push(transition) > transitionsKept) transitions.shift()
}
