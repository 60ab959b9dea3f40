/** @module Due times: any number of them, behind one live timer of the clock. */
import type { Clock, TimerHandle } from '../clock.ts'
import { OffstageError, ValidationError } from '../errors.ts'
import { Heap, type HeapNode } from '../heap.ts'

/** A due time that was asked for; {@link Timers.cancel} takes it back. */
export interface Timer {
  /** When it is due: on the wall clock for `at`, on the monotonic one for `after`, in ms. */
  readonly due: number
}

/** The longest sleep in ms that `setTimeout` keeps; it fires at once when asked for more. */
const longestSleep = 2 ** 31 - 1
/** How late in ms a step of the wall clock may be noticed. */
const longestWallSleep = 60_000

class Entry implements Timer, HeapNode {
  heapIndex = -1
  readonly due: number
  readonly order: number
  readonly wall: boolean
  /** Undefined once it was fired or cancelled. */
  fn: (() => void) | undefined

  constructor(due: number, order: number, wall: boolean, fn: () => void) {
    this.due = due
    this.order = order
    this.wall = wall
    this.fn = fn
  }
}

const earlier = (a: Entry, b: Entry): boolean => a.due < b.due || (a.due === b.due && a.order < b.order)

/**
 * All due times of a runner. At most one timer of the clock is live at any moment; it is left alone when the earliest
 * entry is cancelled, so adding and cancelling cost a heap step each and seldom touch the clock.
 */
export class Timers {
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #relative = new Heap<Entry>(earlier)
  readonly #wall = new Heap<Entry>(earlier)
  readonly #wake = (): void => this.#fireDue()
  #live: TimerHandle | undefined
  /** When the live timer wakes us, monotonic; Infinity without one; -Infinity while entries are being fired. */
  #wakeAt = Number.POSITIVE_INFINITY
  #size = 0
  #made = 0
  #holds = 0
  #closed = false

  /** @param onError Told what a callback threw; the other callbacks run all the same. */
  constructor(clock: Clock, onError: (error: unknown) => void) {
    this.#clock = clock
    this.#onError = onError
  }

  /** How many entries wait for their time. */
  get size(): number {
    return this.#size
  }

