/** @module What the real event loop still has under way while simulated time stands still. */

/** What {@link RealWork} is told by its owner. */
export interface RealWorkOptions {
  /** Work that the event loop cannot see, such as a thread that computes. */
  readonly busy: () => boolean
  /** Whether timers of the machine are work. */
  readonly realTimers: boolean
  /** The most real time to spend on waiting for work, over all calls of {@link RealWork.rest}, in ms. */
  readonly budget: number
}

/** Handles that stay open while nothing happens. */
const passive = new Set(['TCPServerWrap', 'PipeServerWrap', 'TTYWrap', 'SignalWrap', 'FSEventWrap', 'StatWatcher'])
/** Handles that may be in use or idle: only whether they stay silent tells. */
const connections = new Set(['TCPSocketWrap', 'PipeWrap', 'UDPWrap', 'MessagePort'])
/** How long in ms a connection must be silent before it counts as idle. */
const silence = 20
const fewEvents = 8
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

/** Waits for real work within a budget of real time. */
export class RealWork {
  readonly #background: ReadonlyMap<string, number>
  readonly #options: RealWorkOptions
  #spent = 0

  constructor(background: ReadonlyMap<string, number>, options: RealWorkOptions) {
    this.#background = background
    this.#options = options
  }

  /**
   * Turns the event loop until `done()`, or nothing real has been under way for `quiet` ms, or the budget is used up.
   */
  async rest(done: () => boolean, quiet: number): Promise<void> {
    let last = realNow()
    let quietSince = last
    let eventsBefore = loopEvents()
    let turns = 0
    while (!done()) {
      await turn()
      turns++
      const now = realNow()
      const activity = this.#activity()
      if (activity !== 'none') this.#spent += now - last
      last = now
      if (this.#spent >= this.#options.budget) return
      // garbage collection wakes the loop too, though less than once in a ms
      const talking = activity === 'connected' && loopEvents() - eventsBefore > now - quietSince + fewEvents
      if (activity === 'working' || talking) {
        quietSince = now
        eventsBefore = loopEvents()
        turns = 0
      }
      const wait = activity === 'connected' ? Math.max(quiet, silence) : quiet
      if (turns >= quietTurns && now - quietSince >= wait) return
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

/** How many I/O events the loop has processed; 0 where Node does not count them. */
function loopEvents(): number {
  return performance.nodeTiming.uvMetricsInfo?.events ?? 0
}
