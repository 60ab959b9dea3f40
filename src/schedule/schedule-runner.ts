/** @module Due jobs for callers that poll: each is claimed for one of them, in whatever process. */
import { retryAt } from '../actors/retry.ts'
import { OffstageError, toFailure, ValidationError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { RunnerCore } from '../runner/core.ts'
import { type BackgroundRunner, coreOf } from '../runner/runner.ts'
import { messageRecipe } from '../runner/schedule-types.ts'
import type { Claimed, StoreChange } from '../store/store.ts'
import { checkInteger, checkOptions } from '../validate.ts'
import { jobOf, type ScheduleJob } from './job.ts'
import { askingRunner, type ScheduleSource } from './source.ts'

/** A job that was handed out and has not come back. */
interface Held extends Claimed {
  readonly job: ScheduleJob
  readonly controller: AbortController
}

const mostJobs = 1_000

/**
 * Hands out what is due, for programs that have a loop of their own. A job that is not completed goes to somebody else when
 * this process dies, or closes.
 *
 * @example
 * ```ts
 * import { FileScheduleStore, ScheduleRunner } from 'offstage'
 *
 * await using store = new FileScheduleStore('./.offstage')
 * await store.add({ name: 'mail', when: 'every day at 7am', message: 'Check email' })
 * await using due = new ScheduleRunner(store)
 * for (const job of await due.getDueJobs()) {
 *   try {
 *     job.message // 'Check email'
 *     await due.complete(job)
 *   } catch (error) {
 *     await due.fail(job, error)
 *   }
 * }
 * ```
 */
export class ScheduleRunner {
  readonly #runner: BackgroundRunner
  readonly #core: RunnerCore
  readonly #held = new Map<string, Held>()
  readonly #letGo: () => Promise<void>
  #worker: string
  #made = 0
  #unsubscribe: (() => void) | undefined
  #closed = false

  /** @throws {ValidationError} INVALID_OPTION for what is no store. */
  constructor(source: ScheduleSource | BackgroundRunner) {
    const { runner, close } = askingRunner(source)
    this.#runner = runner
    this.#letGo = close
    this.#core = coreOf(this.#runner)
    this.#worker = this.#core.settings.random.id()
  }

  /**
   * Fires what is due, and claims what has fired for the caller: no other caller gets the same job.
   *
   * @param options `limit`: the most jobs at once. `@default` 100
   * @returns The jobs in the order in which they were due. Each must be given to {@link complete} or {@link fail}.
   */
  async getDueJobs(options: { readonly limit?: number } = {}): Promise<ScheduleJob[]> {
    checkOptions(options, new Set(['limit']), 'the options of getDueJobs')
    const limit = checkInteger(options.limit ?? 100, 'limit', 1, mostJobs)
    if (this.#closed) throw new OffstageError('RUNNER_STOPPED', 'the schedule runner was closed')
    this.#unsubscribe ??= this.#core.store.subscribe((change) => this.#heard(change))
    await this.#runner.schedules.tick()
    const jobs: ScheduleJob[] = []
    for (;;) {
      const claimed = await this.#claim(limit - jobs.length)
      for (const each of claimed) {
        const job = this.#hold(each)
        if (job === undefined) await this.#append(each, 'release')
        else jobs.push(job)
      }
      if (claimed.length === 0 || jobs.length >= limit) break
    }
    return jobs.sort((a, b) => a.scheduledAt.getTime() - b.scheduledAt.getTime())
  }

  /** The job is done: true if that counted, false if it was cancelled or taken away before. */
  async complete(job: ScheduleJob): Promise<boolean> {
    const held = this.#take(job)
    return held !== undefined && this.#append(held, 'complete')
  }

  /** The job has failed; it is tried again if its schedule says so (`submit.retry`). Answers as {@link complete}. */
  async fail(job: ScheduleJob, error: unknown): Promise<boolean> {
    const held = this.#take(job)
    if (held === undefined) return false
    const { store, settings } = this.#core
    const at = settings.clock.now()
    const { task, claim } = held
    const warn = (message: string, cause: unknown): void => this.#core.warn(message, cause)
    const again = retryAt(
      task,
      { by: 'throw', thrown: error },
      this.#core.retryOf(task),
      at,
      settings.random.next(),
      warn,
    )
    const record = { type: 'fail' as const, task: task.id, claim, at, error: toFailure(error) }
    const verdict = await store.append(again === undefined ? record : { ...record, retryAt: again })
    return verdict.accepted && held.controller.signal.aborted === false
  }

  /** Gives back what was not completed: others get it. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    const held = [...this.#held.values()]
    this.#held.clear()
    for (const each of held) {
      await this.#append(each, 'release')
      each.controller.abort(new OffstageError('RUNNER_STOPPED', 'the schedule runner was closed'))
    }
    this.#unsubscribe?.()
    await this.#core.store.leave?.(this.#worker)
    await this.#letGo()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #claim(slots: number): Promise<readonly Claimed[]> {
    const { store, settings } = this.#core
    const ask = async (): Promise<readonly Claimed[]> => {
      const worker = this.#worker
      return store.claim({
        worker,
        at: settings.clock.now(),
        slots,
        recipes: [messageRecipe],
        claim: () => `${worker}.${++this.#made}`,
        takes: (recipe) => recipe === messageRecipe,
        fits: () => true,
      })
    }
    try {
      return await ask()
    } catch (error) {
      if (!OffstageError.is(error, 'FENCED')) throw error
      // the process stood still for so long that it was declared dead
      this.#worker = settings.random.id()
      return ask()
    }
  }

  #hold(claimed: Claimed): ScheduleJob | undefined {
    const { task, claim } = claimed
    const { context } = task.snapshot
    if (context.claim !== claim || context.stop !== undefined || this.#closed) return undefined
    const controller = new AbortController()
    const job = jobOf(task, controller.signal)
    this.#held.set(task.id, { ...claimed, job, controller })
    return job
  }

  #take(job: ScheduleJob): Held | undefined {
    const held = this.#held.get(job?.task?.id)
    if (held === undefined || held.job !== job) {
      if (typeof job !== 'object' || job === null) throw new ValidationError('job', 'one of getDueJobs', job)
      return undefined
    }
    this.#held.delete(job.task.id)
    return held
  }

  async #append({ task, claim }: Claimed, type: 'complete' | 'release'): Promise<boolean> {
    const { store, settings } = this.#core
    const at = settings.clock.now()
    const verdict = await store.append({ type, task: task.id, claim, at })
    return verdict.accepted && task.status === 'completed'
  }

  /** It was cancelled, or went to somebody else. */
  #heard(change: StoreChange): void {
    if (!('event' in change)) return
    const held = this.#held.get(change.task.id)
    if (held === undefined || isHeld(change.task, held.claim)) return
    held.controller.abort(new OffstageError('CANCELLED', `${held.job.name} was cancelled`))
  }
}

function isHeld({ snapshot }: StoredTask, claim: string): boolean {
  return snapshot.context.claim === claim && snapshot.context.stop === undefined
}
