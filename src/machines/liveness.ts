/**
 * @module Who is dead, as one observer can tell: by how often it has looked, on its own clock, and found a heart still.
 * Clocks of two processes are never compared, and an observer that was frozen begins anew.
 */

/** What a look at a worker shows. Anything that differs from the look before is an advance. */
export interface Beat {
  readonly count: string
  /** Counts the turns of the worker's event loop. */
  readonly turns: string
}

/** The measures of a verdict, in ms. */
export interface LivenessOptions {
  /** A heart that is still for so long is dead. */
  readonly lease: number
  /** So is a worker whose loop has not turned for so long, though its heart beats. */
  readonly blockedAfter: number
  /** After a longer gap between two looks nothing that was seen before counts. */
  readonly longestGap: number
}

/** How many looks a verdict takes, at least. */
const leastLooks = 6

/** Something that should advance. */
class Pulse {
  #last: string | undefined
  #since = 0
  #looks = 0

  restart(now: number): void {
    this.#since = now
    this.#looks = 0
  }

  /** Whether it has stood still for `bound` ms and enough looks. */
  stands(now: number, value: string, bound: number): boolean {
    if (value !== this.#last) {
      this.#last = value
      this.restart(now)
    }
    this.#looks += 1
    return this.#looks > leastLooks && now - this.#since >= bound
  }
}

export class Liveness {
  readonly #options: LivenessOptions
  readonly #known = new Map<string, { readonly heart: Pulse; readonly loop: Pulse }>()
  #lastLook: number | undefined

  constructor(options: LivenessOptions) {
    this.#options = options
  }

  /**
   * One look at all workers that matter.
   *
   * @param now The observer's monotonic clock, in ms.
   * @param beats Undefined where there is nothing to be seen of a worker.
   * @returns Those who are dead.
   */
  look(now: number, beats: ReadonlyMap<string, Beat | undefined>): readonly string[] {
    const { lease, blockedAfter, longestGap } = this.#options
    const isBlind = this.#lastLook !== undefined && now - this.#lastLook > longestGap
    this.#lastLook = now
    for (const worker of this.#known.keys()) if (!beats.has(worker)) this.#known.delete(worker)
    const dead: string[] = []
    for (const [worker, beat] of beats) {
      const known = this.#known.get(worker) ?? { heart: new Pulse(), loop: new Pulse() }
      this.#known.set(worker, known)
      if (isBlind) {
        known.heart.restart(now)
        known.loop.restart(now)
      }
      const isStill = known.heart.stands(now, beat?.count ?? '', lease)
      const isBlocked = known.loop.stands(now, beat?.turns ?? '', blockedAfter)
      if (isStill || isBlocked) dead.push(worker)
    }
    return dead
  }
}
