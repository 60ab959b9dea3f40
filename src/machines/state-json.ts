/**
 * @module The fold of a store as lines of JSON, and back. Equal states give equal lines, whatever way they were reached;
 * what follows from the tasks is not written, but derived again.
 */
import { OffstageError } from '../errors.ts'
import { holdKeys } from './keys.ts'
import type { SubmitRecord, TaskLimits } from './records.ts'
import {
  addClaim,
  addTo,
  Claim,
  emptyStore,
  idempotencyName,
  type Memory,
  StoredTask,
  type StoreState,
  type Transition,
  taskChart,
} from './store-state.ts'
import type { TaskContext } from './task.ts'

/** In the order in which they are written. */
const specKeys = [
  'type',
  'task',
  'at',
  'name',
  'limits',
  'recipe',
  'input',
  'inputBlob',
  'config',
  'sessionId',
  'owner',
  'tags',
  'metadata',
  'priority',
  'delay',
  'deadline',
  'keys',
  'needs',
  'needNames',
  'idempotencyKey',
  'fingerprint',
  'parent',
  'retryOf',
  'trace',
] as const satisfies readonly (keyof SubmitRecord)[]

/** A task as a line. */
interface TaskLine {
  readonly seq: number
  readonly spec: SubmitRecord
  readonly leaf: string
  readonly context: Partial<TaskContext>
  readonly transitions?: readonly TransitionRow[]
  readonly zombie?: { readonly claim: string; readonly worker: string }
}
type TransitionRow = readonly [
  type: Transition['type'],
  at: number,
  from: Transition['from'],
  to: Transition['to'],
  version: number,
  worker?: string,
  run?: number,
]

/** How many ids stand in a line. */
const idsInLine = 1_000

/** Writes a state, a line at a time, without newlines. */
export function* writeState(state: StoreState): Generator<string> {
  let lines = 2
  yield JSON.stringify({ type: 'state', lastSeq: state.lastSeq, tasks: state.tasks.size })
  for (const task of state.tasks.values()) {
    lines += 1
    yield JSON.stringify(lineOf(task, state))
  }
  for (const name of ['expired', 'forgotten'] as const) {
    for (const ids of chunks(state[name])) {
      lines += 1
      yield JSON.stringify({ [name]: ids })
    }
  }
  yield JSON.stringify({ type: 'end', lines })
}

function lineOf(task: StoredTask, state: StoreState): TaskLine {
  const { seq, snapshot, transitions, zombie } = task
  const spec = Object.fromEntries(specKeys.map((key) => [key, task.spec[key]])) as unknown as SubmitRecord
  return {
    seq,
    spec,
    leaf: snapshot.leaf.name,
    context: contextOf(snapshot.context),
    ...(transitions !== undefined && { transitions: transitions.map(rowOf) }),
    ...(zombie !== undefined && { zombie: { claim: zombie, worker: (state.claims.get(zombie) as Claim).worker } }),
  }
}

/** With all its fields, in one order: what was written and read again must look like what never was. */
function contextOf(context: Partial<TaskContext>, limits = context.limits): TaskContext {
  const { waits = [], version = 0, run = 0, failures = 0, orphans = 0, asks = 0 } = context
  return {
    version,
    limits: limits as TaskLimits,
    delay: context.delay,
    deadline: context.deadline,
    dueAt: context.dueAt,
    run,
    failures,
    orphans,
    claim: context.claim,
    worker: context.worker,
    startedAt: context.startedAt,
    endedAt: context.endedAt,
    progress: context.progress && { fraction: context.progress.fraction, message: context.progress.message },
    asks,
    waits,
    stop: context.stop && {
      cause: context.stop.cause,
      reason: context.stop.reason,
      by: context.stop.by,
      retryAt: context.stop.retryAt,
    },
    lastError: context.lastError,
    outcome: context.outcome,
  }
}

