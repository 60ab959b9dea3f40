/** @module Rate limits of recipes: at most so many starts in any window of time, per runner. */

/** At most `max` starts within any `per` ms, for each key on its own. */
export interface Rate {
  readonly max: number
  readonly per: number
  /** Tells inputs apart that are limited apart; undefined: one limit for the recipe. */
  readonly key: ((input: unknown) => string) | undefined
}

interface Window {
  readonly per: number
  readonly starts: number[]
}

/** How many windows are kept before those that are over are looked for. */
const sweepAbove = 1_000

/** The starts of the last window, per recipe and key. Times are of one monotonic clock, in ms. */
export class RateLimiter {
  readonly #windows = new Map<string, Window>()

  /** When one more start is allowed: `now` or later. */
  allowedAt(name: string, rate: Rate, now: number): number {
    const starts = this.#windows.get(name)?.starts ?? []
    trim(starts, now - rate.per)
    return starts.length < rate.max ? now : (starts[starts.length - rate.max] as number) + rate.per
  }

  note(name: string, rate: Rate, now: number): void {
    const window = this.#windows.get(name) ?? { per: rate.per, starts: [] }
    window.starts.push(now)
    this.#windows.set(name, window)
    if (this.#windows.size <= sweepAbove) return
    for (const [key, { per, starts }] of this.#windows) if ((starts.at(-1) ?? 0) <= now - per) this.#windows.delete(key)
  }
}

function trim(starts: number[], before: number): void {
  let over = 0
  while (over < starts.length && (starts[over] as number) <= before) over += 1
  if (over > 0) starts.splice(0, over)
}
