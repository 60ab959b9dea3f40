/** @module The XState actors of a runner: itself, its live tasks and their attempts, for whoever inspects them. */
import {
  type ActorRefFrom,
  type AnyActorLogic,
  type AnyActorRef,
  createActor,
  type InspectionEvent,
  type Observer,
} from 'xstate'
import { compile } from '../machines/compile.ts'
import type { TaskEvent } from '../machines/records.ts'
import { runnerMachine } from '../machines/runner.ts'
import { type TaskSnapshot, taskChart } from '../machines/store-state.ts'

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
export type RunnerActor = ActorRefFrom<typeof runnerChart.logic>

interface AttemptSnapshot {
  readonly status: 'active' | 'done' | 'stopped' | 'error'
  readonly value: 'executing' | 'stopping' | 'settled'
  readonly context: AttemptInput & { readonly stopCause?: string; readonly ok?: boolean }
  readonly output: unknown
  readonly error: undefined
}

/** One call of a handler, as an actor: it executes, may be told to stop, and settles. */
const attemptLogic = {
  config: { id: 'attempt' },
  transition(snapshot: AttemptSnapshot, event: AttemptEvent | { readonly type: 'xstate.stop' }): AttemptSnapshot {
    if (event.type === 'xstate.stop') return { ...snapshot, status: 'stopped' }
    const { context } = snapshot
    if (event.type === 'stop')
      return { ...snapshot, value: 'stopping', context: { ...context, stopCause: event.cause } }
    if (event.type !== 'settled') return snapshot
    return {
      ...snapshot,
      status: 'done',
      value: 'settled',
      context: { ...context, ok: event.ok },
      output: { ok: event.ok },
    }
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

/** The live actors below one runner actor. A finished one is dropped; XState's own parents would keep it for ever. */
export class LiveActors {
  readonly root: RunnerActor
  readonly #inspected: boolean
  readonly #tasks = new Map<string, TaskActor>()
  readonly #attempts = new Map<string, AnyActorRef>()
  #closed = false

  constructor(id: string, inspect: Inspect | undefined) {
    this.#inspected = inspect !== undefined
    this.root = createActor(runnerChart.logic, { id, ...(inspect && { inspect }) })
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

  /** Brings a task to life at a moment of its chart. */
  spawn(task: string, snapshot: TaskSnapshot): TaskActor {
    const known = this.#tasks.get(task)
    if (known !== undefined) return known
    const actor = this.#create(task, snapshot)
    actor.start()
    if (snapshot.leaf.status === 'active') this.#tasks.set(task, actor)
    return actor
  }

  /**
   * For an inspector, a child of the runner. Otherwise an actor of its own: a child costs five times as much to make, and
   * the registry of its system keeps dead ones alive from one small collection of garbage to the next.
   */
  #create(id: string, snapshot: TaskSnapshot): TaskActor {
    if (this.#inspected)
      return createActor(taskChart.logic, { parent: this.root, id, input: snapshot } as never) as TaskActor
    const actor = createActor(new TaskLogic(snapshot) as unknown as AnyActorLogic) as unknown as TaskActor
    // an option would cost more than all the rest: XState copies its options at every call
    actor.id = id
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

  attempt(claim: string, task: string, input: AttemptInput): void {
    const id = `${task}/attempt-${input.run}`
    const actor = createActor(attemptLogic, { parent: this.root, id, input } as never)
    this.#attempts.set(claim, actor)
    actor.start()
  }

  tellAttempt(claim: string, event: AttemptEvent): void {
    if (this.#closed) return
    this.#attempts.get(claim)?.send(event)
    if (event.type === 'settled') this.#attempts.delete(claim)
  }

  close(): void {
    this.#closed = true
    this.root.stop()
  }
}
