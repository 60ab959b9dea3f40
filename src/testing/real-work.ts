/** @module What the real event loop still has under way while simulated time stands still. */

/** What {@link RealWork} is told by its owner. */
export interface RealWorkOptions {
  /** Work that the event loop cannot see, such as a thread that computes. */
  readonly busy: () => boolean
  /** Whether something is being ended for real. */
  readonly ending: () => boolean
  /** Whether timers of the machine are work. */
  readonly realTimers: boolean
  /** How long nothing may happen before time is skipped, in ms: not all that Node does in its threads can be seen. */
  readonly pause: number
  /** The most real time to spend on waiting for work that is seen, in ms. */
  readonly budget: number
}

/** Handles that stay open while nothing happens. */
const passive = new Set(['TCPServerWrap', 'PipeServerWrap', 'TTYWrap', 'SignalWrap', 'FSEventWrap', 'StatWatcher'])
/** Handles that may be in use or idle. */
const connections = new Set(['TCPSocketWrap', 'PipeWrap', 'UDPWrap', 'MessagePort'])
/** How long in ms connections must be silent before they count as idle. */
const silence = 20
/** Silent is a loop that handles no more events than one in a ms and these: garbage collection causes some, too. */
const fewEvents = 8
/** The most real ms that pauses before skips add up to, so that a long simulation stays quick. */
const mostPaused = 1_000
/** One turn drains all promise jobs; the second lets the loop collect what came of them. */
const quietTurns = 2

// Taken once, so that the fake timers of a test runner cannot stop the turning.
const { setImmediate } = globalThis
const realNow = performance.now.bind(performance)
/** Immediates of all clocks of this process, so that two clocks do not take each other for work. */
let turning = 0

/**
 * One turn of the real event loop. All promise jobs and `nextTick`s, with those that they add, have run by its end:
 * Node drains both queues before it calls the next immediate.
 */
export function turn(): Promise<void> {
  turning++
  return new Promise((resolve) => {
    setImmediate(() => {
      turning--
      resolve()
    })
  })
}

/** What keeps the process alive now, by kind. What is open before a simulation begins is never waited for. */
export function openHandles(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1)
  return counts
}

/** How long in real ms a thread may take to end. */
const longestEnding = 10_000

/** Waits for real work within a budget of real time. */
export class RealWork {
  readonly #background: ReadonlyMap<string, number>
  readonly #options: RealWorkOptions
  #spent = 0
  #paused = 0

  constructor(background: ReadonlyMap<string, number>, options: RealWorkOptions) {
    this.#background = background
    this.#options = options
  }

  /** Turns the event loop until `done()`, or time may be skipped. */
  async beforeSkip(done: () => boolean): Promise<void> {
    const pause = Math.min(this.#options.pause, mostPaused - this.#paused)
    const begun = realNow()
    await this.rest(done, pause)
    this.#paused += Math.min(realNow() - begun, pause)
  }

  /** With nothing left to skip to, what is being ended gets time beyond the budget: a thread. */
  async lastOnes(done: () => boolean): Promise<void> {
    const begun = realNow()
    while (!done() && this.#options.ending() && realNow() - begun < longestEnding) await turn()
    // it has ended; those who wait for it hear of it a few turns later
    for (let i = 0; i < 5 && !done(); i += 1) await turn()
  }

  /**
   * Turns the event loop until `done()`, or nothing real has been under way for `quiet` ms, or the budget is used up.
   */
  async rest(done: () => boolean, quiet: number): Promise<void> {
    let last = realNow()
    let silent = 0
    let eventsBefore = loopEvents()
    let turns = 0
    while (!done()) {
      await turn()
      turns++
      const now = realNow()
      // a process that stood still on a busy machine has not listened
      silent += Math.min(now - last, 1)
      const activity = this.#activity()
      if (activity !== 'none') this.#spent += now - last
      last = now
      if (this.#spent >= this.#options.budget) return
      const talking = activity === 'connected' && loopEvents() - eventsBefore > fewEvents + silent
      if (activity === 'working' || talking) {
        silent = 0
        eventsBefore = loopEvents()
        turns = 0
      }
      if (turns >= quietTurns && silent >= (activity === 'connected' ? Math.max(quiet, silence) : quiet)) return
    }
  }

  #activity(): 'working' | 'connected' | 'none' {
    if (this.#options.busy()) return 'working'
    let connected = false
    for (const [kind, count] of openHandles()) {
      if (passive.has(kind) || count <= this.#expected(kind)) continue
      if (!connections.has(kind)) return 'working'
      connected = true
    }
    return connected ? 'connected' : 'none'
  }

  #expected(kind: string): number {
    if (kind === 'Immediate') return turning
    // test runners arm and drop timers of their own all the time, so a count from before says nothing
    if (kind === 'Timeout') return this.#options.realTimers ? 0 : Number.POSITIVE_INFINITY
    return this.#background.get(kind) ?? 0
  }
}

/** How many events the loop has handled; 0 where Node does not count them. */
function loopEvents(): number {
  return performance.nodeTiming.uvMetricsInfo?.events ?? 0
}