function rowOf({ type, at, from, to, version, worker, run }: Transition): TransitionRow {
  return worker === undefined ? [type, at, from, to, version] : [type, at, from, to, version, worker, run ?? 0]
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
  /** Most tasks have the same limits. */
  readonly #limits = new Map<string, TaskLimits>()
  readonly #zombies: { readonly task: StoredTask; readonly worker: string }[] = []
  #lines = 0
  #expected: number | undefined
  #ended = false

  /** @param existing A task object that somebody holds, to be changed rather than made. */
  constructor(existing?: (id: string) => StoredTask | undefined) {
    this.#existing = existing
  }

  /** @throws {OffstageError} STORE for a line that does not belong there. */
  line(text: string): void {
    const line = parse(text)
    this.#lines += 1
    if (this.#lines === 1) return this.#head(line)
    if (this.#ended) throw damaged('goes on behind its end')
    if (line['seq'] !== undefined) this.#task(line as unknown as TaskLine)
    else if (Array.isArray(line['expired'])) for (const id of line['expired']) this.#state.expired.add(id)
    else if (Array.isArray(line['forgotten'])) for (const id of line['forgotten']) this.#state.forgotten.add(id)
    else if (line['type'] === 'end' && line['lines'] === this.#lines) this.#ended = true
    else throw damaged(`has a line ${this.#lines} that says nothing known`)
  }

  /** @throws {OffstageError} STORE when something is missing. */
  end(): StoreState {
    if (!this.#ended || this.#state.tasks.size !== this.#expected) throw damaged('is not whole')
    for (const task of this.#state.tasks.values()) this.#derive(task)
    for (const { task, worker } of this.#zombies) this.#claim(task.zombie as string, task, worker)
    return this.#state
  }

  #head(line: Record<string, unknown>): void {
    const { type, lastSeq, tasks } = line
    if (type !== 'state' || typeof lastSeq !== 'number' || typeof tasks !== 'number') throw damaged('has no head')
    this.#state.lastSeq = lastSeq
    this.#expected = tasks
  }

  #task({ seq, spec, leaf, context, transitions, zombie }: TaskLine): void {
    const limits = this.#shared(spec.limits)
    const own = { ...spec, limits }
    const snapshot = taskChart.at(
      leaf as Parameters<typeof taskChart.at>[0],
      contextOf(context, this.#shared(context.limits)),
    )
    const task = this.#existing?.(spec.task) ?? new StoredTask(own, seq, snapshot)
    task.snapshot = snapshot
    task.transitions = transitions?.map(transitionOf)
    task.zombie = zombie?.claim
    if (zombie !== undefined) this.#zombies.push({ task, worker: zombie.worker })
    this.#state.tasks.set(spec.task, task)
  }

  #shared(limits: TaskLimits | undefined): TaskLimits {
    const text = JSON.stringify(limits)
    const known = this.#limits.get(text)
    if (known !== undefined) return known
    // the fold expects the field, though none is written for "no timeout"
    const whole = { timeout: undefined, ...limits } as TaskLimits
    this.#limits.set(text, whole)
    return whole
  }

  /** What follows from a task. In submit order, as everything that spans tasks is. */
  #derive(task: StoredTask): void {
    const state = this.#state
    const { claim, worker, waits } = task.snapshot.context
    const { spec, id } = task
    const name = idempotencyName(spec)
    if (name !== undefined && task.state !== 'failed' && task.state !== 'cancelled') state.idempotent.set(name, id)
    if (claim !== undefined) this.#claim(claim, task, worker ?? '')
    for (const { ask, wait } of waits) {
      if (wait.kind !== 'child') continue
      const waiters = state.waiters.get(wait.child) ?? []
      waiters.push({ task: id, claim: claim ?? '', ask })
      state.waiters.set(wait.child, waiters)
    }
    if (task.settled) return
    const needs = [...new Set(spec.needs)]
    for (const need of needs) addTo(state.dependants, need, id)
    if (task.state === 'pending.blocked') {
      const open = needs.filter((need) => state.tasks.get(need)?.state !== 'completed')
      state.openNeeds.set(id, open.length)
    }
    const parent = spec.parent === undefined ? undefined : state.tasks.get(spec.parent.task)
    if (parent !== undefined && !parent.settled) addTo(state.children, parent.id, id)
  }

  #claim(id: string, task: StoredTask, worker: string): void {
    const claim = new Claim(id, task, worker)
    addClaim(this.#state, claim)
    holdKeys(this.#state, claim)
  }
}

function transitionOf([type, at, from, to, version, worker, run]: TransitionRow): Transition {
  return { type, at, from, to, version, worker, run }
}

function parse(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw damaged('has a line that is no JSON', cause)
  }
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  throw damaged('has a line that is no object')
}

const damaged = (what: string, cause?: unknown): OffstageError =>
  new OffstageError('STORE', `the snapshot ${what}`, cause === undefined ? undefined : { cause })
