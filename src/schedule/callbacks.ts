/** @module The callbacks of a schedule loop, run as tasks of a reserved recipe. */
import { show } from '../errors.ts'
import { defineRecipe } from '../runner/recipe.ts'
import { type BackgroundRunner, coreOf } from '../runner/runner.ts'
import type { Logger } from '../runner/runner-options.ts'
import { messageRecipe } from '../runner/schedule-types.ts'
import type { Recipe, TaskContext } from '../runner/types.ts'
import { jobOf, type ScheduleJob } from './job.ts'

export class Callbacks {
  /** What a runner must know to run them. */
  readonly recipe: Recipe
  readonly #onTrigger: (job: ScheduleJob) => unknown
  readonly #logger: Logger | undefined
  /** The tasks whose callbacks run. */
  readonly #running = new Set<string>()
  #runner: BackgroundRunner | undefined
  #whenQuiet: (() => void)[] = []

  constructor(onTrigger: (job: ScheduleJob) => unknown, logger: Logger | undefined) {
    this.#onTrigger = onTrigger
    this.#logger = logger
    this.recipe = defineRecipe({ name: messageRecipe, run: (_: unknown, ctx) => this.#run(ctx) }) as Recipe
  }

  /** The runner that was made for them. */
  runBy(runner: BackgroundRunner): void {
    this.#runner = runner
  }

  /** Resolves when none runs. */
  whenQuiet(): Promise<void> {
    return this.#running.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#whenQuiet.push(resolve))
  }

  /** Cancels those that run. Their signals are aborted. */
  async cancelAll(): Promise<void> {
    await Promise.all(Array.from(this.#running, (id) => this.#cancel(id)))
  }

  async #cancel(id: string): Promise<void> {
    try {
      await this.#runner?.cancel(id, 'the schedule loop was stopped')
    } catch (error) {
      this.warn(`the callback of ${id} could not be cancelled`, error)
    }
  }

  async #run(ctx: TaskContext<unknown>): Promise<void> {
    const { signal, task } = ctx
    this.#running.add(task.id)
    try {
      const stored = this.#runner && (await coreOf(this.#runner).store.get(task.id))
      // it was cancelled and forgotten meanwhile
      if (stored === undefined || signal.aborted) return
      const job = jobOf(stored, signal)
      await this.#call(job)
    } finally {
      this.#running.delete(ctx.task.id)
      if (this.#running.size === 0) for (const resolve of this.#whenQuiet.splice(0)) resolve()
    }
  }

  async #call(job: ScheduleJob): Promise<void> {
    try {
      await this.#onTrigger(job)
    } catch (error) {
      if (!job.signal.aborted) this.#tell(job, error)
      throw error
    }
  }

  #tell({ name, task }: ScheduleJob, error: unknown): void {
    const message = `onTrigger has failed for ${show(name)} (${task.id})`
    try {
      if (this.#logger !== undefined) return this.#logger.error({ err: error }, message)
    } catch {
      // a broken logger takes no callback down
    }
    this.warn(message, error)
  }

  /** Hears of what nobody would see otherwise. */
  warn(message: string, cause: unknown): void {
    if (this.#runner !== undefined) coreOf(this.#runner).warn(message, cause)
  }
}
