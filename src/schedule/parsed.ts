/** @module What a schedule says, as plain data that a journal can hold. */

interface Common {
  /** As it was written. */
  readonly text: string
  /** The IANA zone whose clocks are meant. */
  readonly tz: string
}

/** Every so many ms of real time, counted from the anchor; the first slot is one interval after it. */
export interface EverySchedule extends Common {
  readonly kind: 'every'
  /** In ms. */
  readonly ms: number
  /** Epoch ms. */
  readonly anchor: number
}

/** Every so many calendar days at a time of day. */
export interface DaysSchedule extends Common {
  readonly kind: 'days'
  /** In days. */
  readonly every: number
  readonly hour: number
  readonly minute: number
  /** The first day, as `2026-03-01`. */
  readonly from: string
}

/** A cron line of five or six fields. */
export interface CronSchedule extends Common {
  readonly kind: 'cron'
  readonly expression: string
}

/** Once. */
export interface AtSchedule extends Common {
  readonly kind: 'at'
  /** Epoch ms. */
  readonly time: number
}

/** A schedule that was read: frozen, and the same after a trip through JSON. */
export type ParsedSchedule = EverySchedule | DaysSchedule | CronSchedule | AtSchedule
