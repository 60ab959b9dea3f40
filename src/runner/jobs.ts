/** @module What a task's handler is: a function of this process, a recipe, or a module in a thread. */
import type { Attempt, Job } from '../actors/attempt.ts'
import { isPromise } from '../actors/awaitable.ts'
import { checkTarget, ThreadPool } from '../actors/thread.ts'
import type { ThreadTarget } from '../actors/thread-messages.ts'
import type { ThreadRun } from '../actors/thread-run.ts'
import type { StoredTask } from '../machines/store-state.ts'
import { checkText } from '../validate.ts'
import { type ContextHost, HandlerContext, writeLog, writeOutput } from './context.ts'
import { Local } from './local.ts'
import { inputOf } from './outcome.ts'
import { judge, type KnownRecipe, type RecipeBook } from './recipe.ts'
import { scheduledRun } from './scheduled-run.ts'

type AnyFunction = (...args: unknown[]) => unknown

/** Finds handlers, and calls them with their context. */
export class Jobs {
  readonly #host: ContextHost
  readonly #recipes: RecipeBook
  readonly #slots: number
  /** One for all: the function is the task's. */
  readonly #function: Job = {
    call: (attempt) => {
      const { fn, args } = attempt.task.spec.local as Local
      return this.#run(fn, args, attempt)
    },
  }
  #threads: ThreadPool | undefined

  constructor(host: ContextHost, recipes: RecipeBook, slots: number) {
    this.#host = host
    this.#recipes = recipes
    this.#slots = slots
  }

  jobOf(task: StoredTask): Job | undefined {
    const { local, recipe } = task.spec
    if (local instanceof Local) {
      if (local.thread !== undefined) return this.#threadJob(local.thread, () => local.args)
      return this.#function
    }
    const known = recipe === undefined ? undefined : this.#recipes.get(recipe)
    return known === undefined ? undefined : this.#recipeJob(known, task)
  }

  #run(fn: AnyFunction | undefined, args: readonly unknown[], attempt: Attempt): unknown {
    return this.#withNeeds(attempt, () => this.#call(fn, args, attempt))
  }

  /** Reads what the task needed, where it needed something. */
  #withNeeds(attempt: Attempt, act: () => unknown): unknown {
    if (attempt.task.spec.needs === undefined) return act()
    const needs = this.#host.needsOf(attempt)
    if (!isPromise(needs)) {
      attempt.needs = needs
      return act()
    }
    return needs.then((results) => {
      attempt.needs = results
      // it may have been told to stop meanwhile
      attempt.signal.throwIfAborted()
      return act()
    })
  }

  #call(fn: AnyFunction | undefined, args: readonly unknown[], attempt: Attempt): unknown {
    const ctx = new HandlerContext(attempt, this.#host)
    try {
      return fn?.(...args, ctx)
    } finally {
      // a handler that is not async has ended here
      ctx.flush()
    }
  }

  async close(): Promise<void> {
    await this.#threads?.close()
  }

  #recipeJob({ recipe }: KnownRecipe, task: StoredTask): Job {
    // read when it is needed: a value in a file of its own may be damaged, and then the attempt fails
    const input = (): unknown => inputOf(task)
    const { inputSchema, outputSchema, run, thread } = recipe
    const inThread =
      thread === undefined ? undefined : this.#threadJob(targetOf(thread, recipe.export), () => [input()])
    const call = (attempt: Attempt, given: unknown): unknown =>
      inThread === undefined ? this.#run(run as AnyFunction | undefined, [given], attempt) : inThread.call(attempt)
    const judged = async (attempt: Attempt): Promise<unknown> => {
      const result = await call(attempt, await judge(inputSchema, input(), 'input', 'INVALID_INPUT'))
      return judge(outputSchema, result, 'result', 'INVALID_RESULT')
    }
    const plain = inputSchema === undefined && outputSchema === undefined
    const job: Job = { call: plain ? (attempt) => call(attempt, input()) : judged }
    return inThread?.terminate === undefined ? job : { ...job, terminate: inThread.terminate }
  }

  #threadJob(target: ThreadTarget, args: () => readonly unknown[]): Job {
    let run: ThreadRun | undefined
    const start = (attempt: Attempt): unknown => {
      // its input may have been judged for longer than it may run
      attempt.signal.throwIfAborted()
      this.#threads ??= new ThreadPool({ maxThreads: this.#slots })
      const { spec } = attempt.task
      const context = {
        attempt: attempt.number,
        maxAttempts: spec.limits.maxAttempts,
        taskId: spec.task,
        name: spec.name,
        config: spec.config,
        needs: attempt.needs,
        ...(spec.sessionId !== undefined && { sessionId: spec.sessionId }),
        ...(spec.schedule !== undefined && { schedule: scheduledRun(spec) }),
      }
      const started = this.#threads.run(target, args(), context, {
        progress: (fraction, message) => attempt.progress(fraction, message),
        log: (level, message, data) => writeLog(attempt, level, message, data),
        write: (chunk) => writeOutput(attempt, chunk),
      })
      run = started
      attempt.signal.addEventListener('abort', () => started.abort(String((attempt.signal.reason as Error).message)), {
        once: true,
      })
      return started.result
    }
    return {
      call: (attempt) => this.#withNeeds(attempt, () => start(attempt)),
      terminate: () => run?.terminate(),
    }
  }
}

/**
 * A module to be run in a thread.
 *
 * @throws {ValidationError}
 */
export function targetOf(module: URL, name: string | undefined): ThreadTarget {
  const target =
    name === undefined ? { module: module.href } : { module: module.href, export: checkText(name, 'export') }
  checkTarget(target)
  return target
}
