/** @module The XState actors of a runner: itself, its live tasks and their attempts, for whoever inspects them. */
import {
  type ActorRefFrom,
  type AnyActor,
  type AnyActorLogic,
  type AnyActorRef,
  type AnyActorScope,
  createActor,
  type InspectionEvent,
  type Observer,
} from 'xstate'
import { compile } from '../machines/compile.ts'
import type { TaskEvent } from '../machines/records.ts'
import { runnerMachine } from '../machines/runner.ts'
import { type SchedulerEvent, schedulerMachine } from '../machines/scheduler.ts'
import { type TaskSnapshot, taskChart } from '../machines/store-state.ts'
import { TurnoverMap } from '../turnover-map.ts'

export type Inspect = Observer<InspectionEvent> | ((event: InspectionEvent) => void)
/** A task as an actor: `getSnapshot()`, `subscribe()`, and XState's `toPromise` and `waitFor` work on it. */
export type TaskActor = ActorRefFrom<typeof taskChart.logic>
type AttemptEvent =
  | { readonly type: 'stop'; readonly cause: string }
  | { readonly type: 'settled'; readonly ok: boolean }
interface AttemptInput {
  readonly attempt: number
  readonly run: number
}

const runnerChart = compile(runnerMachine)
const schedulerChart = compile(schedulerMachine)
export type RunnerActor = ActorRefFrom<typeof runnerChart.logic>

interface AttemptSnapshot {
  readonly status: 'active' | 'done' | 'stopped' | 'error'
  readonly value: 'executing' | 'stopping' | 'settled'
  readonly context: AttemptInput & { readonly stopCause?: string; readonly ok?: boolean }
  readonly output: unknown
  readonly error: undefined
}

/** One call of a handler, as an actor: it executes, may be told to stop, and settles; or is freed, long after its task. */
const attemptLogic = {
  config: { id: 'attempt' },
  transition(snapshot: AttemptSnapshot, event: AttemptEvent | { readonly type: 'xstate.stop' }): AttemptSnapshot {
    if (event.type === 'xstate.stop') return { ...snapshot, status: 'stopped' }
    const { context } = snapshot
    if (event.type === 'stop')
      return { ...snapshot, value: 'stopping', context: { ...context, stopCause: event.cause } }
    const ended = { value: 'settled', context: { ...context, ok: event.ok }, output: { ok: event.ok } } as const
    return { ...snapshot, ...ended, status: event.type === 'settled' ? 'done' : 'active' }
  },
  getInitialSnapshot: (_scope: unknown, input: AttemptInput): AttemptSnapshot => ({
    status: 'active',
    value: 'executing',
    context: input,
    output: undefined,
    error: undefined,
  }),
  getPersistedSnapshot: (snapshot: AttemptSnapshot) => snapshot,
} as unknown as AnyActorLogic

/** The chart's logic, begun at a given moment. */
class TaskLogic {
  readonly #birth: TaskSnapshot

  constructor(birth: TaskSnapshot) {
    this.#birth = birth
  }

  get config(): object {
    return taskChart.logic.config
  }

  getInitialSnapshot(): TaskSnapshot {
    return this.#birth
  }

  transition(snapshot: TaskSnapshot, event: TaskEvent): TaskSnapshot {
    return event.type === ('xstate.stop' as string) ? taskChart.stopped(snapshot) : taskChart.next(snapshot, event)
  }

  getPersistedSnapshot(snapshot: TaskSnapshot): unknown {
    return snapshot.toJSON()
  }
}

/** One that can stop its children: XState lets nobody else do it. */
class ParentLogic extends TaskLogic {
  scope: AnyActorScope | undefined

  override getInitialSnapshot(scope?: AnyActorScope): TaskSnapshot {
    this.scope = scope
    return super.getInitialSnapshot()
  }
}

interface LiveAttempt {
  readonly actor: AnyActorRef
  readonly parent: AnyActorRef
  readonly scope: AnyActorScope
}

/** An inspector that may throw: XState would pass that on to whoever sent the event. It is told of once. */
export function shielded(inspect: Inspect, warn: (message: string, cause: unknown) => void): Inspect {
  let told = false
  return (event) => {
    try {
      if (typeof inspect === 'function') inspect(event)
      else inspect.next?.(event)
    } catch (error) {
      if (told) return
      told = true
      warn('the inspector threw', error)
    }
  }
}

/** The live actors below one runner actor. A finished one is dropped; XState's own parents would keep it for ever. */
export class LiveActors {
  readonly root: RunnerActor
  readonly #inspected: boolean
  readonly #tasks = new TurnoverMap<string, TaskActor>()
  readonly #attempts = new TurnoverMap<string, LiveAttempt>()
  #scheduler: AnyActorRef | undefined
  #scope: AnyActorScope | undefined
  #closed = false

