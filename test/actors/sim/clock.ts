/** @module Time of a simulated machine: one timeline, and a wall clock for each process that may be wrong. */
import type { Clock, TimerHandle } from '../../../src/clock.ts'

interface Due {
  readonly at: number
  readonly order: number
  readonly fn: () => void
}

export class Timeline {
  now = 0
  readonly #due = new Set<Due>()
  #made = 0

  after(ms: number, fn: () => void): Due {
    const due = { at: this.now + Math.max(ms, 0), order: this.#made++, fn }
    this.#due.add(due)
    return due
  }

  drop(due: Due): void {
    this.#due.delete(due)
  }

  /** Makes the next thing happen that is due by then. False when there is none. */
  step(until: number): boolean {
    let first: Due | undefined
    for (const each of this.#due)
      if (first === undefined || each.at < first.at || (each.at === first.at && each.order < first.order)) first = each
    if (first === undefined || first.at > until) return false
    this.#due.delete(first)
    this.now = first.at
    first.fn()
    return true
  }
}

/** What a process sees of it. */
export class ProcessClock implements Clock {
  readonly #line: Timeline
  readonly #wall: () => number
  isDead = false

  constructor(line: Timeline, wall: () => number) {
    this.#line = line
    this.#wall = wall
  }

  now(): number {
    return this.#wall()
  }

  monotonic(): number {
    return this.#line.now
  }

  setTimeout(fn: () => void, ms: number): TimerHandle {
    return this.#line.after(ms, () => {
      if (!this.isDead) fn()
    }) as TimerHandle
  }

  clearTimeout(handle: TimerHandle): void {
    this.#line.drop(handle as Due)
  }
}

/** Lets all promise jobs run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
