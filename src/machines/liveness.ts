/**
 * @module Who is dead, as one observer can tell: by looking again and again, through a whole lease on its own clock,
 * without seeing an advance. Clocks of two processes are never compared.
 *
 * A verdict is right about every worker whose heart pauses for less than a lease, however late the looks come: two looks
 * that show the same are a lease apart, so a beat between them would have been seen. For that the time of a look is a
 * span: what it shows was true at some moment between its beginning and its end.
 *
 * Left is the freeze of observer and worker together (a laptop that sleeps, a container that is paused): the clock goes on
 * and nobody beats. It shows as a gap between two looks, after which nothing that was seen before counts. The gap is a
 * quarter of a lease, whatever the poll is: a shorter freeze leaves three quarters of the lease, many times the pause
 * between two beats, while two short polls would be less than a busy observer's own stalls, which then found nobody dead.
 */

/** What a look at a worker shows. Anything that differs from what was last seen is an advance. */
export interface Beat {
  readonly count: string
  /** Counts the turns of the worker's event loop. */
  readonly turns: string
}

/** `nothing` is to be seen of a worker whose file is missing. `unseen` is one that could not be looked at. */
export type Sight = Beat | 'nothing' | 'unseen'

/** A span on the observer's monotonic clock in which it looked, in ms. */
export interface LookTime {
  readonly from: number
  readonly to: number
}

/** The measures of a verdict, in ms. */
export interface LivenessOptions {
  /** A heart that is still for so long is dead. */
  readonly lease: number
  /** So is a worker whose loop has not turned for so long, though its heart beats. */
  readonly blockedAfter: number
  /** After a longer gap between two looks nothing that was seen before counts. @default a quarter of the lease */
  readonly longestGap?: number
}

/** How many looks a verdict takes after the first that showed the same, at least. */
const leastLooks = 6
/** Gaps within a lease. */
const gaps = 4

/** Something that should advance. */
class Pulse {
  #last: string | undefined
  #since = 0
  #looks = 0

  restart({ to }: LookTime): void {
    this.#since = to
    this.#looks = 0
  }

  /** One look. Nothing to be seen is no advance. */
  look(time: LookTime, value: string | undefined): void {
    if (value === undefined || value === this.#last) {
      this.#looks += 1
      return
    }
    this.#last = value
    this.restart(time)
  }

  /** Whether it stood still for `bound` ms before this look, through enough looks. */
  isStill({ from }: LookTime, bound: number): boolean {
    return this.#looks >= leastLooks && from - this.#since >= bound
  }
}

/** What is known of a worker. */
interface Known {
  readonly heart: Pulse
  readonly loop: Pulse
  /** When the last look at it began. */
  lookedAt: number
}

/** The looks of one observer. */
export class Liveness {
  readonly #lease: number
  readonly #blockedAfter: number
  readonly #longestGap: number
  readonly #known = new Map<string, Known>()

  constructor({ lease, blockedAfter, longestGap = lease / gaps }: LivenessOptions) {
    this.#lease = lease
    this.#blockedAfter = blockedAfter
    this.#longestGap = longestGap
  }

  /**
   * One look at all workers that matter. Those that are left out are forgotten.
   *
   * @param time When it began and ended, on the observer's monotonic clock.
   * @returns Those who are dead.
   */
  look(time: LookTime, sights: ReadonlyMap<string, Sight>): readonly string[] {
    for (const worker of this.#known.keys()) if (!sights.has(worker)) this.#known.delete(worker)
    const dead: string[] = []
    for (const [worker, sight] of sights) if (sight !== 'unseen' && this.#isDead(worker, sight, time)) dead.push(worker)
    return dead
  }

  #isDead(worker: string, sight: Exclude<Sight, 'unseen'>, time: LookTime): boolean {
    const known = this.#knownOf(worker, time)
    const { heart, loop } = known
    if (time.from - known.lookedAt > this.#longestGap) {
      heart.restart(time)
      loop.restart(time)
    }
    known.lookedAt = time.from
    const beat = sight === 'nothing' ? undefined : sight
    heart.look(time, beat?.count)
    loop.look(time, beat?.turns)
    return heart.isStill(time, this.#lease) || loop.isStill(time, this.#blockedAfter)
  }

  #knownOf(worker: string, time: LookTime): Known {
    const known = this.#known.get(worker)
    if (known !== undefined) return known
    const fresh: Known = { heart: new Pulse(), loop: new Pulse(), lookedAt: time.from }
    fresh.heart.restart(time)
    fresh.loop.restart(time)
    this.#known.set(worker, fresh)
    return fresh
  }
}
