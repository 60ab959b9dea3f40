/** @module The runner chart: whether a runner takes work. */
import { assign, setup } from 'xstate'

export interface RunnerContext {
  /** Raised by every accepted event. */
  readonly version: number
}
export type RunnerEvent = { readonly type: 'pause' | 'resume' | 'stop' | 'drained' }

/**
 * The chart of a runner: it accepts work or is paused, drains when it is told to stop, and stops when nothing is left.
 *
 * @example
 * ```ts
 * import { compile, runnerMachine } from 'offstage/machines'
 *
 * const runner = compile(runnerMachine)
 * runner.next(runner.initial, { type: 'pause' }).state // 'accepting.paused'
 * ```
 */
export const runnerMachine = setup({
  types: {} as { context: RunnerContext; events: RunnerEvent },
  actions: { counted: assign(({ context }) => ({ version: context.version + 1 })) },
}).createMachine({
  id: 'runner',
  context: { version: 0 },
  initial: 'accepting',
  states: {
    accepting: {
      initial: 'active',
      on: { stop: { target: 'draining', actions: 'counted' } },
      states: {
        active: { on: { pause: { target: 'paused', actions: 'counted' } } },
        paused: { on: { resume: { target: 'active', actions: 'counted' } } },
      },
    },
    draining: { on: { drained: { target: 'stopped', actions: 'counted' } } },
    stopped: { type: 'final' },
  },
})
