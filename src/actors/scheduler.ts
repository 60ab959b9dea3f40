/** @module The scheduler as an actor: sleeps until the nearest firing of all schedules of a store, and fires it. */
import { OffstageError } from '../errors.ts'
import { Heap, type HeapNode } from '../heap.ts'
import { compile } from '../machines/compile.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import { type SchedulerEvent, schedulerMachine } from '../machines/scheduler.ts'
import { type FiringOptions, fireAll, type Wanted } from './scheduler-firings.ts'
import { planSchedule, type Slots, slotToCome } from './scheduler-plan.ts'
import type { Timer } from './timer.ts'

export interface SchedulerOptions extends FiringOptions {
  readonly slots: Slots
  /** Ms after which it looks at the latest, to notice clocks that were set. */
  readonly tickEvery: number
  /** Told of each event of its chart. */
  moved?(event: SchedulerEvent): void
}

/** What a pass has done. */
export interface Pass {
  readonly fired: number
  readonly skipped: number
  /** Epoch ms. */
  readonly next: number | undefined
}

const chart = compile(schedulerMachine)
/** How many firings are submitted by one call. */
const submittedAtOnce = 500
/** How many schedules are looked at before others get a turn. */
const lookedAtOnce = 2_000
/** How long in ms until a schedule is looked at again that could not be fired. */
const pauseAfterFailure = 1_000
/** By how many ms one that others were ahead of lets them go first. */
const leastBehind = 25
const mostBehind = 200

/** A schedule in the heap. */
class Entry implements HeapNode {
  heapIndex = -1
  schedule: StoredSchedule
  /** When it is to be looked at, in epoch ms. */
  due = 0

  constructor(schedule: StoredSchedule) {
    this.schedule = schedule
  }
}

/** Fires the schedules of a store. Any number of them may do so: the fold lets each slot fire once. */
export class Scheduler {
  readonly #options: SchedulerOptions
  readonly #heap = new Heap<Entry>((a, b) => a.due < b.due || (a.due === b.due && a.schedule.uid < b.schedule.uid))
  readonly #entries = new Map<string, Entry>()
  #state = chart.initial
  #timer: Timer | undefined
  #unfollow: (() => void) | undefined
  #loaded: Promise<void> | undefined
  #passing: Promise<Pass> | undefined
  #behind = 0

  constructor(options: SchedulerOptions) {
    this.#options = options
  }

  /** What its chart says. */
  get state(): string {
    return this.#state.leaf.name
  }

  /** Begins to fire. Does nothing when it does already. */
  start(): void {
    if (this.state !== 'stopped') return
    this.#send('start')
    void this.#look()
  }

  /** Fires nothing more. A pass that is under way ends. */
  stop(): void {
    this.#send('stop')
    this.#unfollow?.()
    this.#unfollow = undefined
    this.#loaded = undefined
    this.#entries.clear()
    this.#heap.clear()
    this.#disarm()
  }

