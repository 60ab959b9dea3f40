/** @module Simulated time for tests: it moves only when told, and jumps over waiting. */
import type { Clock, TimerHandle } from '../clock.ts'
import { type Duration, parseDuration } from '../duration.ts'
import { OffstageError, ValidationError } from '../errors.ts'
import { Heap, type HeapNode } from '../heap.ts'
import { openHandles, RealWork, turn } from './real-work.ts'

/** Options of {@link VirtualClock}. */
export interface VirtualClockOptions {
  /** What the wall clock shows first: epoch ms, a `Date` or an ISO string. @default 0 */
  readonly now?: number | Date | string
  /** Names what is still running, for the message of a stall. @default names nothing */
  readonly describe?: () => string
  /** Whether real work is under way that the event loop cannot see, such as a thread. @default never */
  readonly busy?: () => boolean
  /** Whether something is being ended for real, which has time beyond any budget. `@default` never */
  readonly ending?: () => boolean
}

/** Options of {@link VirtualClock.until}. */
export interface UntilOptions {
  /** The most simulated time to skip. @default '30d' */
  readonly limit?: Duration
  /** The most real time, in ms, to wait for real work before time is skipped or a stall is told. @default 10_000 */
  readonly realTimeout?: number
  /**
   * How long, in real ms, nothing may happen before each skip; all pauses add up to at most 1 s. It is for work in
   * Node's own threads that cannot be seen: crypto, compression, some reading of files. @default 5
   */
  readonly realPause?: number
  /** Whether to wait for timers of the machine, which a handler that does not use this clock may have armed. @default false */
  readonly realTimers?: boolean
}

/** With no timer left, how long in real ms nothing may happen before it is a stall. */
const stallSilence = 100
/** How many timers may be made and fired at one instant before it is called a loop. */
const mostAtOneInstant = 10_000

class VirtualTimer implements HeapNode, TimerHandle {
  heapIndex = -1
  readonly ref?: never
  readonly due: number
  readonly order: number
  readonly fn: () => void

  constructor(due: number, order: number, fn: () => void) {
    this.due = due
    this.order = order
    this.fn = fn
  }
}

/**
 * A clock whose time stands still until it is told to move. It serves Offstage, and XState's `clock` option.
 *
 * Timers fire in the order of their times, and of their making when the times are equal. After each one all promise
 * jobs run before time moves on, so code that arms a timer further down a promise chain sees the time of its cause.
 * Calls of `advance`, `advanceTo` and `until` never overlap: each begins when the one before has ended. So do not
 * await one of them inside work that another one drives.
 *
 * @example
 * ```ts
 * import { VirtualClock } from 'offstage/testing'
 *
 * const clock = new VirtualClock({ now: '2026-01-01T00:00:00Z' })
 * let rang = false
 * clock.setTimeout(() => { rang = true }, 3_600_000)
 * await clock.advance('1h')
 * rang // true, and no hour has passed
 * ```
 */
export class VirtualClock implements Clock {
  readonly #timers = new Heap<VirtualTimer>((a, b) => a.due < b.due || (a.due === b.due && a.order < b.order))
  readonly #background = openHandles()
  readonly #describe: () => string
  readonly #busy: () => boolean
  readonly #ending: () => boolean
  #elapsed = 0
  /** What the wall clock shows beyond the monotonic one. */
  #offset: number
  #made = 0
  /** The first timer not yet made when the clock came to this instant, and how many since then have fired in it. */
  #instant = { firstNew: 0, fired: 0 }
  #last: Promise<unknown> = Promise.resolve()

  constructor({ now = 0, describe = () => '', busy = () => false, ending = () => false }: VirtualClockOptions = {}) {
    this.#offset = epochMs(now, 'now')
    this.#describe = describe
    this.#busy = busy
    this.#ending = ending
  }

  now(): number {
    return this.#offset + this.#elapsed
  }

  monotonic(): number {
    return this.#elapsed
  }

  /** How many timers are armed. */
  get pending(): number {
    return this.#timers.size
  }

