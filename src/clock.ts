/** @module Time, as it comes in from outside: nothing in Offstage reads the machine's clock by itself. */

/** A handle of a timer; Node's own have `ref` and `unref`, a simulated one needs neither. */
export interface TimerHandle {
  ref?(): unknown
  unref?(): unknown
}

/** Where time comes from. A subset of it fits XState's `Clock`. */
export interface Clock {
  /** Wall-clock time in epoch ms: due times, retention, what people see. */
  now(): number
  /** Ms that never go backwards: deadlines of attempts, grace, sleep, leases. */
  monotonic(): number
  /** Calls `fn` once after `ms`. */
  setTimeout(fn: () => void, ms: number): TimerHandle
  clearTimeout(handle: TimerHandle): void
}

/**
 * The machine's clock. It looks `setTimeout` and `Date` up at each call, so the fake timers of test runners work.
 *
 * @example
 * ```ts
 * import { SystemClock } from 'offstage'
 *
 * const clock = new SystemClock()
 * clock.now() // epoch ms
 * ```
 */
export class SystemClock implements Clock {
  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return performance.now()
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    return globalThis.setTimeout(fn, ms)
  }

  clearTimeout(handle: TimerHandle): void {
    globalThis.clearTimeout(handle as ReturnType<typeof globalThis.setTimeout>)
  }
}
