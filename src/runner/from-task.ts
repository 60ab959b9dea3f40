/** @module Tasks as actor logic: a user's own machine invokes or spawns one like any other actor. */
import type { ActorLogic, AnyActorScope, EventObject, Snapshot } from 'xstate'
import type { Failure } from '../errors.ts'
import { checkOneOf, checkOptions } from '../validate.ts'
import type { SettledOutcome } from './outcome.ts'
import { findAgain, type Kept } from './reattach.ts'
import { type BackgroundRunner, coreOf } from './runner.ts'
import type { BackgroundTask } from './task.ts'
import type { AnyRecipe, RecipeInput, RecipeResult, SubmitOptions, SubmitRecipeOptions, TaskContext } from './types.ts'

/** What a task that is an actor shows. */
export type FromTaskSnapshot<R> = Snapshot<R> & {
  /** Known before the task is submitted, so that it can be found again whenever the snapshot was taken. */
  readonly taskId: string
  /** Whether the runner has the task. */
  readonly submitted: boolean
  readonly progress: number
  readonly message: string | undefined
}

/** Options of {@link fromTask}. */
export interface FromTaskOptions {
  /** How the task is submitted. */
  readonly submit?: SubmitRecipeOptions & Pick<SubmitOptions, 'thread'>
  /**
   * What becomes of the task when the actor is stopped: `'cancel'`, `'detach'`, or `'auto'`: a state that was left, or a
   * machine that has ended, cancels it; a root that was stopped detaches a recipe, and cancels a function. @default 'auto'
   */
  readonly onStop?: 'auto' | 'cancel' | 'detach'
}

type TaskWork = AnyRecipe | string | ((input: never, ctx: TaskContext) => unknown)
type WorkInput<W> = W extends (input: infer I, ctx: TaskContext) => unknown ? I : RecipeInput<W>
type WorkResult<W> = W extends (...args: never[]) => infer R ? Awaited<R> : RecipeResult<W>

/** The logic that {@link fromTask} makes. */
export type TaskLogic<W> = ActorLogic<
  FromTaskSnapshot<WorkResult<W>>,
  EventObject,
  WorkInput<W>,
  AnyActorScope['system']
>

type Told =
  | { readonly type: 'offstage.submitted'; readonly taskId: string }
  | { readonly type: 'offstage.progress'; readonly progress: number; readonly message: string | undefined }
  | { readonly type: 'offstage.completed'; readonly output: unknown }
  | { readonly type: 'offstage.failed'; readonly error: Pick<Failure, 'code' | 'message'> }

/** What XState gives to logic: the little of it that is used here. */
interface Self {
  send(event: Told): void
  getSnapshot(): { readonly status: string }
  readonly _parent?: Self | undefined
}
interface Scope {
  readonly self: Self
}

/** What an actor is at work on. */
class Following {
  task: BackgroundTask<unknown> | undefined
  /** Ends the listening. */
  readonly over = new AbortController()
  detached = false

  get stopped(): boolean {
    return this.over.signal.aborted
  }
}

/**
 * Makes actor logic of a recipe or a function: `invoke: { src: fromTask(runner, research), input, onDone, onError }`.
 * The output is the task's result; the error is `{ code, message }`; the snapshot shows `taskId`, `progress` and `message`.
 *
 * A machine that was restored from its persisted snapshot, in this process or a later one, finds its task again and does not
 * run the work twice: a task that has ended meanwhile is done, or failed, at once. Where retention has taken the task, or may
 * have, the error's code is GONE. Tasks of functions end with their process, so let a durable machine invoke recipes.
 *
 * @throws {ValidationError} for options that cannot be.
 *
 * @example
 * ```ts
 * import { createActor, createMachine, toPromise } from 'xstate'
 * import { BackgroundRunner, fromTask } from 'offstage'
 *
 * const runner = new BackgroundRunner()
 * const double = fromTask(runner, (input: number) => input * 2)
 * const actor = createActor(double, { input: 21 }).start()
 * await toPromise(actor) // 42
 * ```
 */
