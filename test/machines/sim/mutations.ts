/** @module Mistakes that the simulation must find, and the rules that they break. */
import type { Edit } from './mutant.ts'

export interface Mutation {
  readonly edits: readonly Edit[]
  /** Any of these may be seen first. */
  readonly breaks: readonly string[]
}

const fold = (find: string, replace: string): Edit => ({ file: 'fold-store.ts', find, replace })
const chart = (find: string, replace: string): Edit => ({ file: 'task.ts', find, replace })
const keys = (find: string, replace: string): Edit => ({ file: 'keys.ts', find, replace })

/** Those that the specification names, without the slot guard: schedules have a simulation of their own. */
export const named: Record<string, Mutation> = {
  'the claim check is off': {
    edits: [
      fold(
        '} else if (claim !== undefined && claim !== task.snapshot.context.claim) {',
        '} else if (state.lastSeq < 0) {',
      ),
      chart('context.claim !== undefined && claimOf(event) === context.claim', 'context.claim !== undefined'),
    ],
    breaks: ['a stale claim never counts', 'no record counts twice'],
  },
  'start is accepted in running': {
    edits: [
      chart(
        "progress: { guard: 'isCurrent', actions: 'progressed' },",
        "progress: { guard: 'isCurrent', actions: 'progressed' }, start: { guard: 'mayStart', target: '#task.running', actions: 'started' },",
      ),
    ],
    breaks: ['one unfenced handler per task'],
  },
  'ask is not numbered': {
    edits: [chart("isCurrent(args) && as<'ask'>(args.event).ask === args.context.asks + 1", 'isCurrent(args)')],
    breaks: ['asks are numbered', 'no record counts twice'],
  },
  'a late complete wins over a cancel': {
    edits: [chart('complete: afterCancel,', 'complete: completes,')],
    breaks: ['an accepted cancel ends cancelled'],
  },
  'a zombie does not hold its key': {
    edits: [
      fold(
        'task.zombie = had',
        'task.zombie = had; freeKeys(this.state, this.state.claims.get(had as string) as Claim)',
      ),
    ],
    breaks: ['keys are as booked', 'handlers per key ≤ limit'],
  },
  'expire ignores zombies': {
    edits: [
      fold(
        'if (claim.task.zombie === claim.id) {',
        "if (claim.task.zombie === claim.id) {} else if (claim.id === '') {",
      ),
    ],
    breaks: ['a dead worker has no claims'],
  },
  'nobody lends a key': {
    edits: [keys('for (const { task } of held.holders) lend(task, new Set())', '')],
    breaks: ['a key with room is not refused'],
  },
  'what is needed may be forgotten': {
    edits: [fold("if (dependant !== undefined) return refuse('NEEDED', task, dependant)", '')],
    breaks: ['no unfinished task needs one that is gone'],
  },
  'children are not cancelled with their parent': {
    edits: [
      fold(
        "if (task.state !== 'completed') {\n      for (const child",
        "if (task.state === 'new') {\n      for (const child",
      ),
    ],
    breaks: ['a parent takes its children along'],
  },
}

/** More of the same kind. */
export const further: Record<string, Mutation> = {
  'two parents lend one child a place each': {
    edits: [
      keys(
        'return users.size - lenders.size',
        'return users.size - [...held.holders].filter(({ task }) => awaited(state, task, users).length > 0).length',
      ),
    ],
    breaks: ['handlers per key ≤ limit'],
  },
  'the dead may start tasks': {
    edits: [fold('state.expired.has(record.worker) || ', '')],
    breaks: ['the dead start nothing'],
  },
  'forgotten ids are not remembered': {
    edits: [fold('state.forgotten.add(task.id)', '')],
    breaks: ['no record counts twice'],
  },
  'waits may close a cycle': {
    edits: [
      fold("return waitsFor(state, child, task.id) ? refuse('DEADLOCK', task, id) : undefined", 'return undefined'),
    ],
    breaks: ['no cycle of waits and needs'],
  },
  'the run does not fence': {
    edits: [chart('return run === context.run + 1 &&', 'return run > 0 &&')],
    breaks: ['one winning start per run', 'no record counts twice'],
  },
  'delayed tasks start early': {
    edits: [
      chart('mayStart(args) && args.event.at >= (args.context.dueAt ?? Number.POSITIVE_INFINITY)', 'mayStart(args)'),
    ],
    breaks: ['starts keep the time'],
  },
  'an idempotency key is never free again': {
    edits: [fold("if (task.state !== 'completed') freeIdempotencyKey(state, task)", '')],
    breaks: ['idempotency keys are as booked'],
  },
  'a deadline is accepted again and again': {
    edits: [chart("timeout: { guard: 'isDeadlineWithRetry'", "timeout: { guard: 'isDeadline'")],
    breaks: ['no record counts twice'],
  },
  'the limits of other holders are ignored': {
    edits: [keys('Math.min(own.limit, ...held.limits.keys())', 'own.limit')],
    breaks: ['handlers per key ≤ limit'],
  },
  'those who wait are not answered': {
    edits: [fold('if (waiter !== undefined) this.apply(waiter,', 'if (waiter === task) this.apply(waiter,')],
    breaks: ['an ended child is answered'],
  },
}
