/** @module One task of a store as a line of JSON, and back. What follows from its submit record is not written twice. */
import { isContextOf } from './context-shape.ts'
import { isFields, isNumber, isNumberIfAny, isText, isTextIfAny } from './read-record.ts'
import type { SubmitRecord, TaskLimits } from './records.ts'
import { type StoredTask, type TaskSnapshot, type Transition, taskChart } from './store-state.ts'
import type { OpenAsk, Stop, TaskContext, TaskState } from './task.ts'

type Fields = Readonly<Record<string, unknown>>
/** The states as the lifecycle table calls them: they stand in a line again and again. */
const letters: { readonly [K in TaskState]: string } = {
  new: 'N',
  'pending.queued': 'Q',
  'pending.delayed': 'D',
  'pending.blocked': 'B',
  'running.executing': 'X',
  'running.waiting': 'W',
  'running.stopping.shutdown': 'Ss',
  'running.stopping.timeout': 'St',
  'running.stopping.cancel': 'Sc',
  completed: 'C',
  failed: 'F',
  cancelled: 'Ca',
}
const states = new Map<unknown, TaskState>(
  Object.entries(letters).map(([state, letter]) => [letter, state as TaskState]),
)

type Row = readonly [
  type: Transition['type'],
  at: number,
  from: string,
  to: string,
  version: number,
  worker?: string,
  run?: number,
]

/** Work that would not stop: its claim, and whose it is. */
export interface Zombie {
  readonly claim: string
  readonly worker: string
}

/** What a line says. */
export interface ReadTask {
  readonly spec: SubmitRecord
  readonly seq: number
  readonly snapshot: TaskSnapshot
  readonly transitions: Transition[] | undefined
  readonly zombie: Zombie | undefined
}

/** A task as a line, with its members in one order whatever order its record had them in. */
export function lineOf(task: StoredTask, zombie: Zombie | undefined): string {
  const { seq, snapshot, transitions } = task
  return JSON.stringify({
    seq,
    leaf: snapshot.leaf.name,
    spec: specOf(task.spec),
    context: partOf(snapshot.context),
    transitions: transitions?.map(rowOf),
    zombie: zombie && { claim: zombie.claim, worker: zombie.worker },
  })
}

function specOf(spec: SubmitRecord): Omit<SubmitRecord, 'local'> {
  const { timeout, grace, maxAttempts, maxOrphans } = spec.limits
  const whole: { readonly [K in Exclude<keyof SubmitRecord, 'local'>]-?: SubmitRecord[K] | undefined } = {
    type: 'submit',
    task: spec.task,
    at: spec.at,
    name: spec.name,
    limits: { timeout, grace, maxAttempts, maxOrphans },
    retry: spec.retry && { ...spec.retry },
    recipe: spec.recipe,
    input: spec.input,
    inputBlob: spec.inputBlob,
    config: spec.config,
    sessionId: spec.sessionId,
    owner: spec.owner,
    tags: spec.tags,
    metadata: spec.metadata,
    priority: spec.priority,
    delay: spec.delay,
    deadline: spec.deadline,
    keys: spec.keys,
    needs: spec.needs,
    needNames: spec.needNames,
    idempotencyKey: spec.idempotencyKey,
    fingerprint: spec.fingerprint,
    parent: spec.parent,
    retryOf: spec.retryOf,
    trace: spec.trace,
    schedule: spec.schedule,
  }
  return whole as SubmitRecord
}

/** Nothing for zero: most tasks have not failed. */
const count = (value: number): number | undefined => (value === 0 ? undefined : value)

/** What the submit record does not say. */
function partOf(context: TaskContext): Fields {
  const { progress, waits, stop, lastError, outcome } = context
  return {
    version: context.version,
    dueAt: context.dueAt,
    run: count(context.run),
    failures: count(context.failures),
    orphans: count(context.orphans),
    claim: context.claim,
    worker: context.worker,
    startedAt: context.startedAt,
    endedAt: context.endedAt,
    progress: progress && { fraction: progress.fraction, message: progress.message },
    asks: count(context.asks),
    waits: waits.length === 0 ? undefined : waits,
    stop: stop && { cause: stop.cause, reason: stop.reason, by: stop.by, retryAt: stop.retryAt },
    // a task that failed did so by its last error
    lastError: outcome?.status === 'failed' ? undefined : lastError,
    outcome,
  }
}

