/** @module The runner as an actor: fills its slots, watches over attempts, and follows what the stores tell. */
import type { Clock } from '../clock.ts'
import type { OffstageError } from '../errors.ts'
import type { Change } from '../machines/fold-store.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Claimed, Store, StoreChange } from '../store/store.ts'
import { TurnoverMap } from '../turnover-map.ts'
import { Attempt, type AttemptHost, type StopCause, type Wait } from './attempt.ts'
import { Claims, type ClaimsHost } from './claims.ts'
import { Endings } from './endings.ts'
import { Gate } from './gate.ts'
import { Insistence } from './insist.ts'
import { LiveActors } from './live.ts'
import { Reports } from './reports.ts'
import { type Failing, retryAt } from './retry.ts'
import { Slots } from './slots.ts'
import { tellAttempt } from './tell-attempt.ts'
import { Ticker } from './ticker.ts'
import type { Timers } from './timer.ts'
import { unknownJob } from './unknown-job.ts'
import type { SupervisorOptions } from './work.ts'

/** What the runner chart says of the runner. */
export type RunnerState = 'active' | 'paused' | 'draining' | 'stopped'

/** One worker: the attempts it runs, and the slots they take. */
export class Supervisor implements AttemptHost {
  readonly clock: Clock
  readonly timers: Timers
  /** Every attempt whose handler still runs, zombies too, by task. */
  readonly attempts = new TurnoverMap<string, Attempt>()
  readonly gate: Gate
  readonly slots: Slots
  readonly #options: SupervisorOptions
  readonly #ticker: Ticker
  readonly #endings: Endings
  readonly #reports: Reports
  readonly #claims: Claims
  /** Stores that nothing can be recorded in any more. */
  readonly #lost = new Set<Store>()
  readonly #unfollow: (() => void)[] = []
  #live: LiveActors | undefined
  #whenEmpty: (() => void)[] = []

  constructor(options: SupervisorOptions) {
    const { clock, timers, stores, work } = options
    this.#options = options
    this.clock = clock
    this.timers = timers
    this.slots = new Slots(options.slots)
    const pump = (): void => this.pump()
    const warn = (message: string, cause: unknown): void => this.warn(message, cause)
    this.gate = new Gate(work, clock, timers, pump, warn)
    this.#ticker = new Ticker(stores, clock, timers, pump, warn)
    const insistence = new Insistence({ timers, isOver: (store) => this.#lost.has(store) || this.#is('stopped') })
    this.#endings = new Endings({
      insistence,
      now: () => this.now(),
      warn,
      retryAt: (attempt, thrown) => this.#retryAt(attempt, { by: 'throw', thrown }),
      over: (attempt, ok, value) => this.#over(attempt, ok, value),
    })
    this.#reports = new Reports({
      insistence,
      now: () => this.now(),
      warn,
      retryAt: (attempt) => this.#retryAt(attempt, { by: 'timeout' }),
      notRecorded: (what, { store }, error) => {
        // that the store is lost was told once for all
        if (!this.#lost.has(store)) warn(`${what} could not be recorded`, error)
      },
    })
    this.#claims = new Claims(this.#claimsHost(insistence))
    for (const store of stores) {
      this.#unfollow.push(store.subscribe((change) => this.#heard(change, store)))
      const unheard = store.onLost?.((error) => this.#lose(store, error))
      if (unheard !== undefined) this.#unfollow.push(unheard)
    }
  }

