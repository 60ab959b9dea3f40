/** @module The runner as an actor: fills its slots, watches over attempts, and follows what the stores tell. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'
import { OffstageError, show } from '../errors.ts'
import type { Change } from '../machines/fold-store.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Random } from '../random.ts'
import type { Awaitable, Claimed, ClaimRequest, Store, StoreChange } from '../store/store.ts'
import { TurnoverMap } from '../turnover-map.ts'
import { waitForChild } from './asks.ts'
import { Attempt, type AttemptHost, type Job, type StopCause, type Wait } from './attempt.ts'
import { isPromise, whenDone } from './awaitable.ts'
import { Endings } from './endings.ts'
import { Gate, type Recipes } from './gate.ts'
import { type Inspect, LiveActors } from './live.ts'
import { type Failing, type Retry, retryAt } from './retry.ts'
import type { Telemetry } from './telemetry.ts'
import { Ticker } from './ticker.ts'
import type { Timers } from './timer.ts'

/** What the supervisor asks of the face above it. */
export interface Work extends Recipes {
  /** The handler of a task, or undefined when it is not known any more. */
  jobOf(task: StoredTask): Job | undefined
  retryOf(task: StoredTask): Retry
  /** After a change was seen and acted on. */
  changed(change: StoreChange, store: Store): void
  /** An attempt began or ended, or a slot was given back. */
  moved(): void
  /** Whether it runs tasks at all: who only submits claims nothing. */
  readonly working: boolean
  /** The recipes that it knows, for people. */
  recipeNames(): readonly string[]
  warn(message: string, cause?: unknown): void
}

export interface SupervisorOptions {
  readonly stores: readonly Store[]
  readonly work: Work
  readonly clock: Clock
  readonly random: Random
  readonly timers: Timers
  readonly slots: number
  readonly inspect: Inspect | undefined
  readonly telemetry: Telemetry
}

const noClaims: readonly Claimed[] = Object.freeze([])
/** How long in ms until a store is asked again whose claim has failed. */
const pauseAfterFailure = 1_000

/** What the runner chart says of the runner. */
export type RunnerState = 'active' | 'paused' | 'draining' | 'stopped'

/** One worker: the attempts it runs, and the slots they take. */
export class Supervisor implements AttemptHost {
  readonly clock: Clock
  readonly timers: Timers
  /** Every attempt whose handler still runs, zombies too, by task. */
  readonly attempts = new TurnoverMap<string, Attempt>()
  readonly gate: Gate
  readonly #options: SupervisorOptions
  readonly #ticker: Ticker
  readonly #endings: Endings
  readonly #request: ClaimRequest
  /** Attempts that need a slot to go on, with their waits that were answered. */
  readonly #resuming = new Map<Attempt, number[]>()
  /** A handler must not inherit the async context of whoever happened to wake the pump: a request, a tenant. */
  readonly #outside = AsyncLocalStorage.snapshot()
  readonly #fillNow = (): void => this.#fill(0)
  readonly #fillOutside = (): void => this.#outside(this.#fillNow)
  /** Stores that nothing can be recorded in any more. */
  readonly #lost = new Set<Store>()
  #worker: string
  #live: LiveActors | undefined
  #claims = 0
  #busy = 0
  /** A store was asked for a task and has not answered, or has not taken it back. */
  #claiming = false
  #filling = false
  #again = false
  /** A store has failed, and will be asked again. */
  #asksAgain = false
  #turn = 0
  #whenEmpty: (() => void)[] = []
  #whenDry: (() => void)[] = []

