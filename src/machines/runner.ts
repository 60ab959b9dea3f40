/** @module The runner chart: whether this process takes tasks in, and whether it starts them. */
import { assign, setup } from 'xstate'

/** The leaves of the chart, as dotted names. */
export type RunnerState = 'accepting.active' | 'accepting.paused' | 'draining' | 'stopped'

export interface RunnerContext {
  /** Raised by every accepted event. */
  readonly version: number
}

/** `stop` begins the end; `drained` says that nothing runs any more. */
export type RunnerEvent = { readonly type: 'pause' | 'resume' | 'stop' | 'drained' }

const blank: RunnerContext = Object.freeze({ version: 0 })

/**
 * The chart of a runner. The tag `submits` marks where tasks are taken in, `starts` where attempts begin.
 *
 * @example
 * ```ts
 * import { compile, runnerMachine } from 'offstage/machines'
 *
 * const runner = compile(runnerMachine)
 * runner.next(runner.initial, { type: 'pause' }).hasTag('starts') // false
 * ```
 */
export const runnerMachine = setup({
  types: {} as { context: RunnerContext; events: RunnerEvent; tags: 'submits' | 'starts' },
  actions: { counted: assign({ version: ({ context }) => context.version + 1 }) },
}).createMachine({
  id: 'runner',
  context: blank,
  initial: 'accepting',
  states: {
    accepting: {
      initial: 'active',
      tags: 'submits',
      on: { stop: { target: 'draining', actions: 'counted' } },
      states: {
        active: { tags: 'starts', on: { pause: { target: 'paused', actions: 'counted' } } },
        paused: { on: { resume: { target: 'active', actions: 'counted' } } },
      },
    },
    draining: { on: { drained: { target: 'stopped', actions: 'counted' } } },
    stopped: { type: 'final' },
  },
})
