/** @module The worker chart: the life of one process that runs tasks, as the others see it. */
import { assign, setup } from 'xstate'

export interface WorkerContext {
  /** Raised by every accepted event. */
  readonly version: number
}
export type WorkerEvent = { readonly type: 'ready' | 'drain' | 'stopped' | 'expire' }

/**
 * The chart of a worker: it starts, works, drains and stops. Whoever dies before that is expired by the others: `lost`.
 *
 * @example
 * ```ts
 * import { compile, workerMachine } from 'offstage/machines'
 *
 * const worker = compile(workerMachine)
 * worker.next(worker.initial, { type: 'expire' }).state // 'lost'
 * ```
 */
export const workerMachine = setup({
  types: {} as { context: WorkerContext; events: WorkerEvent },
  actions: { counted: assign(({ context }) => ({ version: context.version + 1 })) },
}).createMachine({
  id: 'worker',
  context: { version: 0 },
  initial: 'alive',
  states: {
    alive: {
      initial: 'starting',
      on: { expire: { target: 'lost', actions: 'counted' } },
      states: {
        starting: {
          on: {
            ready: { target: 'ready', actions: 'counted' },
            drain: { target: 'draining', actions: 'counted' },
          },
        },
        ready: { on: { drain: { target: 'draining', actions: 'counted' } } },
        draining: { on: { stopped: { target: '#worker.stopped', actions: 'counted' } } },
      },
    },
    stopped: { type: 'final' },
    lost: { type: 'final' },
  },
})
