/** @module The worker chart: the life of one process that runs tasks, as the others see it. */
import { assign, setup } from 'xstate'

/** The leaves of the chart. */
export type WorkerState = 'starting' | 'ready' | 'draining' | 'stopped' | 'lost'

export interface WorkerContext {
  /** Raised by every accepted event. */
  readonly version: number
  /** Epoch ms of the latest sign of life; never goes back. */
  readonly seenAt: number | undefined
}

/** `expire` ends a worker that died, or one that had to leave while work still ran. */
export type WorkerEvent = {
  readonly type: 'started' | 'beat' | 'stop' | 'drained' | 'expire'
  /** Epoch ms. */
  readonly at: number
}

const blank: WorkerContext = Object.freeze({ version: 0, seenAt: undefined })
const later = (seenAt: number | undefined, at: number): number => Math.max(seenAt ?? at, at)

/**
 * The chart of a worker. The tag `alive` marks the states in which its claims hold.
 *
 * @example
 * ```ts
 * import { compile, workerMachine } from 'offstage/machines'
 *
 * const worker = compile(workerMachine)
 * worker.next(worker.initial, { type: 'expire', at: 0 }).state // 'lost'
 * ```
 */
export const workerMachine = setup({
  types: {} as { context: WorkerContext; events: WorkerEvent; tags: 'alive' | 'starts' },
  guards: {
    isLater: ({ context, event }) => event.at > (context.seenAt ?? Number.NEGATIVE_INFINITY),
  },
  actions: {
    seen: assign(({ context, event }) => ({ version: context.version + 1, seenAt: later(context.seenAt, event.at) })),
    counted: assign({ version: ({ context }) => context.version + 1 }),
  },
}).createMachine({
  id: 'worker',
  context: blank,
  initial: 'starting',
  states: {
    starting: {
      tags: 'alive',
      on: {
        started: { target: 'ready', actions: 'seen' },
        stop: { target: 'draining', actions: 'seen' },
        expire: { target: 'lost', actions: 'counted' },
      },
    },
    ready: {
      tags: ['alive', 'starts'],
      on: {
        beat: { guard: 'isLater', actions: 'seen' },
        stop: { target: 'draining', actions: 'seen' },
        expire: { target: 'lost', actions: 'counted' },
      },
    },
    draining: {
      tags: 'alive',
      on: {
        beat: { guard: 'isLater', actions: 'seen' },
        drained: { target: 'stopped', actions: 'seen' },
        expire: { target: 'lost', actions: 'counted' },
      },
    },
    stopped: { type: 'final' },
    lost: { type: 'final' },
  },
})
