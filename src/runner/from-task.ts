/** @module Tasks as actor logic: a user's own machine invokes or spawns one like any other actor. */
import type { ActorLogic, AnyActorScope, EventObject, Snapshot } from 'xstate'
import type { Failure } from '../errors.ts'
import { checkOneOf, checkOptions } from '../validate.ts'
import type { BackgroundRunner } from './runner.ts'
import type { BackgroundTask } from './task.ts'
import type { AnyRecipe, RecipeInput, RecipeResult, SubmitOptions, SubmitRecipeOptions, TaskContext } from './types.ts'

/** What a task that is an actor shows. */
export type FromTaskSnapshot<R> = Snapshot<R> & {
  readonly taskId: string | undefined
  readonly progress: number
  readonly message: string | undefined
}

/** Options of {@link fromTask}. */
export interface FromTaskOptions {
  /** How the task is submitted. */
  readonly submit?: SubmitRecipeOptions & Pick<SubmitOptions, 'thread'>
  /**
   * What becomes of the task when the actor is stopped: `'cancel'`, `'detach'`, or `'auto'`: a state that was left cancels
   * it; a root that was stopped detaches a recipe, and cancels a function. @default 'auto'
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
interface Scope {
  readonly self: {
    send(event: EventObject): void
    readonly _parent?: { getSnapshot(): { readonly status: string } } | undefined
  }
  readonly system: { _relay(source: unknown, target: unknown, event: EventObject): void }
}

/**
 * Makes actor logic of a recipe or a function: `invoke: { src: fromTask(runner, research), input, onDone, onError }`.
 * The output is the task's result; the error is `{ code, message }`; the snapshot shows `taskId`, `progress` and `message`.
 *
 * A machine that was restored from its persisted snapshot finds its task again and does not run the work twice; where the
 * store has forgotten the task meanwhile, the error's code is GONE.
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
  const tasks = new WeakMap<object, { task?: BackgroundTask<unknown>; stopped: boolean }>()

  const submit = async (input: unknown): Promise<BackgroundTask<unknown>> => {
    if (!isFunction) return runner.submitRecipe(work as AnyRecipe, input as never, options.submit)
    const fn = work as unknown as (input: unknown, ctx: TaskContext) => unknown
    return runner.submit(fn as never, { ...options.submit, args: [input] } as never) as BackgroundTask<unknown>
  }

  const follow = async (self: Scope['self'], task: BackgroundTask<unknown>): Promise<void> => {
    const tell = (event: Told): void => self.send(event)
    for await (const event of task.events()) {
      if (tasks.get(self)?.stopped) return
      if (event.type === 'progress')
        tell({ type: 'offstage.progress', progress: event.fraction, message: event.message })
      else if (event.type === 'snapshot' && event.task.progress !== undefined) {
        tell({ type: 'offstage.progress', progress: event.task.progress, message: event.task.message })
      }
    }
    const outcome = await task.settled()
    if (outcome === undefined || tasks.get(self)?.stopped) return
    if (outcome.ok) return tell({ type: 'offstage.completed', output: outcome.result })
    if (outcome.status === 'failed') return tell({ type: 'offstage.failed', error: plain(outcome.error) })
    tell({ type: 'offstage.failed', error: { code: 'CANCELLED', message: outcome.reason ?? 'the task was cancelled' } })
  }

  const run = async (self: Scope['self'], input: unknown, taskId: string | undefined): Promise<void> => {
    const mine: { task?: BackgroundTask<unknown>; stopped: boolean } = { stopped: false }
    tasks.set(self, mine)
    try {
      const task = taskId === undefined ? await submit(input) : await runner.get(taskId)
      if (task === undefined) {
        return self.send({
          type: 'offstage.failed',
          error: { code: 'GONE', message: `the store has forgotten the task ${taskId}` },
        } as Told)
      }
      mine.task = task
      if (mine.stopped) return void (await task.cancel('its actor was stopped'))
      if (taskId === undefined) self.send({ type: 'offstage.submitted', taskId: task.id } as Told)
      await follow(self, task)
    } catch (error) {
      if (!mine.stopped)
        self.send({ type: 'offstage.failed', error: plain(error as Error & { code?: string }) } as Told)
    }
  }

  const stop = (self: Scope['self']): void => {
    const mine = tasks.get(self)
    if (mine === undefined) return
    mine.stopped = true
    // a parent that is active has left the state; one that is not was stopped itself
    const left = self._parent?.getSnapshot().status === 'active'
    const detach = onStop === 'detach' || (onStop === 'auto' && !left && !isFunction)
    if (!detach) void mine.task?.cancel('its actor was stopped').catch(() => {})
  }

  const logic = {
    config: {
      id: 'offstage.task',
      work: isFunction ? (work as { name: string }).name : typeof work === 'string' ? work : work.name,
    },
    getInitialSnapshot: (_scope: unknown, input: unknown) => ({
      status: 'active',
      output: undefined,
      error: undefined,
      input,
      taskId: undefined,
      progress: 0,
      message: undefined,
    }),
    start: (snapshot: { status: string; input: unknown; taskId: string | undefined }, { self }: Scope) => {
      if (snapshot.status === 'active') void run(self, snapshot.input, snapshot.taskId)
    },
    transition: (snapshot: object, event: Told | { type: 'xstate.stop' }, { self }: Scope) => {
      switch (event.type) {
        case 'offstage.submitted':
          return { ...snapshot, taskId: event.taskId }
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
    restoreSnapshot: (snapshot: object) => snapshot,
  }
  return logic as unknown as TaskLogic<W>
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
