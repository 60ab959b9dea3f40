/** @module What users hand in and what their handlers get: options, context, recipes. Types only: they name each other. */
import type { Duration } from '../duration.ts'
import type { KeyLimit } from '../machines/records.ts'
import type { SettledOutcome } from './outcome.ts'
import type { RetryOptions } from './retry-options.ts'
import type { ScheduledRun } from './scheduled-run.ts'
import type { BackgroundTask } from './task.ts'

/** Tasks whose results a task needs before it may start. */
export type Needs = readonly BackgroundTask<unknown>[] | Readonly<Record<string, BackgroundTask<unknown>>>
/** The results of {@link Needs}, in the same shape. */
export type NeedResults<N> = N extends Needs
  ? { readonly [K in keyof N]: N[K] extends BackgroundTask<infer R> ? R : never }
  : undefined

/** How far a running task is. */
export interface Progress {
  readonly fraction: number
  readonly message: string | undefined
}

/** What functions and recipes have in common. */
export interface CommonSubmitOptions {
  /** An id of your own: submitting it again answers the first task. `@default` a random one */
  readonly id?: string
  /** For people to read. `@default` the function's or recipe's name */
  readonly name?: string
  /** The longest one attempt may take; false = no limit. @default '5m' (`defaultTimeout`) */
  readonly timeout?: Duration | false
  /** When the whole task must have ended, queue and retries included: a duration from now, or a moment. */
  readonly deadline?: Duration | Date
  /** How long before it may start. */
  readonly delay?: Duration
  /** Higher runs first; a whole number from -1,000 to 1,000. @default 0 */
  readonly priority?: number
  /** How it is tried again. `@default` the runner's `retry` */
  readonly retry?: RetryOptions
  /** Submitting the same key again answers the first task, while that is kept and has not failed or been cancelled. */
  readonly idempotencyKey?: string
  /** At most `limit` tasks of one key run at once, over the whole store; a text means a limit of 1. */
  readonly concurrencyKey?: string | KeyLimit
  /** JSON that is kept with the task. */
  readonly metadata?: Readonly<Record<string, unknown>>
  /** At most 32 words to find it by. */
  readonly tags?: readonly string[]
  /** Whose task it is. Another owner does not see it. */
  readonly owner?: string
  /** Aborting it cancels the task. */
  readonly signal?: AbortSignal
  /** Called with each progress. What it throws harms nothing. */
  readonly onProgress?: (progress: Progress, task: BackgroundTask<unknown>) => void
  /** Called once, however the task ends. What it throws harms nothing. */
  readonly onComplete?: (task: BackgroundTask<unknown>) => void
}

/** Options of `submit`. */
export interface SubmitOptions<A extends readonly unknown[] = readonly unknown[], N = undefined>
  extends CommonSubmitOptions {
  /** Arguments of the function, before the context. */
  readonly args?: A
  /** Tasks that must complete first; their results are in `ctx.needs`. */
  readonly needs?: N
  /** Runs it in a thread: `true` for a function that closes over nothing, or a module's URL. */
  readonly thread?: true | URL
  /** The exported function of the module. @default 'default' */
  readonly export?: string
}

/** Options of `submitRecipe`. */
export interface SubmitRecipeOptions extends CommonSubmitOptions {
  /** Tasks that must complete first; their results are in `ctx.needs`. */
  readonly needs?: Needs
  /** Settings for the handler, as JSON: `ctx.config`. */
  readonly config?: unknown
  /** The session it belongs to: `ctx.sessionId`. */
  readonly sessionId?: string
}

/** What a function is called with: its arguments, then the context. */
export type Handed<A extends readonly unknown[], N> = A extends readonly unknown[]
  ? [...A, TaskContext<NeedResults<N>>]
  : never

/** The type of `submit`: a function with its arguments, or a module that runs in a thread. */
export interface SubmitFunction {
  <R, A extends readonly unknown[] | [] = [], const N extends Needs | undefined = undefined>(
    fn: (...args: Handed<A, N>) => R,
    options?: SubmitOptions<A, N>,
  ): BackgroundTask<Awaited<R>>
  <R = unknown>(
    module: SubmitOptions<readonly unknown[], Needs | undefined> & { readonly thread: URL },
  ): BackgroundTask<R>
}

/** Writes a line to the task's log: called as it is for `info`, or by level. */
export interface TaskLog {
  (message: string, data?: unknown): void
  debug(message: string, data?: unknown): void
  info(message: string, data?: unknown): void
  warn(message: string, data?: unknown): void
  error(message: string, data?: unknown): void
}

