/** @module A loop that fires schedules and calls back: the page's face over scheduler and runner. */
import { type Duration, parseDuration } from '../duration.ts'
import { show, ValidationError } from '../errors.ts'
import { BackgroundRunner } from '../runner/runner.ts'
import { checkBoolean, checkFunction, checkInteger, checkNumber, checkOptions } from '../validate.ts'
import type { ScheduleLoopOptions } from './loop-options.ts'
import { LoopRun } from './loop-run.ts'
import { checkSource } from './source.ts'

const known = new Set(['onTrigger', 'store', 'tickSeconds', 'runner', 'maxConcurrentTasks', 'logger', 'ref'])
/** A look once a day at least, and no more often than a heart beats. */
const tickRange = [0.05, 86_400] as const

/**
 * Fires schedules, and calls back for those with a `message`. Each callback is a task: bounded, listed, cancellable, and
 * done by one process however many loops there are. A schedule with a recipe is submitted as a task of that recipe.
 *
 * @example
 * ```ts
 * import { BackgroundRunner, ScheduleLoop } from 'offstage'
 *
 * const runner = new BackgroundRunner()
 * await runner.schedules.add({ name: 'mail', when: 'in 1 second', message: 'Check email' })
 * const message = await new Promise((resolve) => {
 *   const loop = new ScheduleLoop({ runner, ref: true, onTrigger: (job) => resolve(job.message) })
 *   loop.start()
 *   setTimeout(() => loop.stop(), 2_000)
 * })
 * message // 'Check email'
 * await runner.stop()
 * ```
 */
export class ScheduleLoop {
  readonly #options: ScheduleLoopOptions
  #run: LoopRun | undefined
  /** Passes of a loop that was not started, which are a run of their own. */
  #stopping: Promise<void> = Promise.resolve()

  /** @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION. */
  constructor(options: ScheduleLoopOptions) {
    checkOptions(options ?? null, known, 'the options of a schedule loop')
    const { onTrigger, store, tickSeconds = 30, runner, maxConcurrentTasks, logger, ref = false } = options
    checkFunction(onTrigger, 'onTrigger')
    checkNumber(tickSeconds, 'tickSeconds', ...tickRange)
    if (runner !== undefined && !(runner instanceof BackgroundRunner))
      throw new ValidationError('runner', 'a BackgroundRunner', runner)
    if (runner !== undefined && store !== undefined)
      throw new ValidationError('store', 'left out where runner has one', show(store))
    if (store !== undefined) checkSource(store)
    if (maxConcurrentTasks !== undefined) checkInteger(maxConcurrentTasks, 'maxConcurrentTasks', 1, 100_000)
    for (const level of ['debug', 'info', 'warn', 'error'] as const)
      if (logger !== undefined) checkFunction(logger[level], `logger.${level}`)
    checkBoolean(ref, 'ref')
    this.#options = Object.freeze({ ...options })
  }

  /** Whether it was started, and not stopped since. */
  get isRunning(): boolean {
    return this.#run !== undefined
  }

  /** Begins to fire. Does nothing when it runs already. */
  start(): void {
    if (this.#run !== undefined) return
    const run = new LoopRun(this.#options, this.#stopping)
    run.start()
    this.#run = run
  }

  /**
   * Stops for good: once it has resolved no callback begins and none runs, but for one that ignores its signal.
   *
   * @param options `timeout`: how long callbacks that run may go on before they are cancelled. `@default` '5s'
   */
  async stop(options: { readonly timeout?: Duration } = {}): Promise<void> {
    checkOptions(options, new Set(['timeout']), 'the stop options')
    const timeout = parseDuration(options.timeout ?? '5s', 'timeout', { min: 0 })
    const run = this.#run
    this.#run = undefined
    if (run !== undefined) this.#stopping = run.stop(timeout)
    await this.#stopping
  }

  /**
   * One pass, now: fires what is due. In a loop that does not run it also waits until the callbacks have ended.
   *
   * @returns How many slots have fired.
   */
  async fireDue(): Promise<number> {
    if (this.#run !== undefined) return this.#run.fireDue()
    const run = new LoopRun(this.#options, this.#stopping)
    const pass = run.once()
    this.#stopping = pass.then(
      () => {},
      () => {},
    )
    return pass
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }
}
