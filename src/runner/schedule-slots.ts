/** @module The slots of schedules as they stand in a journal. */
import type { Slots } from '../actors/scheduler-plan.ts'
import { nextSlot, previousSlot, slotsBetween } from '../schedule/next.ts'
import type { ParsedSchedule } from '../schedule/parsed.ts'

/** Whatever stands in a journal: what another version means is never due here. */
function reckoned<T>(reckon: (parsed: ParsedSchedule) => T, when: object, otherwise: T): T {
  try {
    return reckon(when as ParsedSchedule)
  } catch {
    return otherwise
  }
}

export const scheduleSlots: Slots = {
  next: (when, after) => reckoned((parsed) => nextSlot(parsed, after), when, Number.POSITIVE_INFINITY),
  previous: (when, before) => reckoned((parsed) => previousSlot(parsed, before), when, undefined),
  between: (when, after, until, limit) => reckoned((parsed) => slotsBetween(parsed, after, until, limit), when, []),
}
