/** @module The schedule chart: which slots may fire, so that each fires once. */
import { assign, setup } from 'xstate'

export interface ScheduleContext {
  /** Raised by every accepted event. */
  readonly version: number
  /** Raised by every command; what was meant under an older one does not count. */
  readonly rev: number
  /** The newest slot that was used up, in epoch ms; none fires at or before it. */
  readonly lastSlot: number
  /** How many tasks were made. */
  readonly fired: number
  readonly maxRuns: number | undefined
  /** Epoch ms after which no slot fires. */
  readonly until: number | undefined
}

interface Command {
  readonly at: number
  readonly rev: number
}
export type ScheduleEvent =
  /** `exhaust`: no slot is left. */
  | ({ readonly type: 'pause' | 'resume' | 'remove' | 'exhaust' } & Command)
  /** `isMoved`: it fires at other times from now on, and slots that have passed by then are none of them. */
  | ({
      readonly type: 'update'
      readonly maxRuns?: number | undefined
      readonly until?: number | undefined
      readonly isMoved?: boolean
    } & Command)
  | ({ readonly type: 'fire' | 'skip'; readonly slot: number } & Command)
  /** By hand: it has no slot, and counts not for `maxRuns`. */
  | ({ readonly type: 'trigger' } & Command)

interface Args {
  readonly context: ScheduleContext
  readonly event: ScheduleEvent
}

const isCurrent = ({ context, event }: Args): boolean => event.rev === context.rev
const slotOf = (event: ScheduleEvent): number => (event as { slot: number }).slot
const isSpent = (context: ScheduleContext, maxRuns: number | undefined): boolean =>
  maxRuns !== undefined && context.fired >= maxRuns
const isFree = (args: Args): boolean => {
  const { context, event } = args
  const slot = slotOf(event)
  return (
    isCurrent(args) &&
    !isSpent(context, context.maxRuns) &&
    slot > context.lastSlot &&
    slot <= event.at &&
    slot <= (context.until ?? Number.POSITIVE_INFINITY)
  )
}

const base = setup({
  types: {} as { context: ScheduleContext; events: ScheduleEvent },
  guards: {
    isCurrent,
    isFree,
    isSpentBy: (args) => isCurrent(args) && isSpent(args.context, (args.event as { maxRuns?: number }).maxRuns),
    isLast: (args) => isFree(args) && args.context.fired + 1 >= (args.context.maxRuns ?? Number.POSITIVE_INFINITY),
  },
  actions: {
    commanded: assign(({ context }) => ({ version: context.version + 1, rev: context.rev + 1 })),
    updated: assign(({ context, event }) => {
      const { maxRuns, until, isMoved } = event as { maxRuns?: number; until?: number; isMoved?: boolean }
      return {
        version: context.version + 1,
        rev: context.rev + 1,
        maxRuns,
        until,
        lastSlot: isMoved === true ? Math.max(context.lastSlot, event.at) : context.lastSlot,
      }
    }),
    resumed: assign(({ context, event }) => ({
      version: context.version + 1,
      rev: context.rev + 1,
      lastSlot: Math.max(context.lastSlot, event.at),
    })),
    fired: assign(({ context, event }) => ({
      version: context.version + 1,
      lastSlot: slotOf(event),
      fired: context.fired + 1,
    })),
    skipped: assign(({ context, event }) => ({ version: context.version + 1, lastSlot: slotOf(event) })),
    counted: assign(({ context }) => ({ version: context.version + 1 })),
  },
})

const commands = {
  exhaust: { guard: 'isCurrent', target: '#schedule.exhausted', actions: 'commanded' },
  remove: { guard: 'isCurrent', target: '#schedule.removed', actions: 'commanded' },
  update: [
    { guard: 'isSpentBy', target: '#schedule.exhausted', actions: 'updated' },
    { guard: 'isCurrent', actions: 'updated' },
  ],
} as const

/**
 * The chart of a schedule. A slot fires at most once, whoever asks: a firing carries the slot and the `rev` under which it
 * was planned, and is refused unless the slot is newer than the last one and no command came between.
 *
 * @example
 * ```ts
 * import { compile, scheduleMachine } from 'offstage/machines'
 *
 * const schedule = compile(scheduleMachine)
 * const fired = schedule.next(schedule.initial, { type: 'fire', slot: 5, at: 5, rev: 1 })
 * schedule.next(fired, { type: 'fire', slot: 5, at: 6, rev: 1 }) === fired // true: the slot is used up
 * ```
 */
export const scheduleMachine = base.createMachine({
  id: 'schedule',
  context: { version: 0, rev: 1, lastSlot: Number.MIN_SAFE_INTEGER, fired: 0, maxRuns: undefined, until: undefined },
  initial: 'live',
  states: {
    live: {
      initial: 'active',
      on: commands,
      states: {
        active: {
          on: {
            fire: [
              { guard: 'isLast', target: '#schedule.exhausted', actions: 'fired' },
              { guard: 'isFree', actions: 'fired' },
            ],
            skip: { guard: 'isFree', actions: 'skipped' },
            trigger: { guard: 'isCurrent', actions: 'counted' },
            pause: { guard: 'isCurrent', target: 'paused', actions: 'commanded' },
          },
        },
        paused: {
          on: {
            trigger: { guard: 'isCurrent', actions: 'counted' },
            resume: { guard: 'isCurrent', target: 'active', actions: 'resumed' },
          },
        },
      },
    },
    exhausted: { type: 'final' },
    removed: { type: 'final' },
  },
})
