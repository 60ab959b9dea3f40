/** @module Jobs by id, without handles: for callers that want an answer at once, or a job to ask about later. */
import { type Duration, parseDuration } from '../duration.ts'
import { type Failure, OffstageError, show } from '../errors.ts'
import { checkFunction, checkOptions, checkText } from '../validate.ts'
import { BackgroundRunner } from './runner.ts'
import { type BackgroundTask, TaskStatus } from './task.ts'
import type { TaskContext } from './types.ts'

/** The statuses of a job: those of its task. */
export const JobStatus = TaskStatus
export type JobStatus = TaskStatus

export interface JobManagerOptions {
  /** How many jobs run at once. @default 4 */
  readonly maxWorkers?: number
  /** How long `run` waits for an answer before it hands back a job. @default '5s' */
  readonly autoBackgroundThreshold?: Duration
  /** The runner that runs the jobs. `@default` one of its own */
  readonly runner?: BackgroundRunner
}

export interface JobOptions {
  /** For people to read. `@default` the function's name */
  readonly name?: string
  /** The longest the job may take; false = no limit. @default '5m' */
  readonly timeout?: Duration | false
}

/** A job as plain data. */
export interface JobInfo {
  readonly jobId: string
  readonly name: string
  readonly status: JobStatus
  readonly error?: Failure
}

/** What `run` answers: the result if it came within the threshold, otherwise a job that goes on. */
export type RunAnswer<R> =
  | { readonly status: 'completed'; readonly result: R }
  | { readonly status: 'running'; readonly jobId: string }

type JobFunction<R> = (ctx: TaskContext) => R | PromiseLike<R>

/**
 * Runs functions as jobs, and answers by id.
 *
 * @example
 * ```ts
 * import { BackgroundJobManager, JobStatus } from 'offstage'
 *
 * const manager = new BackgroundJobManager({ autoBackgroundThreshold: '5s' })
 * const answer = await manager.run(() => 6 * 7)
 * if (answer.status === 'running') manager.getStatus(answer.jobId) === JobStatus.RUNNING
 * await manager.stop()
 * ```
 */
export class BackgroundJobManager {
  readonly #runner: BackgroundRunner
  readonly #ownsRunner: boolean
  readonly #threshold: number
  readonly #jobs = new Map<string, BackgroundTask<unknown>>()

  /** @throws {ValidationError} */
  constructor(options: JobManagerOptions = {}) {
    checkOptions(options, new Set(['maxWorkers', 'autoBackgroundThreshold', 'runner']), 'the job manager options')
    this.#threshold = parseDuration(options.autoBackgroundThreshold ?? '5s', 'autoBackgroundThreshold', { min: 0 })
    this.#ownsRunner = options.runner === undefined
    this.#runner = options.runner ?? new BackgroundRunner({ maxConcurrentTasks: options.maxWorkers ?? 4 })
  }

  /** Starts a job and returns its id. */
  startJob<R>(fn: JobFunction<R>, options: JobOptions = {}): string {
    return this.#start(fn, options).id
  }

  /**
   * Runs a function: answers with its result if that comes within the threshold, otherwise with the id of a job that
   * goes on.
   *
   * @throws {TaskFailedError} when it failed within the threshold, and TaskCancelledError when it was cancelled.
   */
  async run<R>(fn: JobFunction<R>, options: JobOptions = {}): Promise<RunAnswer<R>> {
    const task = this.#start(fn, options)
    const outcome = await task.settled({ timeout: this.#threshold })
    if (outcome === undefined) return { status: 'running', jobId: task.id }
    this.#jobs.delete(task.id)
    return { status: 'completed', result: await task.wait() }
  }

  /** @throws {OffstageError} GONE for an id that is not a job's. */
  getStatus(jobId: string): JobStatus {
    return this.#job(jobId).status
  }

  /** The result of a completed job; undefined before. @throws {OffstageError} GONE */
  getResult(jobId: string): unknown {
    return this.#job(jobId).result
  }

  /** Why a job failed; undefined unless it did. @throws {OffstageError} GONE */
  getError(jobId: string): Failure | undefined {
    return this.#job(jobId).error
  }

  /** All jobs that are kept, by id, in the order in which they were started. */
  listJobs(): ReadonlyMap<string, JobInfo> {
    return new Map(
      Array.from(this.#jobs, ([jobId, { name, status, error }]) => {
        const info: JobInfo = { jobId, name, status }
        return [jobId, error === undefined ? info : { error, ...info }]
      }),
    )
  }

  /** Cancels a job: true when it will end, or has ended, as cancelled. @throws {OffstageError} GONE */
  async cancelJob(jobId: string, reason?: string): Promise<boolean> {
    return this.#job(jobId).cancel(reason)
  }

  /** Ends the runner, if it is the manager's own. */
  async stop(): Promise<void> {
    if (this.#ownsRunner) await this.#runner.stop()
  }

  #start<R>(fn: JobFunction<R>, options: JobOptions): BackgroundTask<R> {
    checkOptions(options, new Set(['name', 'timeout']), 'the job options')
    checkFunction(fn, 'the job')
    if (options.name !== undefined) checkText(options.name, 'name')
    const task = this.#runner.submit<R>(fn as never, options) as BackgroundTask<R>
    this.#jobs.set(task.id, task)
    this.#forgetOldest()
    return task
  }

  /** As many finished jobs are kept as a runner keeps finished tasks. */
  #forgetOldest(): void {
    if (this.#jobs.size <= mostJobs) return
    for (const [id, job] of this.#jobs) {
      if (!job.isSettled) continue
      this.#jobs.delete(id)
      return
    }
  }

  #job(jobId: string): BackgroundTask<unknown> {
    const job = this.#jobs.get(jobId)
    if (job === undefined) throw new OffstageError('GONE', `there is no job ${show(jobId)}; it may have been forgotten`)
    return job
  }
}

const mostJobs = 10_000
