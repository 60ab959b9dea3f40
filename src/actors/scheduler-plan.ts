/** @module What a schedule wants at one moment: pure arithmetic over its slots. */
import type { ScheduleDefinition } from '../machines/schedule-records.ts'

/** The slots of a schedule, as its grammar reckons them. */
export interface Slots {
  /** The first after a time, in epoch ms. */
  next(when: ScheduleDefinition['when'], after: number): number | undefined
  /** The last before a time. */
  previous(when: ScheduleDefinition['when'], before: number): number | undefined
  /** Those after one time up to another, oldest first, `limit` at most. */
  between(when: ScheduleDefinition['when'], after: number, until: number, limit: number): readonly number[]
}

/** What is to be done. */
export interface Plan {
  /** Slots that fire, oldest first, each with the number of slots that it stands for. */
  readonly fire: readonly { readonly slot: number; readonly missed: number }[]
  /** A slot that is used up, with all before it, for it came too late. */
  readonly skip: { readonly slot: number; readonly missed: number } | undefined
  /** When it is to be looked at again, in epoch ms. */
  readonly next: number | undefined
  /** Nothing will ever fire again. */
  readonly isOver: boolean
}

/** How many missed slots are counted, and how many of them fire where all do. */
const mostCounted = 1_000
const mostFired = 100

/** The first slot of a schedule that is not used up; undefined when none will ever fire, Infinity where nobody here knows. */
export function slotToCome(
  { when, until = Number.POSITIVE_INFINITY }: Pick<ScheduleDefinition, 'when' | 'until'>,
  lastSlot: number,
  slots: Slots,
): number | undefined {
  const slot = slots.next(when, lastSlot)
  return slot === undefined || (slot > until && slot !== Number.POSITIVE_INFINITY) ? undefined : slot
}

/**
 * Tells what is due.
 *
 * @param lastSlot The newest slot that was used up.
 * @param now Epoch ms.
 * @param patience By how many ms a slot may be late without having been missed.
 */
export function planSchedule(
  definition: Pick<ScheduleDefinition, 'when' | 'misfire' | 'until'>,
  lastSlot: number,
  now: number,
  slots: Slots,
  patience: number,
): Plan {
  const { when, misfire, until = Number.POSITIVE_INFINITY } = definition
  const first = slotToCome(definition, lastSlot, slots)
  if (first === undefined) return { fire: [], skip: undefined, next: undefined, isOver: true }
  if (first > now) return { fire: [], skip: undefined, next: first, isOver: false }
  const last = Math.min(now, until)
  const newest = slots.previous(when, last + 1) ?? first
  const next = slotToCome(definition, newest, slots)
  const isOver = next === undefined
  const due = newest === first ? [first] : slots.between(when, lastSlot, last, mostCounted)
  const missed = due.length
  if (misfire === 'skip' && newest < now - patience) return { fire: [], skip: { slot: newest, missed }, next, isOver }
  if (misfire !== 'all')
    return { fire: [{ slot: newest, missed: misfire === 'skip' ? 1 : missed }], skip: undefined, next, isOver }
  const fire = newestOf(due, newest, slots, when).map((slot) => ({ slot, missed: 1 }))
  return { fire, skip: undefined, next, isOver }
}

/** The newest of the slots that are due, where there are more than are counted, too. */
function newestOf(due: readonly number[], newest: number, slots: Slots, when: ScheduleDefinition['when']): number[] {
  if (due.at(-1) === newest) return due.slice(-mostFired)
  const found = [newest]
  for (let slot = slots.previous(when, newest); slot !== undefined; slot = slots.previous(when, slot)) {
    found.push(slot)
    if (found.length === mostFired) break
  }
  return found.reverse()
}

/** By how many ms a firing is put off: drawn by its slot, so that all schedulers and all retries agree. */
export function jitterOf(uid: string, slot: number, jitter: number): number {
  let hash = 0x811c9dc5
  for (const letter of `${uid} ${slot}`) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return Math.floor((hash / 2 ** 32) * jitter)
}