  /** Calls `fn` once, when `ms` have been skipped; 0 is the present instant. */
  setTimeout(fn: () => void, ms: number): TimerHandle {
    const wait = Number.isNaN(ms) ? 0 : Math.max(ms, 0)
    const timer = new VirtualTimer(this.#elapsed + wait, this.#made++, fn)
    this.#timers.push(timer)
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    if (handle instanceof VirtualTimer) this.#timers.remove(handle)
  }

  /**
   * Sets the wall clock forward, or back if negative, as an operator or NTP does. No timer fires and `monotonic`
   * stays.
   *
   * @param ms Any finite number.
   * @throws {ValidationError} INVALID_OPTION.
   */
  step(ms: number): void {
    if (!Number.isFinite(ms)) throw new ValidationError('ms', 'a finite number of milliseconds', ms)
    this.#offset += ms
  }

  /**
   * Moves time on and fires what is due on the way, each timer at its own time. Real I/O is not waited for.
   *
   * @param duration How far; 0 fires what is due now.
   * @throws {ValidationError} INVALID_OPTION.
   * @throws {OffstageError} STALLED when timers of 0 ms are made without end.
   * @throws What a timer's callback throws; time stays there.
   */
  advance(duration: Duration): Promise<void> {
    return this.#queue(() => this.#moveTo(this.#elapsed + parseDuration(duration, 'duration', { min: 0 })))
  }

  /**
   * As {@link advance}, to a time of the wall clock.
   *
   * @param time Epoch ms, a `Date` or an ISO string; not before `now()`.
   * @throws {ValidationError} INVALID_OPTION.
   */
  advanceTo(time: number | Date | string): Promise<void> {
    return this.#queue(() => {
      const distance = epochMs(time, 'time') - this.now()
      if (distance >= 0) return this.#moveTo(this.#elapsed + distance)
      throw new ValidationError('time', `at or after now (${this.now()}); step() sets the clock back`, time)
    })
  }

  /**
   * Skips from timer to timer until the promise settles. Before each skip, promise jobs, I/O, child processes and
   * whatever `busy` tells may end in real time, within `realTimeout`; timers of the machine only with `realTimers`.
   *
   * @returns What the promise resolves to; rejects as it rejects.
   * @throws {OffstageError} STALLED when no timer is left and nothing real happens, or `limit` is reached.
   *
   * @example
   * ```ts
   * import { VirtualClock } from 'offstage/testing'
   *
   * const clock = new VirtualClock()
   * const slow = new Promise<string>((resolve) => clock.setTimeout(() => resolve('done'), 86_400_000))
   * await clock.until(slow) // 'done', a day later by this clock
   * ```
   */
  until<T>(promise: Promise<T>, options: UntilOptions = {}): Promise<T> {
    const { limit = '30d', realTimeout = 10_000, realPause = 5, realTimers = false } = options
    let settled = false
    const note = (): void => {
      settled = true
    }
    promise.then(note, note)
    return this.#queue(async () => {
      const end = this.#elapsed + parseDuration(limit, 'limit', { min: 0 })
      const budget = parseDuration(realTimeout, 'realTimeout', { min: 0 })
      const pause = parseDuration(realPause, 'realPause', { min: 0 })
      const real = new RealWork(this.#background, { busy: this.#busy, ending: this.#ending, budget, pause, realTimers })
      await this.#skipUntil(() => settled, end, real)
      return promise
    })
  }

  async #skipUntil(settled: () => boolean, end: number, real: RealWork): Promise<void> {
    for (;;) {
      await real.beforeSkip(settled)
      if (this.#timers.size === 0) await real.rest(() => settled() || this.#timers.size > 0, stallSilence)
      if (this.#timers.size === 0) await real.lastOnes(() => settled() || this.#timers.size > 0)
      if (settled()) return
      const next = this.#timers.peek()
      if (next === undefined)
        throw this.#stall('the promise did not settle: no timer is armed and nothing real happens')
      if (next.due > end) throw this.#stall('the promise did not settle within the limit of simulated time')
      this.#fire(next)
    }
  }

  async #moveTo(target: number): Promise<void> {
    await turn()
    for (let next = this.#timers.peek(); next !== undefined && next.due <= target; next = this.#timers.peek()) {
      this.#fire(next)
      // A whole turn rather than one await: a promise chain has any number of links, and a turn ends with none left.
      await turn()
    }
    this.#passTo(target)
  }

  #fire(timer: VirtualTimer): void {
    this.#timers.remove(timer)
    this.#passTo(timer.due)
    if (timer.order >= this.#instant.firstNew && ++this.#instant.fired > mostAtOneInstant) {
      throw this.#stall(`${mostAtOneInstant} timers were made and fired at one instant`)
    }
    timer.fn()
  }

  #passTo(time: number): void {
    if (time <= this.#elapsed) return
    this.#elapsed = time
    this.#instant = { firstNew: this.#made, fired: 0 }
  }

  /** Runs a job when the one before has ended, however it ended. */
  #queue<T>(job: () => Promise<T>): Promise<T> {
    const run = this.#last.then(job)
    this.#last = run.catch(() => undefined)
    return run
  }

  #stall(why: string): OffstageError {
    const next = this.#timers.peek()
    const timers = `timers pending: ${this.pending}${next ? `, the next in ${next.due - this.#elapsed} ms` : ''}`
    const running = this.#describe()
    const told = running === '' ? '' : `; still running: ${running}`
    return new OffstageError('STALLED', `${why} (now ${this.now()}, ${timers})${told}`)
  }
}

function epochMs(time: number | Date | string, option: string): number {
  const ms = typeof time === 'string' ? Date.parse(time) : Number(time)
  if (Number.isFinite(ms)) return ms
  throw new ValidationError(option, 'epoch ms, a valid Date or an ISO string', time)
}
