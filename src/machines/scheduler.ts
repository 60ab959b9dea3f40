/** @module The scheduler chart: what the actor that fires schedules is doing. */
import { assign, setup } from 'xstate'

export interface SchedulerContext {
  /** Raised by every accepted event. */
  readonly version: number
  /** How often it has looked for due schedules. */
  readonly ticks: number
}
export type SchedulerEvent = { readonly type: 'start' | 'tick' | 'ticked' | 'stop' }

/**
 * The chart of a scheduler: it waits for the nearest firing, ticks, and waits again. Told to stop in a tick, it ends that
 * first. A stopped one may be started again.
 *
 * @example
 * ```ts
 * import { compile, schedulerMachine } from 'offstage/machines'
 *
 * const scheduler = compile(schedulerMachine)
 * scheduler.next(scheduler.initial, { type: 'start' }).state // 'waiting'
 * ```
 */
export const schedulerMachine = setup({
  types: {} as { context: SchedulerContext; events: SchedulerEvent },
  actions: {
    counted: assign(({ context }) => ({ version: context.version + 1 })),
    ticking: assign(({ context }) => ({ version: context.version + 1, ticks: context.ticks + 1 })),
  },
}).createMachine({
  id: 'scheduler',
  context: { version: 0, ticks: 0 },
  initial: 'stopped',
  states: {
    stopped: { on: { start: { target: 'waiting', actions: 'counted' } } },
    waiting: {
      on: {
        tick: { target: 'ticking', actions: 'ticking' },
        stop: { target: 'stopped', actions: 'counted' },
      },
    },
    ticking: {
      on: {
        ticked: { target: 'waiting', actions: 'counted' },
        stop: { target: 'stopping', actions: 'counted' },
      },
    },
    stopping: { on: { ticked: { target: 'stopped', actions: 'counted' } } },
  },
})
