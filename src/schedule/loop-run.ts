/** @module One run of a schedule loop, from its start to its stop: what fires, and what runs the callbacks. */
import { Scheduler } from '../actors/scheduler.ts'
import type { Timer } from '../actors/timer.ts'
import type { RunnerCore } from '../runner/core.ts'
import { firingRecord } from '../runner/firing.ts'
import { BackgroundRunner, coreOf } from '../runner/runner.ts'
import { scheduleSlots } from '../runner/schedule-slots.ts'
import { Submitter } from '../runner/submitter.ts'
import type { Store } from '../store/store.ts'
import { Callbacks } from './callbacks.ts'
import type { ScheduleLoopOptions } from './loop-options.ts'
import { storeOf } from './source.ts'

/** How long in ms a pass that is under way has to end. */
const lastPass = 5_000

/** What a run works with, made when it begins. */
interface Parts {
  /** Runs the callbacks, and nothing else. */
  readonly worker: BackgroundRunner
  readonly callbacks: Callbacks
  readonly scheduler: Scheduler
  readonly close: () => Promise<void>
}

export class LoopRun {
  readonly #options: ScheduleLoopOptions
  /** The end of the run before: there are never two at once. */
  readonly #before: Promise<void>
  #parts: Parts | undefined
  #over = false

  constructor(options: ScheduleLoopOptions, before: Promise<void>) {
    this.#options = options
    this.#before = before
  }

  /** Begins when the run before has ended. */
  start(): void {
    const { worker, scheduler } = this.#open()
    const { runner } = this.#options
    void this.#before.then(() => {
      if (this.#over) return
      if (runner !== undefined && coreOf(runner).settings.work && !coreOf(runner).stopping) runner.start()
      worker.start()
      scheduler.start()
    })
  }

  /** Fires what is due. Answers with how many slots have. */
  async fireDue(): Promise<number> {
    await this.#before
    return (await this.#open().scheduler.tick()).fired
  }

  /** One pass and the callbacks of it, in a run of its own. */
  async once(): Promise<number> {
    try {
      const fired = await this.fireDue()
      const { worker } = this.#open()
      worker.start()
      await coreOf(worker).supervisor.whenDry()
      return fired
    } finally {
      await this.stop(0)
    }
  }

  /** @param timeout How long in ms callbacks may go on before they are cancelled. */
  async stop(timeout: number): Promise<void> {
    this.#over = true
    await this.#before
    const parts = this.#parts
    if (parts === undefined) return
    const { worker, callbacks, scheduler } = parts
    scheduler.stop()
    // nothing begins any more, whatever a pass that is under way still fires
    worker.pause()
    await this.#atMost(timeout, callbacks.whenQuiet(), coreOf(worker))
    await callbacks.cancelAll()
    await this.#atMost(lastPass, scheduler.whenQuiet(), coreOf(worker))
    await worker.stop()
    await parts.close()
  }

  async #atMost(ms: number, done: Promise<void>, { timers }: RunnerCore): Promise<void> {
    let timer: Timer | undefined
    const over = new Promise<void>((resolve) => {
      timer = timers.after(ms, resolve)
    })
    await Promise.race([done, over])
    if (timer !== undefined) timers.cancel(timer)
  }

  #open(): Parts {
    this.#parts ??= this.#make()
    return this.#parts
  }

  #make(): Parts {
    const { runner, store: source, onTrigger, tickSeconds = 30, ref = false } = this.#options
    const given = runner === undefined ? undefined : coreOf(runner)
    const { store, owned } = given === undefined ? storeOf(source) : { store: given.store, owned: false }
    const callbacks = new Callbacks(onTrigger, this.#options.logger ?? given?.settings.logger)
    const worker = this.#makeWorker(store, callbacks, given)
    const core = coreOf(worker)
    // what a recipe says about its tasks is known to the given runner
    const fires = given ?? core
    const submitter = new Submitter(fires)
    const scheduler = new Scheduler({
      store,
      clock: core.settings.clock,
      timers: core.timers,
      slots: scheduleSlots,
      tickEvery: tickSeconds * 1_000,
      record: (schedule, firing) => firingRecord(submitter, schedule, firing),
      isPaused: () => this.#over || fires.supervisor.state !== 'active',
      warn: (message, cause) => core.warn(message, cause),
    })
    if (ref) core.timers.hold()
    const close = async (): Promise<void> => {
      if (owned) await store.close()
    }
    return { worker, callbacks, scheduler, close }
  }

  #makeWorker(store: Store, callbacks: Callbacks, given: RunnerCore | undefined): BackgroundRunner {
    const logger = this.#options.logger ?? given?.settings.logger
    const slots = this.#options.maxConcurrentTasks ?? given?.settings.slots
    const worker = new BackgroundRunner({
      store,
      recipes: [callbacks.recipe],
      schedules: false,
      // a given runner cleans up by itself
      autoCleanup: given === undefined,
      ...(given !== undefined && { clock: given.settings.clock, random: given.settings.random }),
      ...(slots !== undefined && { maxConcurrentTasks: slots }),
      ...(logger !== undefined && { logger }),
    })
    callbacks.runBy(worker)
    return worker
  }
}