/** What a handler is given. Every member may be taken apart: `({ signal, progress }) => …`. */
export interface TaskContext<N = undefined> {
  /** Aborted when the task is cancelled, runs out of time, or its runner stops. Hand it on to whatever you call. */
  readonly signal: AbortSignal
  /** The attempt, from 1. With the task's id it makes an idempotency key for effects. */
  readonly attempt: number
  readonly maxAttempts: number
  readonly task: { readonly id: string; readonly name: string }
  /** The results of the tasks given as `needs`. */
  readonly needs: N
  readonly config: unknown
  readonly sessionId: string | undefined
  /** Which firing of which schedule this is. */
  readonly schedule?: ScheduledRun | undefined
  /** Reports how far the work is, from 0 to 1. */
  progress(fraction: number, message?: string): void
  /** Streams a piece of output, as text of any length. */
  write(chunk: string): void
  readonly log: TaskLog
  /** Waits; rejects when the task should stop. */
  sleep(duration: Duration): Promise<void>
  /**
   * Asks a person, or another program, for an input, and gives the slot back until `task.answer` gives one. The time of
   * the attempt does not run meanwhile. Rejects when the task should stop. An attempt that begins anew asks anew.
   */
  ask<T = unknown>(prompt?: string): Promise<T>
  /** Submits a child: it is cancelled with this task. `wait()` on it frees this task's slot meanwhile. */
  readonly submit: SubmitFunction
  /** Submits a child by recipe. */
  submitRecipe<P extends AnyRecipe>(
    recipe: P | string,
    ...rest: RecipeArgs<P>
  ): Promise<BackgroundTask<RecipeResult<P>>>
}

/** A Standard Schema (zod, valibot, arktype and others are). */
export interface Schema<I = unknown, O = I> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<O> | Promise<SchemaResult<O>>
    readonly types?: { readonly input: I; readonly output: O } | undefined
  }
}
export type SchemaResult<O> =
  | { readonly value: O; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What JSON can carry; a result of another type does not compile. `undefined` and void stand for no result. */
export type JsonSafe<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends bigint | symbol | ((...args: never[]) => unknown) | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>
    ? never
    : T extends object
      ? { [K in keyof T]: JsonSafe<T[K]> }
      : T

/** Does not fit a recipe whose result JSON cannot carry. */
export type JsonResult<R> = [R] extends [JsonSafe<R>]
  ? unknown
  : { readonly run: 'the result must be what JSON can carry' }

/** At most `max` starts in any window of `per`, in one runner. */
export interface RateLimit<I> {
  readonly max: number
  readonly per: Duration
  /** Inputs of different keys are limited apart. `@default` one limit for the recipe */
  readonly key?: (input: I) => string
}

/** A recipe: a named handler that any worker can run. `G` is what is submitted, `I` what its schema makes of it. */
export interface RecipeDefinition<I, R, G = I> {
  /** How submits name it: an id of at most 80 characters. */
  readonly name: string
  readonly description?: string
  /** Judges the input before anything runs. Its output is what the handler gets. */
  readonly inputSchema?: Schema<G, I>
  /** Judges the result; what does not fit fails the attempt as INVALID_RESULT. */
  readonly outputSchema?: Schema<unknown, R>
  /** The handler. Leave it out when `thread` names a module. */
  readonly run?: (input: I, ctx: TaskContext<unknown>) => R | PromiseLike<R>
  /** A module whose export is the handler, to be run in a thread. */
  readonly thread?: URL
  /** The exported function of the module. @default 'default' */
  readonly export?: string
  /** `@default` the runner's */
  readonly retry?: RetryOptions
  /** `@default` the runner's `defaultTimeout` */
  readonly timeout?: Duration | false
  /** How many tasks of this recipe run at once, over the whole store. `@default` no limit of its own */
  readonly maxConcurrent?: number
  /** The concurrency key of a task, from its input. */
  readonly concurrencyKey?: (input: I) => string | KeyLimit
  readonly rateLimit?: RateLimit<I>
  /** Called in the worker after the task has ended, at least once. What it throws harms nothing. */
  readonly onSettled?: (
    outcome: SettledOutcome<R>,
    about: { readonly input: I; readonly task: BackgroundTask<R> },
  ) => unknown
}

declare const types: unique symbol
/** A defined recipe. Carries the types of its input and result. */
export interface Recipe<I = unknown, R = unknown, G = I> extends RecipeDefinition<I, R, G> {
  readonly [types]?: { readonly input: G; readonly result: R }
}

/** A recipe of whatever types. */
export interface AnyRecipe {
  readonly name: string
  readonly [types]?: unknown
}
/** What a recipe takes, and what it gives. */
export type RecipeInput<P> = P extends { readonly [types]?: { readonly input: infer I } } ? I : unknown
export type RecipeResult<P> = P extends { readonly [types]?: { readonly result: infer R } } ? R : unknown
/** The arguments of a submit behind the recipe: an input that may be undefined may be left out. */
export type RecipeArgs<P> =
  undefined extends RecipeInput<P>
    ? [input?: RecipeInput<P>, options?: SubmitRecipeOptions]
    : [input: RecipeInput<P>, options?: SubmitRecipeOptions]