  /**
   * One pass: fires all that is due. Without {@link start}, too; the schedules are followed from then on until {@link stop}.
   *
   * @throws {OffstageError} when the store cannot be read.
   */
  tick(): Promise<Pass> {
    this.#passing ??= this.#pass().finally(() => {
      this.#passing = undefined
    })
    return this.#passing
  }

  /** Resolves when the pass that is under way has ended. */
  async whenQuiet(): Promise<void> {
    await this.#passing?.catch(() => {})
  }

  /** Looks again, for it may have been paused. */
  wake(): void {
    if (this.state === 'waiting') this.#arm(0)
  }

  async #look(): Promise<void> {
    this.#disarm()
    if (this.state !== 'waiting') return
    this.#send('tick')
    let wait = pauseAfterFailure
    try {
      await this.tick()
      wait = this.#untilDue()
    } catch (error) {
      if (!OffstageError.is(error, 'STORE_LOST')) this.#options.warn('the schedules could not be looked at', error)
    }
    this.#send('ticked')
    // without schedules nothing is to be noticed, and a simulated clock has no need to stop on its way
    if (this.state === 'waiting' && wait !== Number.POSITIVE_INFINITY) this.#arm(wait)
  }

  #untilDue(): number {
    const { clock, isPaused } = this.#options
    // all may have changed
    if (this.#loaded === undefined) return 0
    const { due = Number.POSITIVE_INFINITY } = (isPaused() ? undefined : this.#heap.peek()) ?? {}
    return due + this.#behind - clock.now()
  }

  #arm(wait: number): void {
    const { timers, tickEvery } = this.#options
    this.#disarm()
    this.#timer = timers.after(Math.min(Math.max(wait, 0), tickEvery), () => {
      this.#timer = undefined
      void this.#look()
    })
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#options.timers.cancel(this.#timer)
    this.#timer = undefined
  }

  #send(type: SchedulerEvent['type']): void {
    const before = this.#state
    this.#state = chart.next(before, { type })
    if (this.#state !== before) this.#options.moved?.({ type })
  }

  // The schedules

  /** Reads all schedules, once, and follows them from then on. */
  #load(): Promise<void> {
    const { store } = this.#options
    this.#unfollow ??= store.onSchedules((change) => {
      if (change !== undefined) return this.#follow(change.schedule)
      this.#loaded = undefined
      this.wake()
    })
    this.#loaded ??= this.#read().catch((error: unknown) => {
      this.#loaded = undefined
      throw error
    })
    return this.#loaded
  }

  async #read(): Promise<void> {
    this.#entries.clear()
    this.#heap.clear()
    // what changes meanwhile is followed as it does
    const schedules = await this.#options.store.schedules()
    let looked = 0
    for (const schedule of schedules) {
      this.#follow(schedule)
      looked += 1
      if (looked % lookedAtOnce === 0) await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #follow(schedule: StoredSchedule): void {
    const { uid, status, lastSlot, definition } = schedule
    let entry = this.#entries.get(uid)
    if (entry !== undefined) this.#heap.remove(entry)
    if (status !== 'active') {
      this.#entries.delete(uid)
      return
    }
    entry ??= new Entry(schedule)
    entry.schedule = schedule
    // one that has no slot any more is looked at once, to be told that it is over
    entry.due = slotToCome(definition, lastSlot, this.#options.slots) ?? Number.NEGATIVE_INFINITY
    this.#entries.set(uid, entry)
    this.#heap.push(entry)
    const inTime = this.#timer !== undefined && this.#timer.due <= this.#dueOnTimer(entry.due)
    if (this.state === 'waiting' && !inTime) this.#arm(entry.due + this.#behind - this.#options.clock.now())
  }

  /** The timer runs on the monotonic clock. */
  #dueOnTimer(due: number): number {
    const { clock } = this.#options
    return clock.monotonic() + due + this.#behind - clock.now()
  }

  // A pass

  async #pass(): Promise<Pass> {
    const { clock, isPaused } = this.#options
    await this.#load()
    const done = { fired: 0, skipped: 0 }
    const isAwake = !isPaused()
    // what falls due meanwhile is for the next pass
    const now = clock.now()
    const by = this.state === 'ticking' ? now - this.#behind : now
    for (let some = isAwake ? this.#take(by) : []; some.length > 0; some = this.#take(by))
      await this.#work(some, now, done)
    return { ...done, next: isAwake ? this.#heap.peek()?.due : undefined }
  }

  #take(now: number): Entry[] {
    const some: Entry[] = []
    while (some.length < submittedAtOnce) {
      const entry = this.#heap.peek()
      if (entry === undefined || entry.due > now) break
      this.#heap.pop()
      some.push(entry)
    }
    return some
  }

  async #work(entries: readonly Entry[], now: number, done: { fired: number; skipped: number }): Promise<void> {
    const { slots, tickEvery } = this.#options
    const wanted: Wanted[] = []
    for (const entry of entries) {
      const { schedule } = entry
      const plan = planSchedule(schedule.definition, schedule.lastSlot, now, slots, 2 * tickEvery)
      // until the records of this pass are folded: what is refused, or lost, comes again
      entry.due = now + pauseAfterFailure
      this.#heap.push(entry)
      wanted.push({ schedule, plan })
    }
    const { fired, skipped, lost } = await fireAll(wanted, this.#options)
    done.fired += fired
    done.skipped += skipped
    // who was first goes first again, and the others find nothing to do
    if (fired > 0) this.#behind = 0
    else if (lost.length > 0) this.#behind = Math.min(Math.max(2 * this.#behind, leastBehind), mostBehind)
  }
}
