/** @module Rate limits of recipes: at most so many starts in any window of time, per runner. */

/** At most `max` starts within any `per` ms, for each key on its own. */
export interface Rate {
  readonly max: number
  readonly per: number
  /** Tells inputs apart that are limited apart; undefined: one limit for the recipe. */
  readonly key: ((input: unknown) => string) | undefined
}

/** The starts of one name; those before `from` are out of the window. */
interface Window {
  readonly per: number
  starts: number[]
  from: number
}

/** How many windows are kept before those that are over are looked for. */
const sweepAbove = 1_000

/** The starts of the last window, per recipe and key. Times are of one monotonic clock, in ms. */
export class RateLimiter {
  readonly #windows = new Map<string, Window>()
  #sweepAt = sweepAbove

  /** How many names are kept. */
  get size(): number {
    return this.#windows.size
  }

  /** When one more start is allowed: `now` or later. */
  allowedAt(name: string, rate: Rate, now: number): number {
    const window = this.#windows.get(name)
    if (window === undefined) return now
    trim(window, now - rate.per)
    const { starts, from } = window
    return starts.length - from < rate.max ? now : (starts[starts.length - rate.max] as number) + rate.per
  }

  note(name: string, rate: Rate, now: number): void {
    const window = this.#windows.get(name) ?? { per: rate.per, starts: [], from: 0 }
    window.starts.push(now)
    this.#windows.set(name, window)
    if (this.#windows.size > this.#sweepAt) this.#sweep(now)
  }

  /** The next one comes when there are twice as many, so that many live keys are not looked through at each start. */
  #sweep(now: number): void {
    for (const [name, { per, starts }] of this.#windows)
      if ((starts.at(-1) ?? 0) <= now - per) this.#windows.delete(name)
    this.#sweepAt = Math.max(sweepAbove, 2 * this.#windows.size)
  }
}

/** Leaves out what is over; the list is cut when half of it is, so that a start costs the same whatever the limit. */
function trim(window: Window, before: number): void {
  const { starts } = window
  let { from } = window
  while (from < starts.length && (starts[from] as number) <= before) from += 1
  window.from = from
  if (from * 2 <= starts.length) return
  window.starts = starts.slice(from)
  window.from = 0
}