  constructor(id: string, inspect: Inspect | undefined) {
    this.#inspected = inspect !== undefined
    const getInitialSnapshot: typeof runnerChart.logic.getInitialSnapshot = (scope, input) => {
      this.#scope = scope
      return runnerChart.logic.getInitialSnapshot(scope, input)
    }
    this.root = createActor({ ...runnerChart.logic, getInitialSnapshot }, { id, ...(inspect && { inspect }) })
    // without an observer of errors, XState makes an uncaught exception of a root's error
    this.root.subscribe({ error: () => {} })
    this.root.start()
  }

  /** How many task actors are alive. */
  get size(): number {
    return this.#tasks.size
  }

  get(task: string): TaskActor | undefined {
    return this.#tasks.get(task)
  }

  /** Brings a task to life at a moment of its chart. One that has ended, or that nobody follows any more, is not kept. */
  spawn(task: string, snapshot: TaskSnapshot): TaskActor {
    const known = this.#tasks.get(task)
    if (known !== undefined) return known
    const kept = !this.#closed && snapshot.leaf.status === 'active'
    const actor = this.#inspected && kept ? this.#createChild(task, snapshot) : createAlone(task, snapshot)
    actor.start()
    if (kept) this.#tasks.set(task, actor)
    else actor.stop()
    return actor
  }

  /** Sends a live task what happened to it; nothing happens for others. */
  send(task: string, event: TaskEvent): void {
    const actor = this.#tasks.get(task)
    if (actor === undefined) return
    actor.send(event)
    if (actor.getSnapshot().status === 'active') return
    this.#tasks.delete(task)
  }

  /** Brings a call of a handler to life, below its task; only for an inspector. */
  attempt(claim: string, task: string, input: AttemptInput): void {
    if (!this.#inspected || this.#closed) return
    const parent: AnyActorRef = this.#tasks.get(task) ?? this.root
    const { logic } = parent as AnyActor
    const scope = logic instanceof ParentLogic ? logic.scope : this.#scope
    if (scope === undefined) return
    const actor = createActor(attemptLogic, { parent, id: `${task}/attempt-${input.run}`, input } as never)
    this.#attempts.set(claim, { actor, parent, scope })
    actor.start()
  }

  tellAttempt(claim: string, event: AttemptEvent): void {
    const attempt = this.#attempts.get(claim)
    if (attempt === undefined) return
    if (event.type !== 'settled') return attempt.actor.send(event)
    this.#attempts.delete(claim)
    const { actor, parent, scope } = attempt
    if (parent.getSnapshot().status === 'active') return actor.send(event)
    // a zombie has outlived its task: XState would tell the task of the end, and complain that it is over
    actor.send({ ...event, type: 'freed' })
    scope.stopChild(actor)
  }

  /** Moves the actor of the runner's scheduler; only for an inspector. */
  tellScheduler(event: SchedulerEvent): void {
    if (!this.#inspected || this.#closed) return
    if (this.#scheduler === undefined) {
      const logic = schedulerChart.logic as unknown as AnyActorLogic
      this.#scheduler = createActor(logic, { parent: this.root, id: 'scheduler' } as never)
      this.#scheduler.start()
    }
    this.#scheduler.send(event)
  }

  /** Stops everything, so that nobody waits for what will not come. */
  close(): void {
    this.#closed = true
    for (const { actor, scope } of this.#attempts.values()) scope.stopChild(actor)
    for (const actor of this.#tasks.values()) this.#stop(actor)
    if (this.#scheduler !== undefined) this.#scope?.stopChild(this.#scheduler)
    this.#attempts.clear()
    this.#tasks.clear()
    this.root.stop()
  }

  #stop(actor: TaskActor): void {
    if (this.#inspected) this.#scope?.stopChild(actor)
    else actor.stop()
  }

  #createChild(id: string, snapshot: TaskSnapshot): TaskActor {
    return createActor(new ParentLogic(snapshot) as unknown as AnyActorLogic, {
      parent: this.root,
      id,
    }) as unknown as TaskActor
  }
}

/**
 * An actor of its own, while nobody inspects: a child costs five times as much to make, and the registry of its system
 * keeps dead ones alive from one small collection of garbage to the next.
 */
function createAlone(id: string, snapshot: TaskSnapshot): TaskActor {
  const actor = createActor(new TaskLogic(snapshot) as unknown as AnyActorLogic) as unknown as TaskActor
  // an option would cost more than all the rest: XState copies its options at every call
  actor.id = id
  return actor
}
