/** @module Claims: asks the stores in turn for tasks while slots are free, under the name of this worker. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'
import { OffstageError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { Awaitable, Claimed, ClaimRequest, Store } from '../store/store.ts'
import { isPromise } from './awaitable.ts'
import type { Gate } from './gate.ts'
import type { Insistence } from './insist.ts'
import type { Slots } from './slots.ts'
import type { Timers } from './timer.ts'

/** What claims need of the supervisor. */
export interface ClaimsHost {
  readonly stores: readonly Store[]
  readonly clock: Clock
  readonly timers: Timers
  readonly random: Random
  readonly slots: Slots
  readonly gate: Gate
  readonly insistence: Insistence
  /** Whether it takes on tasks now. */
  accepts(): boolean
  isStopped(): boolean
  /** No handler runs or is about to. */
  isEmpty(): boolean
  recipeNames(): readonly string[]
  isLost(store: Store): boolean
  /** Nothing can be recorded there any more. */
  lose(store: Store, error: OffstageError): void
  begin(store: Store, claimed: Claimed): void
  /** Nothing is on its way any more, at least for now. */
  settled(): void
  warn(message: string, cause: unknown): void
}

const noClaims: readonly Claimed[] = Object.freeze([])
/** How long in ms until a store is asked again whose claim has failed. */
const pauseAfterFailure = 1_000
/** What a store says that nothing more can be asked of. */
const lostCodes = ['STORE_LOST', 'UNKNOWN_OUTCOME'] as const