function rowOf({ type, at, from, to, version, worker, run }: Transition): Row {
  if (worker === undefined) return [type, at, letters[from], letters[to], version]
  return [type, at, letters[from], letters[to], version, worker, run as number]
}

const noWaits: readonly OpenAsk[] = Object.freeze([])

/** Reads lines. What many tasks have in common is kept once: V8 makes a new string of each it reads. */
export class TaskLines {
  readonly #limits = new Map<string, TaskLimits>()
  readonly #texts = new Map<string, string>()
  #last: TaskLimits | undefined

  /** The task that a line says; undefined when it says none. Its `spec` must have been found to be a submit record. */
  read(line: Fields, spec: SubmitRecord): ReadTask | undefined {
    const { seq, context, transitions: rows, zombie } = line
    const leaf = taskChart.leaves.get(line.leaf as string)
    if (leaf === undefined || leaf.name === 'new' || !isNumber(seq) || !isFields(context)) return undefined
    const settled = leaf.status === 'done'
    if (!isContextOf(leaf, context)) return undefined
    if (zombie !== undefined && !(settled && isFields(zombie) && isText(zombie.claim) && isText(zombie.worker)))
      return undefined
    const transitions = rows === undefined ? undefined : this.#transitions(rows)
    if (rows !== undefined && transitions === undefined) return undefined
    this.#shareTexts(spec)
    const whole = this.#whole(context as Partial<TaskContext>, spec)
    return { spec, seq, snapshot: taskChart.at(leaf.name as never, whole), transitions, zombie: zombie as never }
  }

  #shareTexts(spec: { -readonly [K in keyof SubmitRecord]: SubmitRecord[K] }): void {
    spec.limits = this.#share(spec.limits)
    spec.name = this.#text(spec.name)
    if (spec.recipe !== undefined) spec.recipe = this.#text(spec.recipe)
    if (spec.owner !== undefined) spec.owner = this.#text(spec.owner)
  }

  #share({ timeout, grace, maxAttempts, maxOrphans }: TaskLimits): TaskLimits {
    const last = this.#last
    if (last?.timeout === timeout && last?.grace === grace)
      if (last?.maxAttempts === maxAttempts && last?.maxOrphans === maxOrphans) return last
    const name = `${timeout} ${grace} ${maxAttempts} ${maxOrphans}`
    const known = this.#limits.get(name)
    const limits = known ?? { timeout, grace, maxAttempts, maxOrphans }
    this.#limits.set(name, limits)
    this.#last = limits
    return limits
  }

  #text(text: string): string {
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#texts.set(text, text)
    return text
  }

  #whole(part: Partial<TaskContext>, { limits, delay, deadline }: SubmitRecord): TaskContext {
    const { outcome } = part
    return {
      version: part.version as number,
      limits,
      delay,
      deadline,
      dueAt: part.dueAt,
      run: part.run ?? 0,
      failures: part.failures ?? 0,
      orphans: part.orphans ?? 0,
      claim: part.claim,
      worker: part.worker && this.#text(part.worker),
      startedAt: part.startedAt,
      endedAt: part.endedAt,
      progress: part.progress && { fraction: part.progress.fraction, message: part.progress.message },
      asks: part.asks ?? 0,
      waits: part.waits ?? noWaits,
      stop: part.stop && this.#stop(part.stop),
      lastError: outcome?.status === 'failed' ? outcome.error : part.lastError,
      outcome,
    }
  }

  #stop({ cause, reason, by, retryAt }: Stop): Stop {
    return { cause, reason, by, retryAt }
  }

  #transitions(rows: unknown): Transition[] | undefined {
    if (!Array.isArray(rows)) return undefined
    const transitions = rows.map((row) => this.#transition(row))
    return transitions.includes(undefined) ? undefined : (transitions as Transition[])
  }

  #transition(row: unknown): Transition | undefined {
    if (!Array.isArray(row)) return undefined
    const type: unknown = row[0]
    const at: unknown = row[1]
    const from = states.get(row[2])
    const to = states.get(row[3])
    const version: unknown = row[4]
    const worker: unknown = row[5]
    const run: unknown = row[6]
    if (from === undefined || to === undefined || !isText(type) || !isNumber(at) || !isNumber(version)) return undefined
    if (!isTextIfAny(worker) || (worker === undefined) !== (run === undefined) || !isNumberIfAny(run)) return undefined
    return {
      type: this.#text(type) as Transition['type'],
      at,
      from,
      to,
      version,
      worker: worker === undefined ? undefined : this.#text(worker as string),
      run: run as number | undefined,
    }
  }
}