  constructor(options: SupervisorOptions) {
    const { clock, timers, stores, work } = options
    this.#options = options
    this.clock = clock
    this.timers = timers
    this.#worker = options.random.id()
    this.gate = new Gate(
      work,
      clock,
      timers,
      () => this.pump(),
      (message, cause) => work.warn(message, cause),
    )
    this.#ticker = new Ticker(
      stores,
      clock,
      timers,
      () => this.pump(),
      (message, cause) => work.warn(message, cause),
    )
    this.#endings = new Endings({
      timers,
      now: () => this.now(),
      warn: (message, cause) => work.warn(message, cause),
      retryAt: (attempt, thrown) => this.#retryAt(attempt, { by: 'throw', thrown }),
      isOver: (store) => this.#lost.has(store) || this.state === 'stopped',
      over: (attempt, ok, value) => this.#over(attempt, ok, value),
    })
    this.#request = this.#makeRequest()
    for (const store of stores) {
      store.subscribe((change) => this.#heard(change, store))
      store.onLost?.(() => this.#lose(store))
    }
  }

  /** A random id: claims and deaths are told by it, never by a process id. Another one once this was declared dead. */
  get worker(): string {
    return this.#worker
  }

  /** The actors of this runner, made when first needed. */
  get live(): LiveActors {
    this.#live ??= new LiveActors(`runner-${this.worker}`, this.#options.inspect)
    return this.#live
  }

  /** The slots that are taken, by zombies too. */
  get busy(): number {
    return this.#busy
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
    if (this.#filling) {
      this.#again = true
      return
    }
    this.#filling = true
    queueMicrotask(this.#fillOutside)
  }

  /** Begins to work: what was submitted before, and is due by now or later, is found too. */
  start(): void {
    this.#ticker.tick()
    this.pump()
  }

  /** No handler runs or is about to, but for zombies, which may never end. */
  get isEmpty(): boolean {
    if (this.#claiming) return false
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
    const dry = new Promise<void>((resolve) => this.#whenDry.push(resolve))
    this.pump()
    return dry
  }

  /** Asks every running attempt to stop for the shutdown. They have their grace. */
  shutdown(): void {
    for (const { stopCause, store, task, claim, settling } of [...this.attempts.values()]) {
      if (stopCause !== undefined || settling) continue
      this.#record(() => store.append({ type: 'shutdown', task: task.id, claim, at: this.now() }), 'a shutdown')
    }
  }

  /** Gives up on handlers that still run: the last record of this worker ends its claims. Returns their tasks. */
  async abandon(): Promise<StoredTask[]> {
    const left = [...this.attempts.values()].map(({ task }) => task)
    if (left.length === 0) return left
    for (const store of this.#options.stores) {
      if (this.#lost.has(store)) continue
      try {
        await store.append({ type: 'expire', worker: this.worker, at: this.now() })
      } catch (error) {
        this.warn(`${store.name}: the end of this worker was not recorded`, error)
      }
    }
    return left
  }

  /** Tells the stores that this worker has ended. */
  async leave(): Promise<void> {
    for (const store of this.#options.stores) {
      try {
        await store.leave?.(this.worker)
      } catch (error) {
        this.warn(`${store.name}: this worker could not be signed off`, error)
      }
    }
  }

  /** Nothing starts, fires or is inspected any more. */
  close(): void {
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

  #makeRequest(): ClaimRequest {
    const { clock, gate } = this
    const { work } = this.#options
    const free = (): number => this.#options.slots - this.#busy
    const worker = (): string => this.#worker
    return {
      get worker() {
        return worker()
      },
      get recipes() {
        return work.recipeNames()
      },
      get at() {
        return clock.now()
      },
      get slots() {
        return free()
      },
      claim: () => `${this.#worker}.${++this.#claims}`,
      takes: (recipe) => gate.takes(recipe),
      fits: (task) => gate.fits(task),
      picked: (task) => gate.started(task),
    }
  }

  /** Gives free slots to resumed attempts first, then to the stores in turn, until none of them has a task. */
  #fill(without: number): void {
    const { stores, slots, work } = this.#options
    let dry = without
    this.#resume()
    while (work.working && dry < stores.length && this.#busy < slots && this.#is('accepting.active')) {
      const store = stores[this.#turn++ % stores.length] as Store
      if (this.#lost.has(store)) {
        dry += 1
        continue
      }
      let claimed: Awaitable<readonly Claimed[]>
      try {
        claimed = store.claim(this.#request)
      } catch (error) {
        this.#claimFailed(store, error)
        claimed = noClaims
      }
      if (isPromise(claimed)) return this.#fillLater(store, claimed, dry)
      dry = claimed.length === 0 ? dry + 1 : 0
      for (const each of claimed) this.#begin(store, each)
    }
    this.#filled()
  }

  #fillLater(store: Store, claiming: PromiseLike<readonly Claimed[]>, dry: number): void {
    this.#claiming = true
    const goOn = (without: number): void => {
      this.#claiming = false
      this.#fill(without)
      this.#tellEmpty()
    }
    claiming.then(
      (claimed) => {
        if (claimed.length === 0) return goOn(dry + 1)
        if (this.state !== 'active') return this.#handAllBack(store, claimed, () => goOn(0))
        for (const each of claimed) this.#begin(store, each)
        goOn(0)
      },
      (error) => {
        this.#claimFailed(store, error)
        goOn(dry + 1)
      },
    )
  }

  #handAllBack(store: Store, claimed: readonly Claimed[], done: () => void): void {
    let left = claimed.length
    const one = (): void => {
      left -= 1
      if (left === 0) done()
    }
    for (const each of claimed) this.#handBack(store, each, one)
  }

  /** The runner, or the task, was told to stop while the store was asked. */
  #handBack(store: Store, { task, claim }: Claimed, done: () => void): void {
    whenDone(
      () => store.append({ type: 'release', task: task.id, claim, at: this.now() }),
      done,
      (error) => {
        this.warn('a release could not be recorded', error)
        done()
      },
    )
  }

  /** Tasks may wait there, and nothing else may happen that would make us ask again. */
  #claimFailed(store: Store, error: unknown): void {
    if (this.#lost.has(store)) return
    if (OffstageError.is(error, 'FENCED')) return this.#renew(store)
    this.warn(`${store.name}: a claim failed`, error)
    if (this.#asksAgain || this.state === 'stopped') return
    this.#asksAgain = true
    this.timers.after(pauseAfterFailure, () => {
      this.#asksAgain = false
      this.pump()
    })
  }

  /** This worker was declared dead: its process was stopped for too long. It goes on as another. */
  #renew(store: Store): void {
    this.warn(
      `${store.name}: this worker was declared dead while it was stopped; it goes on under another name`,
      undefined,
    )
    void store.leave?.(this.#worker)
    this.#worker = this.#options.random.id()
    this.pump()
  }

  /** Nobody knows what was recorded there, and nothing more can be. */
  #lose(store: Store): void {
    this.#lost.add(store)
    for (const attempt of [...this.attempts.values()]) if (attempt.store === store) this.#stop(attempt, 'lost')
  }

  #filled(): void {
    this.#filling = false
    if (!this.#again) return this.#tellDry()
    this.#again = false
    this.pump()
  }

  #tellDry(): void {
    if (this.#whenDry.length === 0 || this.#asksAgain || !this.isEmpty) return
    for (const resolve of this.#whenDry.splice(0)) resolve()
  }

  #resume(): void {
    for (const [attempt, asks] of this.#resuming) {
      // one that was told to stop, or has ended, needs no slot: its waits are over
      if (asks.some((ask) => attempt.isWaiting(ask))) {
        if (this.#busy >= this.#options.slots) return
        attempt.slot = true
        this.#busy += 1
        attempt.resumeTimer()
      }
      this.#goOn(attempt, asks)
    }
  }

  #goOn(attempt: Attempt, asks: readonly number[]): void {
    this.#resuming.delete(attempt)
    for (const ask of asks) attempt.endWait(ask)
  }

  #begin(store: Store, { task, claim }: Claimed): void {
    const { context } = task.snapshot
    // whoever heard of the claim before us may have cancelled the task, and time may have passed
    if (context.claim !== claim || context.stop !== undefined) return this.#handBack(store, { task, claim }, () => {})
    const { work } = this.#options
    const attempt = new Attempt(this, store, task, claim, work.jobOf(task) ?? unknownJob(task))
    this.#busy += 1
    this.attempts.set(task.id, attempt)
    if (this.#options.inspect !== undefined) {
      this.live.attempt(claim, task.id, { attempt: attempt.number, run: task.snapshot.context.run })
    }
    work.moved()
    attempt.start()
  }

  #freeSlot(attempt: Attempt): void {
    if (attempt.slot) {
      attempt.slot = false
      this.#busy -= 1
    }
    if (this.attempts.get(attempt.task.id) === attempt) this.attempts.delete(attempt.task.id)
    this.pump()
    this.#options.work.moved()
    this.#tellEmpty()
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
    this.#freeSlot(attempt)
  }

  timedOut(attempt: Attempt): void {
    const retry = this.#retryAt(attempt, { by: 'timeout' })
    const record = {
      type: 'timeout',
      scope: 'attempt',
      task: attempt.task.id,
      claim: attempt.claim,
      at: this.now(),
    } as const
    this.#record(() => attempt.store.append(retry === undefined ? record : { ...record, retryAt: retry }), 'a timeout')
  }

  outlived(attempt: Attempt): void {
    // a thread can be ended for real, and its end is the attempt's
    if (attempt.job.terminate?.() !== undefined) {
      attempt.terminating = true
      return
    }
    if (attempt.stopCause !== 'cancel' && attempt.stopCause !== 'timeout') return
    const { task, claim } = attempt
    this.#record(() => attempt.store.append({ type: 'abandon', task: task.id, claim, at: this.now() }), 'an abandon')
    this.warn(
      `${show(task.spec.name)} (${task.id}) was told to stop and still runs; it keeps its slot until it ends`,
      undefined,
    )
  }

  progress(attempt: Attempt, fraction: number, message: string | undefined): void {
    const record = { type: 'progress', task: attempt.task.id, claim: attempt.claim, at: this.now(), fraction } as const
    this.#record(() => attempt.store.append(message === undefined ? record : { ...record, message }), 'progress')
  }

  ask(attempt: Attempt, child: string): Wait {
    const record = (act: () => Awaitable<unknown>, what: string): void => this.#record(act, what)
    return waitForChild({ now: () => this.now(), record }, attempt, child)
  }

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
    if (event.type === 'start' && event.worker === this.worker) this.live.spawn(task.id, before).send(event)
    else if (event.type === 'submit') this.#submitted(task, change)
    else this.#live?.send(task.id, event)
    const attempt = this.attempts.get(task.id)
    if (attempt !== undefined) this.#tell(attempt, change)
    if (event.type === 'abandon') this.#tellEmpty()
    if (event.type === 'progress') return
    this.#ticker.expect(task)
    if (this.#busy < this.#options.slots) this.pump()
  }

  /** While somebody inspects, a task is an actor from its submit on; otherwise a waiting task is a record. */
  #submitted(task: StoredTask, { event, before }: Change): void {
    if (this.#options.inspect === undefined) return
    const { local: _local, ...record } = event as { local?: object }
    this.live.spawn(task.id, before).send(record as never)
  }

  #tell(attempt: Attempt, { task, event }: Change): void {
    const { claim, stop } = task.snapshot.context
    if (claim !== attempt.claim) {
      if (task.zombie !== attempt.claim && !attempt.settling) this.#stop(attempt, 'fenced')
    } else if (stop !== undefined) {
      this.#stop(attempt, stop.cause)
    } else if (event.type === 'ask') {
      this.#waits(attempt)
    } else if (event.type === 'answer') {
      this.#answered(attempt, event.ask)
    }
  }

  #stop(attempt: Attempt, cause: StopCause): void {
    this.#live?.tellAttempt(attempt.claim, { type: 'stop', cause })
    attempt.stop(cause, attempt.task.spec.limits.grace)
  }

  #waits(attempt: Attempt): void {
    attempt.pauseTimer()
    // it waits again, so what it heard meanwhile need not wait for a slot
    this.#goOn(attempt, this.#resuming.get(attempt) ?? [])
    if (!attempt.slot) return
    attempt.slot = false
    this.#busy -= 1
  }

  /** The last answer resumes the task, which then needs a slot to go on. A stop reaches its waits before that. */
  #answered(attempt: Attempt, ask: number): void {
    if (attempt.slot || attempt.task.state !== 'running.executing') return attempt.endWait(ask)
    const asks = this.#resuming.get(attempt)
    if (asks === undefined) this.#resuming.set(attempt, [ask])
    else asks.push(ask)
    this.pump()
  }

  #record(act: () => Awaitable<unknown>, what: string): void {
    whenDone(
      act,
      () => {},
      (error) => this.warn(`${what} could not be recorded`, error),
    )
  }
}

function unknownJob({ spec }: StoredTask): Job {
  return {
    call: () => {
      throw new OffstageError('UNKNOWN_RECIPE', `no handler is known for ${show(spec.recipe ?? spec.name)}`)
    },
  }
}