export class Claims {
  readonly #host: ClaimsHost
  readonly #request: ClaimRequest
  /** A handler must not inherit the async context of whoever happened to wake the pump: a request, a tenant. */
  readonly #outside = AsyncLocalStorage.snapshot()
  readonly #fillNow = (): void => {
    this.#scheduled = false
    this.#fill(0)
  }
  readonly #fillOutside = (): void => this.#outside(this.#fillNow)
  /** The names of this worker, the one that it goes by at the end. */
  readonly #names: string[]
  #worker: string
  #made = 0
  /** A store was asked for a task and has not answered. */
  #asking = false
  /** How many tasks a store has not taken back yet. */
  #returning = 0
  #filling = false
  /** It will be filled in this turn, and has not begun. */
  #scheduled = false
  #again = false
  /** A store has failed, and will be asked again. */
  #asksAgain = false
  #turn = 0
  #whenDry: (() => void)[] = []

  constructor(host: ClaimsHost) {
    this.#host = host
    this.#worker = host.random.id()
    this.#names = [this.#worker]
    this.#request = this.#makeRequest()
  }

  /** The name of this worker now: a random id, and another one once it was declared dead. */
  get worker(): string {
    return this.#worker
  }

  /** Whether it goes by that name, or has. */
  isMine(worker: string): boolean {
    return this.#names.includes(worker)
  }

  /** A task may be on its way here, or back to its store. */
  get pending(): boolean {
    return this.#asking || this.#returning > 0
  }

  /** Fills free slots soon. Any number of calls in one turn are one. */
  pump(): void {
    if (this.#scheduled) return
    if (this.#filling) {
      this.#again = true
      return
    }
    this.#filling = true
    this.#scheduled = true
    queueMicrotask(this.#fillOutside)
  }

  /** Resolves when nothing runs, and every store has been asked in vain for something that could start. */
  whenDry(): Promise<void> {
    const dry = new Promise<void>((resolve) => this.#whenDry.push(resolve))
    this.pump()
    return dry
  }

  /** Gives a task back that must not start: the runner, or the task, was told to stop while the store was asked. */
  handBack(store: Store, { task, claim }: Claimed): void {
    const host = this.#host
    const over = (): void => {
      this.#returning -= 1
      if (this.#whenDry.length > 0) this.pump()
      host.settled()
    }
    this.#returning += 1
    host.insistence.append(store, { type: 'release', task: task.id, claim, at: host.clock.now() }, over, (error) => {
      if (!host.isLost(store)) host.warn(`a release of ${task.id} could not be recorded`, error)
      over()
    })
  }

  /** Ends all its claims in a store, under each of its names: nothing that it says there counts any more. */
  async giveUp(store: Store): Promise<void> {
    const host = this.#host
    if (host.isLost(store)) return
    try {
      for (const worker of this.#names) await store.append({ type: 'expire', worker, at: host.clock.now() })
    } catch (error) {
      host.warn(`${store.name}: the end of this worker was not recorded`, error)
    }
  }

  /** Tells the stores that it has ended. */
  async leave(): Promise<void> {
    const { stores } = this.#host
    await Promise.all(stores.map((store) => (this.#host.isLost(store) ? undefined : this.#leave(store, this.#worker))))
  }

  async #leave(store: Store, worker: string): Promise<void> {
    try {
      await store.leave?.(worker)
    } catch (error) {
      this.#host.warn(`${store.name}: this worker could not be signed off`, error)
    }
  }

  #makeRequest(): ClaimRequest {
    const { clock, gate, slots } = this.#host
    const worker = (): string => this.#worker
    const names = (): readonly string[] => this.#host.recipeNames()
    return {
      get worker() {
        return worker()
      },
      get recipes() {
        return names()
      },
      get at() {
        return clock.now()
      },
      get slots() {
        return slots.free
      },
      claim: () => `${this.#worker}.${++this.#made}`,
      takes: (recipe) => gate.takes(recipe),
      fits: (task) => gate.fits(task),
      picked: (task) => gate.started(task),
    }
  }

  /** Gives free slots to resumed attempts first, then to the stores in turn, until none of them has a task. */
  #fill(without: number): void {
    const host = this.#host
    const { stores, slots } = host
    let dry = without
    slots.resume()
    while (dry < stores.length && slots.free > 0 && host.accepts()) {
      const store = stores[this.#turn++ % stores.length] as Store
      if (host.isLost(store)) {
        dry += 1
        continue
      }
      let claimed: Awaitable<readonly Claimed[]>
      try {
        claimed = store.claim(this.#request)
      } catch (error) {
        this.#failed(store, error)
        claimed = noClaims
      }
      if (isPromise(claimed)) return this.#fillLater(store, claimed, dry)
      dry = claimed.length === 0 ? dry + 1 : 0
      for (const each of claimed) host.begin(store, each)
    }
    this.#filled()
  }

  #fillLater(store: Store, asked: PromiseLike<readonly Claimed[]>, dry: number): void {
    const host = this.#host
    this.#asking = true
    const goOn = (without: number): void => {
      this.#asking = false
      this.#fill(without)
      host.settled()
    }
    asked.then(
      (claimed) => {
        for (const each of claimed) {
          // what was lost meanwhile can be neither started nor given back
          if (host.isLost(store)) continue
          if (host.accepts()) host.begin(store, each)
          else this.handBack(store, each)
        }
        goOn(claimed.length === 0 ? dry + 1 : 0)
      },
      (error) => {
        this.#failed(store, error)
        goOn(dry + 1)
      },
    )
  }

  /** Tasks may wait there, and nothing else may happen that would make us ask again. */
  #failed(store: Store, error: unknown): void {
    const host = this.#host
    if (host.isLost(store)) return
    if (lostCodes.some((code) => OffstageError.is(error, code))) return host.lose(store, error as OffstageError)
    if (OffstageError.is(error, 'FENCED')) return this.#renew(store)
    host.warn(`${store.name}: a claim failed`, error)
    if (this.#asksAgain || host.isStopped()) return
    this.#asksAgain = true
    host.timers.after(pauseAfterFailure, () => {
      this.#asksAgain = false
      this.pump()
    })
  }

  /** This worker was declared dead: its process was stopped for too long. It goes on as another. */
  #renew(store: Store): void {
    const host = this.#host
    const dead = this.#worker
    host.warn(
      `${store.name}: this worker was declared dead while its process stood still; it goes on under another name`,
      undefined,
    )
    this.#worker = host.random.id()
    this.#names.push(this.#worker)
    void this.#leave(store, dead)
    this.pump()
  }

  #filled(): void {
    this.#filling = false
    if (!this.#again) return this.#tellDry()
    this.#again = false
    this.pump()
  }

  #tellDry(): void {
    if (this.#whenDry.length === 0 || this.#asksAgain || !this.#host.isEmpty()) return
    for (const resolve of this.#whenDry.splice(0)) resolve()
  }
}