  /**
   * Calls `fn` once, `ms` from now on the monotonic clock, whatever happens to the wall clock.
   *
   * @param ms At once if zero or less, though never before this call has returned; Infinity is never.
   * @throws {ValidationError} INVALID_OPTION for NaN.
   * @throws {OffstageError} RUNNER_STOPPED after {@link close}: a due time that never comes would hang its waiter.
   */
  after(ms: number, fn: () => void): Timer {
    if (Number.isNaN(ms)) throw new ValidationError('ms', 'a number of milliseconds', ms)
    const now = this.#clock.monotonic()
    const entry = this.#entry(now + Math.max(ms, 0), false, fn)
    this.#relative.push(entry)
    if (entry.due < this.#wakeAt) this.#arm(entry.due, now)
    return entry
  }

  /**
   * Calls `fn` once the wall clock shows `epochMs` or later, and never before. A wall clock set forward is noticed
   * within 60 s.
   *
   * @param epochMs At once if in the past, though never before this call has returned; Infinity is never.
   * @throws {ValidationError} INVALID_OPTION for NaN.
   * @throws {OffstageError} RUNNER_STOPPED after {@link close}.
   */
  at(epochMs: number, fn: () => void): Timer {
    if (Number.isNaN(epochMs)) throw new ValidationError('epochMs', 'a time in epoch ms', epochMs)
    const entry = this.#entry(epochMs, true, fn)
    this.#wall.push(entry)
    const now = this.#clock.monotonic()
    const due = now + this.#wallSleep(epochMs)
    if (due < this.#wakeAt) this.#arm(due, now)
    return entry
  }

  /** Takes an entry back. Nothing happens if it was fired or cancelled before. */
  cancel(timer: Timer): void {
    if (!(timer instanceof Entry) || timer.fn === undefined || this.#closed) return
    timer.fn = undefined
    this.#size--
    if (timer.wall) this.#wall.remove(timer)
    else this.#relative.remove(timer)
  }

  /** Keeps the process alive until the matching {@link release}; calls are counted. */
  hold(): void {
    this.#holds++
    if (this.#holds > 1 || this.#closed) return
    if (this.#live === undefined) this.#rearm()
    else this.#live.ref?.()
  }

  /** Takes one {@link hold} back. With none left, no timer here keeps the process alive. */
  release(): void {
    if (this.#holds === 0) return
    this.#holds--
    if (this.#holds === 0) this.#live?.unref?.()
  }

  /** Drops all entries and the live timer. Nothing fires afterwards, and nothing can be added. */
  close(): void {
    this.#closed = true
    this.#relative.clear()
    this.#wall.clear()
    this.#size = 0
    this.#disarm()
  }

  #entry(due: number, wall: boolean, fn: () => void): Entry {
    if (this.#closed) throw new OffstageError('RUNNER_STOPPED', 'the timers are closed: their runner has stopped')
    this.#size++
    return new Entry(due, this.#made++, wall, fn)
  }

  #wallSleep(epochMs: number): number {
    return Math.min(epochMs - this.#clock.now(), longestWallSleep)
  }

  #fireDue(): void {
    this.#live = undefined
    this.#wakeAt = Number.NEGATIVE_INFINITY
    const due = this.#takeDue()
    let next = 0
    try {
      while (next < due.length && !this.#closed) this.#fire(due[next++])
    } finally {
      // only an onError that throws leaves some over
      if (!this.#closed) for (const entry of due.slice(next)) if (entry.fn !== undefined) this.#putBack(entry)
      this.#wakeAt = Number.POSITIVE_INFINITY
      this.#rearm()
    }
  }

  /** Takes out what is due now; entries that its callbacks add wait for the next turn, so none can starve another. */
  #takeDue(): Entry[] {
    const monotonic = this.#clock.monotonic()
    const now = this.#clock.now()
    const due: Entry[] = []
    for (;;) {
      const relative = this.#relative.peek()
      const wall = this.#wall.peek()
      const late = relative === undefined ? -1 : monotonic - relative.due
      const wallLate = wall === undefined ? -1 : now - wall.due
      if (late < 0 && wallLate < 0) return due
      const wallFirst = late === wallLate ? (wall?.order ?? 0) < (relative?.order ?? 0) : wallLate > late
      const first = (wallFirst ? this.#wall : this.#relative).pop()
      if (first !== undefined) due.push(first)
    }
  }

  #fire(entry: Entry | undefined): void {
    const fn = entry?.fn
    if (entry === undefined || fn === undefined) return
    // an earlier callback of this turn may have seen the wall clock set back
    if (entry.wall && this.#clock.now() < entry.due) return this.#putBack(entry)
    entry.fn = undefined
    this.#size--
    try {
      fn()
    } catch (error) {
      this.#onError(error)
    }
  }

  #putBack(entry: Entry): void {
    if (entry.wall) this.#wall.push(entry)
    else this.#relative.push(entry)
  }

  /** Arms the live timer for the earliest entry; for none, only to keep the process alive. */
  #rearm(): void {
    if (this.#closed) return
    const now = this.#clock.monotonic()
    const wall = this.#wall.peek()
    const wallDue = wall === undefined ? Number.POSITIVE_INFINITY : now + this.#wallSleep(wall.due)
    const due = Math.min(this.#relative.peek()?.due ?? Number.POSITIVE_INFINITY, wallDue)
    if (due !== Number.POSITIVE_INFINITY) return this.#arm(due, now)
    if (this.#holds === 0) return
    this.#arm(due, now)
    // a simulated clock keeps no process alive, and would be led to skip to this timer
    if (this.#live !== undefined && this.#live.ref === undefined) this.#disarm()
  }

  #arm(due: number, now: number): void {
    const wakeAt = Math.min(due, now + longestSleep)
    if (wakeAt >= this.#wakeAt) return
    this.#disarm()
    this.#wakeAt = wakeAt
    // setTimeout cuts fractions off, and would wake us just before the time
    const sleep = Math.min(Math.max(Math.ceil(wakeAt - now), 0), longestSleep)
    this.#live = this.#clock.setTimeout(this.#wake, sleep)
    if (this.#holds === 0) this.#live.unref?.()
  }

  #disarm(): void {
    if (this.#live !== undefined) this.#clock.clearTimeout(this.#live)
    this.#live = undefined
    this.#wakeAt = Number.POSITIVE_INFINITY
  }
}
