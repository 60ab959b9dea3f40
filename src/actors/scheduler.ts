/** @module The scheduler as an actor: sleeps until the nearest firing of all schedules of a store, and fires it. */
import type { Clock } from '../clock.ts'
import { OffstageError } from '../errors.ts'
import { Heap, type HeapNode } from '../heap.ts'
import { compile } from '../machines/compile.ts'
import type { SubmitRecord } from '../machines/records.ts'
import type { Firing, ScheduleRecord } from '../machines/schedule-records.ts'
import type { StoredSchedule } from '../machines/schedule-state.ts'
import { type SchedulerEvent, schedulerMachine } from '../machines/scheduler.ts'
import type { Store } from '../store/store.ts'
import { jitterOf, type Plan, planSchedule, type Slots } from './scheduler-plan.ts'
import type { Timer, Timers } from './timer.ts'

export interface SchedulerOptions {
  readonly store: Store
  readonly clock: Clock
  readonly timers: Timers
  readonly slots: Slots
  /** Ms after which it looks at the latest, to notice clocks that were set. */
  readonly tickEvery: number
  /** Makes the submit of a firing; it throws for what cannot be submitted. */
  record(schedule: StoredSchedule, firing: Firing): Promise<SubmitRecord>
  /** Whether nothing is to be fired now. */
  isPaused(): boolean
  warn(message: string, cause?: unknown): void
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

/** One firing on its way. */
interface Due {
  readonly entry: Entry
  readonly record: SubmitRecord
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
      const { next } = await this.tick()
      wait = next === undefined ? this.#options.tickEvery : next - this.#options.clock.now()
    } catch (error) {
      if (!OffstageError.is(error, 'STORE_LOST')) this.#options.warn('the schedules could not be looked at', error)
    }
    this.#send('ticked')
    if (this.state === 'waiting') this.#arm(wait)
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
    this.#state = chart.next(this.#state, { type })
  }

  // The schedules

  /** Reads all schedules, once, and follows them from then on. */
  #load(): Promise<void> {
    const { store } = this.#options
    this.#unfollow ??= store.onSchedules((change) => {
      if (change === undefined) this.#loaded = undefined
      else this.#follow(change.schedule)
    })
    this.#loaded ??= this.#read()
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
    entry.due = this.#options.slots.next(definition.when, lastSlot) ?? Number.NEGATIVE_INFINITY
    this.#entries.set(uid, entry)
    this.#heap.push(entry)
    const inTime = this.#timer === undefined || this.#timer.due <= this.#dueOnTimer(entry.due)
    if (this.state === 'waiting' && !inTime) this.#arm(entry.due - this.#options.clock.now())
  }

  /** The timer runs on the monotonic clock. */
  #dueOnTimer(due: number): number {
    const { clock } = this.#options
    return clock.monotonic() + due - clock.now()
  }

  // A pass

  async #pass(): Promise<Pass> {
    const { clock, isPaused } = this.#options
    await this.#load()
    const done = { fired: 0, skipped: 0 }
    const isAwake = !isPaused()
    // what falls due meanwhile is for the next pass
    const now = clock.now()
    for (let some = isAwake ? this.#take(now) : []; some.length > 0; some = this.#take(now))
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
    const firings: Promise<Due | undefined>[] = []
    const records: ScheduleRecord[] = []
    for (const entry of entries) {
      const { uid, rev, lastSlot, definition } = entry.schedule
      const plan = planSchedule(definition, lastSlot, now, slots, 2 * tickEvery)
      this.#putBack(entry, plan, now)
      for (const { slot, missed } of plan.fire)
        firings.push(this.#firing(entry, { uid, rev, slot, ...(missed > 1 && { missed }) }, records))
      if (plan.skip !== undefined)
        records.push({ type: 'scheduleSkip', uid, rev, at: now, reason: 'MISFIRE', ...plan.skip })
      // one that fires now is over when that is recorded
      const isSpent = plan.isOver && plan.fire.length === 0 && plan.skip === undefined
      if (isSpent) records.push({ type: 'scheduleExhaust', uid, rev, at: now })
    }
    const due = (await Promise.all(firings)).filter((each) => each !== undefined)
    done.fired += await this.#submit(due)
    done.skipped += await this.#append(records)
  }

  /** Until the records of this pass are folded: what is refused, or lost, comes again. */
  #putBack(entry: Entry, { next, isOver }: Plan, now: number): void {
    entry.due = isOver ? now + pauseAfterFailure : Math.min(next ?? Number.POSITIVE_INFINITY, now + pauseAfterFailure)
    if (entry.due <= now) entry.due = now + pauseAfterFailure
    this.#heap.push(entry)
  }

  async #firing(entry: Entry, firing: Firing, records: ScheduleRecord[]): Promise<Due | undefined> {
    const { schedule } = entry
    const { slot = 0, missed } = firing
    try {
      const record = await this.#options.record(schedule, firing)
      const { jitter = 0 } = schedule.definition
      if (jitter === 0) return { entry, record }
      return { entry, record: { ...record, delay: jitterOf(schedule.uid, slot, jitter) } }
    } catch (error) {
      this.#options.warn(`the schedule ${schedule.name} (${schedule.uid}) could not make its task`, error)
      const reason = OffstageError.is(error) ? error.code : 'ERROR'
      const { uid, rev } = firing
      const at = this.#options.clock.now()
      records.push({ type: 'scheduleSkip', uid, rev, at, slot, reason, ...(missed !== undefined && { missed }) })
      return undefined
    }
  }

  /** @returns How many tasks were made: another scheduler may have been first. */
  async #submit(due: readonly Due[]): Promise<number> {
    if (due.length === 0) return 0
    const { store, warn } = this.#options
    try {
      const verdicts = await store.submit(due.map(({ record }) => record))
      for (const [i, { accepted, schedule }] of verdicts.entries()) {
        const entry = due[i]?.entry
        // a record that is void tells nobody: what is known here may be old
        if (!accepted && schedule?.change === undefined && entry !== undefined) this.#refresh(entry)
      }
      return verdicts.filter(({ accepted }) => accepted).length
    } catch (error) {
      if (!OffstageError.is(error, 'STORE_LOST'))
        warn('schedules could not make their tasks, and will try again', error)
      return 0
    }
  }

  async #append(records: readonly ScheduleRecord[]): Promise<number> {
    const { store, warn } = this.#options
    try {
      const verdicts = await Promise.all(records.map((record) => store.append(record)))
      return verdicts.filter(({ accepted }, i) => accepted && records[i]?.type === 'scheduleSkip').length
    } catch (error) {
      if (!OffstageError.is(error, 'STORE_LOST')) warn('slots could not be skipped, and will be again', error)
      return 0
    }
  }

  #refresh({ schedule }: Entry): void {
    if (this.#entries.has(schedule.uid)) this.#follow(schedule)
  }
}
