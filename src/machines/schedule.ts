/** @module The schedule chart: which slots fire, each at most once, and which commands still count. */
import { assign, setup } from 'xstate'

export type ScheduleStatus = 'active' | 'paused' | 'exhausted' | 'removed'

/** The leaves of the chart; `new` is never seen from outside. */
export type ScheduleState = 'new' | ScheduleStatus

/** What bounds a schedule; absent = unbounded. */
export interface ScheduleBounds {
  /** How many tasks it makes before it is exhausted. */
  readonly maxRuns?: number
  /** Epoch ms of the last slot that may fire. */
  readonly until?: number
}

export interface ScheduleContext {
  /** Raised by every accepted event. */
  readonly version: number
  /** Raised by every accepted command: a firing or a command that was drawn up before is void. */
  readonly rev: number
  /** Epoch ms; slots up to here, this one included, never fire again. */
  readonly lastSlot: number
  /** How many tasks its slots have made; what a person triggered does not count. */
  readonly fired: number
  readonly maxRuns: number | undefined
  readonly until: number | undefined
}

interface OfSchedule {
  /** Epoch ms. */
  readonly at: number
  /** The revision that its writer saw. */
  readonly rev: number
}

export type ScheduleEvent =
  | ({ readonly type: 'scheduleAdd'; readonly at: number } & ScheduleBounds)
  | ({ readonly type: 'scheduleUpdate' } & OfSchedule & ScheduleBounds)
  | ({ readonly type: 'schedulePause' | 'scheduleResume' | 'scheduleRemove' } & OfSchedule)
  /** A slot makes a task. */
  | ({ readonly type: 'scheduleFire'; readonly slot: number } & OfSchedule)
  /** A slot is used up without a task: overlap, misfire, a submit that was refused. */
  | ({ readonly type: 'scheduleSkip'; readonly slot: number } & OfSchedule)
  /** A person makes a task of it now. */
  | ({ readonly type: 'scheduleTrigger' } & OfSchedule)
  /** No slot is left. */
  | ({ readonly type: 'scheduleExhaust' } & OfSchedule)

type Of<T extends ScheduleEvent['type']> = Extract<ScheduleEvent, { type: T }>
interface Args {
  readonly context: ScheduleContext
  readonly event: ScheduleEvent
}

const blank: ScheduleContext = Object.freeze({
  version: 0,
  rev: 0,
  lastSlot: Number.MIN_SAFE_INTEGER,
  fired: 0,
  maxRuns: undefined,
  until: undefined,
})

const as = <T extends ScheduleEvent['type']>(event: ScheduleEvent): Of<T> => event as Of<T>
const isUsedUp = (fired: number, maxRuns: number | undefined): boolean => maxRuns !== undefined && fired >= maxRuns
const isCurrent = ({ context, event }: Args): boolean => as<'schedulePause'>(event).rev === context.rev
const isSlot = (args: Args): boolean => {
  const { slot, at } = as<'scheduleFire'>(args.event)
  const { lastSlot, until } = args.context
  return isCurrent(args) && slot > lastSlot && slot <= at && (until === undefined || slot <= until)
}
/** A step of the schedule; a command raises `rev`, a slot does not. */
const step = ({ version, rev }: ScheduleContext, raise: 0 | 1) => ({ version: version + 1, rev: rev + raise })

const base = setup({
  types: {} as { context: ScheduleContext; events: ScheduleEvent; output: { fired: number } },
  guards: {
    isCurrent,
    isSlot,
    isLastSlot: (args) => isSlot(args) && isUsedUp(args.context.fired + 1, args.context.maxRuns),
    isBelowFired: (args) => isCurrent(args) && isUsedUp(args.context.fired, as<'scheduleUpdate'>(args.event).maxRuns),
  },
  actions: {
    added: assign(({ context, event }) => {
      const { at, maxRuns, until } = as<'scheduleAdd'>(event)
      return { ...step(context, 1), lastSlot: at, maxRuns, until }
    }),
    updated: assign(({ context, event }) => {
      const { maxRuns, until } = as<'scheduleUpdate'>(event)
      return { ...step(context, 1), maxRuns, until }
    }),
    commanded: assign(({ context }) => step(context, 1)),
    resumed: assign(({ context, event }) => ({
      ...step(context, 1),
      lastSlot: Math.max(context.lastSlot, event.at),
    })),
    fired: assign(({ context, event }) => ({
      ...step(context, 0),
      lastSlot: as<'scheduleFire'>(event).slot,
      fired: context.fired + 1,
    })),
    skipped: assign(({ context, event }) => ({ ...step(context, 0), lastSlot: as<'scheduleSkip'>(event).slot })),
    counted: assign(({ context }) => step(context, 0)),
  },
})

const kept = {
  scheduleRemove: { guard: 'isCurrent', target: 'removed', actions: 'commanded' },
  scheduleExhaust: { guard: 'isCurrent', target: 'exhausted', actions: 'commanded' },
  scheduleTrigger: { guard: 'isCurrent', actions: 'counted' },
  scheduleUpdate: [
    { guard: 'isBelowFired', target: 'exhausted', actions: 'updated' },
    { guard: 'isCurrent', actions: 'updated' },
  ],
} as const

/**
 * The chart of a schedule. A slot is the nominal time, without jitter; it fires only above `lastSlot`, which it raises.
 *
 * @example
 * ```ts
 * import { compile, scheduleMachine } from 'offstage/machines'
 *
 * const schedule = compile(scheduleMachine)
 * const added = schedule.next(schedule.initial, { type: 'scheduleAdd', at: 0, maxRuns: 1 })
 * schedule.next(added, { type: 'scheduleFire', slot: 60_000, at: 60_001, rev: 1 }).state // 'exhausted'
 * ```
 */
export const scheduleMachine = base.createMachine({
  id: 'schedule',
  context: blank,
  initial: 'new',
  output: ({ context }) => ({ fired: context.fired }),
  states: {
    new: { on: { scheduleAdd: { target: 'active', actions: 'added' } } },
    active: {
      on: {
        ...kept,
        schedulePause: { guard: 'isCurrent', target: 'paused', actions: 'commanded' },
        scheduleFire: [
          { guard: 'isLastSlot', target: 'exhausted', actions: 'fired' },
          { guard: 'isSlot', actions: 'fired' },
        ],
        scheduleSkip: { guard: 'isSlot', actions: 'skipped' },
      },
    },
    paused: {
      on: { ...kept, scheduleResume: { guard: 'isCurrent', target: 'active', actions: 'resumed' } },
    },
    exhausted: { type: 'final' },
    removed: { type: 'final' },
  },
})