export function fromTask<W extends TaskWork>(
  runner: BackgroundRunner,
  work: W,
  options: FromTaskOptions = {},
): TaskLogic<W> {
  checkOptions(options, new Set(['submit', 'onStop']), 'the options of fromTask')
  const onStop = checkOneOf(options.onStop ?? 'auto', 'onStop', ['auto', 'cancel', 'detach'])
  const isFunction = typeof work === 'function'
  const actors = new WeakMap<Self, Following>()
  const restored = new WeakSet<Self>()

  const submit = async (input: unknown, id: string): Promise<BackgroundTask<unknown>> => {
    const submitOptions = { id, ...options.submit }
    if (!isFunction) return runner.submitRecipe(work as AnyRecipe, input as never, submitOptions)
    const fn = work as unknown as (input: unknown, ctx: TaskContext) => unknown
    return runner.submit(fn as never, { ...submitOptions, args: [input] } as never) as BackgroundTask<unknown>
  }

  const find = async (self: Self, shown: Shown): Promise<BackgroundTask<unknown>> => {
    const again = restored.has(self) ? await findAgain(runner, shown) : undefined
    const task = again ?? (await submit(shown.input, shown.taskId))
    if (!shown.submitted && !actors.get(self)?.stopped) self.send({ type: 'offstage.submitted', taskId: task.id })
    return task
  }

  const follow = async (self: Self, { over }: Following, task: BackgroundTask<unknown>): Promise<void> => {
    const { signal } = over
    const progressed = (progress: number, message: string | undefined): void =>
      self.send({ type: 'offstage.progress', progress, message })
    for await (const event of task.events({ signal })) {
      if (signal.aborted) return
      if (event.type === 'progress') progressed(event.fraction, event.message)
      else if (event.type === 'snapshot' && event.task.progress !== undefined)
        progressed(event.task.progress, event.task.message)
    }
    if (!task.isSettled || signal.aborted) return
    // what was seen to end may not be durable yet
    const outcome = await task.settled({ signal })
    if (outcome !== undefined && !signal.aborted) self.send(ending(outcome))
  }

  const run = async (self: Self, shown: Shown): Promise<void> => {
    const following = new Following()
    actors.set(self, following)
    try {
      const task = await find(self, shown)
      following.task = task
      if (!following.stopped) await follow(self, following, task)
      else if (!following.detached) await task.cancel(why)
    } catch (error) {
      if (!following.stopped) self.send({ type: 'offstage.failed', error: plain(error as Error & { code?: string }) })
    }
  }

  const stop = (self: Self): void => {
    const following = actors.get(self)
    if (following === undefined) return
    following.detached = onStop === 'detach' || (onStop === 'auto' && !isFunction && isRootStopped(self))
    following.over.abort()
    if (!following.detached) void following.task?.cancel(why).catch(() => {})
  }

  const logic = {
    config: {
      id: 'offstage.task',
      work: isFunction ? (work as { name: string }).name : typeof work === 'string' ? work : work.name,
    },
    getInitialSnapshot: (_scope: unknown, input: unknown): Shown => ({
      status: 'active',
      output: undefined,
      error: undefined,
      input,
      taskId: options.submit?.id ?? coreOf(runner).settings.random.id(),
      submitted: false,
      since: coreOf(runner).settings.clock.now(),
      progress: 0,
      message: undefined,
    }),
    start: (snapshot: Shown, { self }: Scope) => {
      if (snapshot.status === 'active') void run(self, snapshot)
    },
    transition: (snapshot: object, event: Told | { type: 'xstate.stop' }, { self }: Scope) => {
      switch (event.type) {
        case 'offstage.submitted':
          return { ...snapshot, taskId: event.taskId, submitted: true }
        case 'offstage.progress':
          return { ...snapshot, progress: event.progress, message: event.message }
        case 'offstage.completed':
          return { ...snapshot, status: 'done', output: event.output, progress: 1 }
        case 'offstage.failed':
          return { ...snapshot, status: 'error', error: event.error }
        case 'xstate.stop':
          stop(self)
          return { ...snapshot, status: 'stopped' }
        default:
          return snapshot
      }
    },
    getPersistedSnapshot: (snapshot: object) => snapshot,
    restoreSnapshot: (snapshot: object, { self }: Scope) => {
      restored.add(self)
      return snapshot
    },
  }
  return logic as unknown as TaskLogic<W>
}

const why = 'its actor was stopped'

/** What an actor of this logic shows, and is restored from. */
interface Shown extends Kept {
  readonly status: 'active' | 'done' | 'error' | 'stopped'
  readonly output: unknown
  readonly error: unknown
  readonly input: unknown
  readonly progress: number
  readonly message: string | undefined
}

/** A root that goes on, or has ended by itself, has left the state that the actor belonged to. */
function isRootStopped(self: Self): boolean {
  let root = self._parent
  while (root?._parent !== undefined) root = root._parent
  return root === undefined || root.getSnapshot().status === 'stopped'
}

function ending(outcome: SettledOutcome<unknown>): Told {
  if (outcome.ok) return { type: 'offstage.completed', output: outcome.result }
  if (outcome.status === 'failed') return { type: 'offstage.failed', error: plain(outcome.error) }
  const message = outcome.reason ?? 'the task was cancelled'
  return { type: 'offstage.failed', error: { code: 'CANCELLED', message } }
}

function plain({
  code,
  message,
}: {
  readonly code?: string
  readonly message: string
}): Pick<Failure, 'code' | 'message'> {
  return { code: code ?? 'ERROR', message }
}