  #claimsHost(insistence: Insistence): ClaimsHost {
    const { stores, random, work } = this.#options
    const { clock, timers, slots, gate } = this
    return {
      ...{ stores, random, clock, timers, slots, gate, insistence },
      accepts: () => work.working && this.#is('accepting.active'),
      isStopped: () => this.#is('stopped'),
      isEmpty: () => this.isEmpty,
      recipeNames: () => work.recipeNames(),
      isLost: (store) => this.#lost.has(store),
      lose: (store, error) => this.#lose(store, error),
      begin: (store, claimed) => this.#begin(store, claimed),
      settled: () => this.#tellEmpty(),
      warn: (message, cause) => this.warn(message, cause),
    }
  }

  /** A random id: claims and deaths are told by it, never by a process id. Another one once this was declared dead. */
  get worker(): string {
    return this.#claims.worker
  }

  /** Whether a claim of that worker was one of this. */
  isMine(worker: string): boolean {
    return this.#claims.isMine(worker)
  }

  /** The actors of this runner, made when first needed. */
  get live(): LiveActors {
    this.#live ??= new LiveActors(`runner-${this.worker}`, this.#options.inspect)
    return this.#live
  }

  /** The slots that are taken, by zombies too. */
  get busy(): number {
    return this.slots.busy
  }

  get state(): RunnerState {
    const state = this.#live?.root.getSnapshot().state
    return state === undefined ? 'active' : (state.slice(state.indexOf('.') + 1) as RunnerState)
  }

  // at every record: `state` would make a string of its own each time
  #is(state: 'accepting.active' | 'stopped'): boolean {
    return (this.#live?.root.getSnapshot().state ?? 'accepting.active') === state
  }

  /** Fills free slots soon. Any number of calls in one turn are one. */
  pump(): void {
    this.#claims.pump()
  }

  /** Begins to work: what was submitted before, and is due by now or later, is found too. */
  start(): void {
    this.#ticker.tick()
    this.pump()
  }

  /** No handler runs or is about to, but for zombies, which may never end. */
  get isEmpty(): boolean {
    if (this.#claims.pending) return false
    // one whose last record is on its way is folded before it is durable
    for (const { task, settling } of this.attempts.values()) if (!task.settled || settling) return false
    return true
  }

  /** Resolves when {@link isEmpty}. */
  whenEmpty(): Promise<void> {
    return this.isEmpty ? Promise.resolve() : new Promise((resolve) => this.#whenEmpty.push(resolve))
  }

  /** Resolves when nothing runs, and every store has been asked in vain for something that could start. */
  whenDry(): Promise<void> {
    return this.#claims.whenDry()
  }

  /** Asks every running attempt to stop for the shutdown. They have their grace. */
  shutdown(): void {
    for (const attempt of [...this.attempts.values()]) {
      if (attempt.stopCause === undefined && !attempt.settling) this.#reports.shutdown(attempt)
    }
  }

  /**
   * Gives up on handlers that still run, and on ends that could not be recorded: the last records of this worker end its
   * claims. Returns the tasks of those handlers.
   */
  abandon(): { readonly left: StoredTask[]; readonly recorded: Promise<void> } {
    const attempts = [...this.attempts.values()]
    const stores = new Set(attempts.map(({ store }) => store))
    const recorded = Promise.all(Array.from(stores, (store) => this.#claims.giveUp(store)))
    const left = attempts.filter(({ over }) => !over).map(({ task }) => task)
    return { left, recorded: recorded.then(() => {}) }
  }

  /** Tells the stores that this worker has ended. */
  leave(): Promise<void> {
    return this.#claims.leave()
  }

  /** Nothing starts, fires or is inspected any more. */
  close(): void {
    for (const unfollow of this.#unfollow.splice(0)) unfollow()
    this.#ticker.close()
    this.#live?.close()
  }

  now(): number {
    return this.clock.now()
  }

  warn(message: string, cause: unknown): void {
    this.#options.work.warn(message, cause)
  }

  // Filling slots

  /** Nobody knows what was recorded there, and nothing more can be. */
  #lose(store: Store, error: OffstageError): void {
    if (this.#lost.has(store)) return
    this.#lost.add(store)
    for (const attempt of [...this.attempts.values()]) if (attempt.store === store) this.stop(attempt, 'lost')
    this.#options.work.lost(store, error)
    this.#tellEmpty()
  }

  #begin(store: Store, { task, claim }: Claimed): void {
    const { context } = task.snapshot
    // whoever heard of the claim before us may have cancelled the task, and time may have passed
    if (context.claim !== claim || context.stop !== undefined) return this.#claims.handBack(store, { task, claim })
    const { work } = this.#options
    const attempt = new Attempt(this, store, task, claim, work.jobOf(task) ?? unknownJob(task))
    this.slots.take(attempt)
    this.attempts.set(task.id, attempt)
    if (this.#options.inspect !== undefined) {
      this.live.attempt(claim, task.id, { attempt: attempt.number, run: task.snapshot.context.run })
    }
    work.moved()
    attempt.start()
  }

  #tellEmpty(): void {
    if (this.#whenEmpty.length === 0 || !this.isEmpty) return
    for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  // What attempts tell

  call(attempt: Attempt): unknown {
    const { telemetry } = this.#options
    return telemetry.listening ? telemetry.run(attempt, () => attempt.job.call(attempt)) : attempt.job.call(attempt)
  }

  ended(attempt: Attempt, ok: boolean, value: unknown): void {
    this.#live?.tellAttempt(attempt.claim, { type: 'settled', ok })
    attempt.settling = true
    if (attempt.stopCause === 'fenced' || attempt.stopCause === 'lost') return this.#over(attempt, ok, value)
    this.#endings.record(attempt, ok, value)
  }

  #over(attempt: Attempt, ok: boolean, value: unknown): void {
    this.#options.telemetry.ended(attempt, ok, value)
    this.slots.giveBack(attempt)
    if (this.attempts.get(attempt.task.id) === attempt) this.attempts.delete(attempt.task.id)
    this.pump()
    this.#options.work.moved()
    this.#tellEmpty()
  }

  readonly timedOut = (attempt: Attempt): void => this.#reports.timedOut(attempt)
  readonly outlived = (attempt: Attempt): void => this.#reports.outlived(attempt)
  readonly ask = (attempt: Attempt, child: string): Wait => this.#reports.ask(attempt, child)
  readonly askInput = (attempt: Attempt, prompt: string | undefined): Promise<unknown> =>
    this.#reports.askInput(attempt, prompt)
  readonly progress = (attempt: Attempt, fraction: number, message: string | undefined): void =>
    this.#reports.progress(attempt, fraction, message)

  #retryAt(attempt: Attempt, failing: Failing): number | undefined {
    const { work, random } = this.#options
    return retryAt(attempt.task, failing, work.retryOf(attempt.task), this.now(), random.next(), (message, cause) =>
      this.warn(message, cause),
    )
  }

  // What the stores tell

  #heard(change: StoreChange, store: Store): void {
    if ('event' in change) {
      this.#follow(change)
      this.#options.telemetry.changed(change)
    }
    this.#options.work.changed(change, store)
  }

  #follow(change: Change): void {
    const { task, event, before } = change
    if (event.type === 'forget' || this.#is('stopped')) return
    if (event.type === 'start' && this.isMine(event.worker)) this.live.spawn(task.id, before).send(event)
    else if (event.type === 'submit') this.#submitted(task, change)
    else this.#live?.send(task.id, event)
    const attempt = this.attempts.get(task.id)
    if (attempt !== undefined) tellAttempt(attempt, change, this)
    if (event.type === 'abandon') this.#tellEmpty()
    if (event.type === 'progress') return
    this.#ticker.expect(task)
    if (this.slots.free > 0) this.pump()
  }

  /** While somebody inspects, a task is an actor from its submit on; otherwise a waiting task is a record. */
  #submitted(task: StoredTask, { event, before }: Change): void {
    if (this.#options.inspect === undefined) return
    const { local: _local, ...record } = event as { local?: object }
    this.live.spawn(task.id, before).send(record as never)
  }

  /** Tells an attempt to stop. */
  stop(attempt: Attempt, cause: StopCause): void {
    this.#live?.tellAttempt(attempt.claim, { type: 'stop', cause })
    attempt.stop(cause, attempt.task.spec.limits.grace)
  }
}
