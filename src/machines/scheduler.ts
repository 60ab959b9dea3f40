/** @module The scheduler chart: it sleeps until the next slot, ticks, and sleeps again. */
import { assign, setup } from 'xstate'

/** The leaves of the chart. */
export type SchedulerState = 'stopped' | 'waiting' | 'ticking' | 'stopping'

export interface SchedulerContext {
  /** Raised by every accepted event. */
  readonly version: number
  /** Epoch ms of the next tick; set while waiting, if anything is planned. */
  readonly wakeAt: number | undefined
  /** How many ticks have ended. */
  readonly ticks: number
}

/** `plan` tells a waiting scheduler that the next slot has moved; `ticked` ends a tick, whatever came of it. */
export type SchedulerEvent =
  | { readonly type: 'start' | 'plan' | 'ticked'; readonly wakeAt?: number }
  | { readonly type: 'tick' | 'stop' }

const blank: SchedulerContext = Object.freeze({ version: 0, wakeAt: undefined, ticks: 0 })
const wakeAtOf = (event: SchedulerEvent): number | undefined => (event as { wakeAt?: number }).wakeAt

/**
 * The chart of a scheduler. It begins `stopped` and may be started again; a tick is never cut short.
 *
 * @example
 * ```ts
 * import { compile, schedulerMachine } from 'offstage/machines'
 *
 * const scheduler = compile(schedulerMachine)
 * scheduler.next(scheduler.initial, { type: 'start', wakeAt: 60_000 }).context.wakeAt // 60000
 * ```
 */
export const schedulerMachine = setup({
  types: {} as { context: SchedulerContext; events: SchedulerEvent },
  guards: {
    isMoved: ({ context, event }) => wakeAtOf(event) !== context.wakeAt,
  },
  actions: {
    planned: assign(({ context, event }) => ({ version: context.version + 1, wakeAt: wakeAtOf(event) })),
    awake: assign(({ context }) => ({ version: context.version + 1, wakeAt: undefined })),
    ticked: assign({ ticks: ({ context }) => context.ticks + 1 }),
  },
}).createMachine({
  id: 'scheduler',
  context: blank,
  initial: 'stopped',
  states: {
    stopped: { on: { start: { target: 'waiting', actions: 'planned' } } },
    waiting: {
      on: {
        plan: { guard: 'isMoved', actions: 'planned' },
        tick: { target: 'ticking', actions: 'awake' },
        stop: { target: 'stopped', actions: 'awake' },
      },
    },
    ticking: {
      on: {
        ticked: { target: 'waiting', actions: ['ticked', 'planned'] },
        stop: { target: 'stopping', actions: 'awake' },
      },
    },
    stopping: { on: { ticked: { target: 'stopped', actions: ['ticked', 'awake'] } } },
  },
})
