/** @module The times that simulated schedules fire at: slots of real schedules, reckoned once. */
import type { Slots } from '../../../src/actors/scheduler-plan.ts'
import { parseSchedule } from '../../../src/schedule/grammar.ts'
import { slotsBetween } from '../../../src/schedule/next.ts'

const hour = 3_600_000
const day = 24 * hour

/** A stretch of time, and the schedules that suit it. */
export interface Era {
  readonly start: number
  /** How long it is simulated, in ms. */
  readonly length: number
  readonly times: readonly Time[]
}

/** When a schedule fires: what stands in its record, and all slots around the stretch. */
export interface Time {
  readonly when: { readonly time: number }
  readonly slots: readonly number[]
}

const all: Time[] = []
const known = new Map<string, Era>()

const forms: readonly {
  readonly from: readonly string[]
  readonly length: number
  readonly texts: readonly string[][]
}[] = [
  {
    from: ['2029-03-24T22:00Z', '2029-10-27T22:00Z', '2028-12-31T22:00Z'],
    length: 5 * hour,
    texts: [
      ['every 20 minutes', 'UTC'],
      ['*/15 * * * *', 'Europe/Berlin'],
      ['10,40 * * * *', 'Africa/Casablanca'],
      ['every 13 minutes', 'Asia/Kathmandu'],
    ],
  },
  {
    from: ['2029-03-31T00:00Z', '2029-10-05T00:00Z', '2029-11-02T00:00Z'],
    length: 3 * day,
    texts: [
      ['every 3 hours', 'UTC'],
      ['30 */2 * * *', 'Australia/Lord_Howe'],
      ['30 1,2,3 * * *', 'America/New_York'],
      ['every day at 2:30am', 'America/St_Johns'],
    ],
  },
  {
    from: ['2029-03-10T00:00Z', '2029-10-10T00:00Z', '2028-02-15T00:00Z'],
    length: 25 * day,
    texts: [
      ['every day at 2:30am', 'Europe/Berlin'],
      ['every day at 2:15am', 'Australia/Lord_Howe'],
      ['weekdays at 9am', 'America/New_York'],
      ['every 2 days at 18:30', 'Africa/Casablanca'],
      ['every mon,wed,fri at 0:00', 'America/Santiago'],
    ],
  },
  {
    from: ['2027-01-20T00:00Z', '2028-02-01T00:00Z'],
    length: 500 * day,
    texts: [
      ['on the 1st at 9am', 'Europe/Rome'],
      ['0 12 L * *', 'Pacific/Apia'],
      ['0 0 29 2 *', 'UTC'],
      ['every 20 days', 'UTC'],
    ],
  },
]

/** How many stretches there are. */
export const eras = forms.flatMap(({ from }, form) => from.map((_, at) => [form, at] as const))

export function eraOf([form, at]: readonly [number, number]): Era {
  const key = `${form} ${at}`
  const found = known.get(key)
  if (found !== undefined) return found
  const { from, length, texts } = forms[form] as (typeof forms)[number]
  const start = Date.parse(from[at] ?? '')
  const times = texts.map(([text = '', tz = '']) => {
    const parsed = parseSchedule(text, { tz, now: start })
    const slots = slotsBetween(parsed, start - 6 * day, start + length + 9 * day)
    return remember(slots)
  })
  const era = { start, length, times }
  known.set(key, era)
  return era
}

/** One moment. */
export const once = (slot: number): Time => remember([slot])

function remember(slots: readonly number[]): Time {
  const time = { when: { time: all.length }, slots }
  all.push(time)
  return time
}

export const slotsOf = (when: object): readonly number[] => all[(when as { time: number }).time]?.slots ?? []

/** How many slots come at or before a time. */
export function upTo(slots: readonly number[], time: number): number {
  let low = 0
  let high = slots.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((slots[middle] ?? 0) <= time) low = middle + 1
    else high = middle
  }
  return low
}

export const slots: Slots = {
  next: (when, after) => slotsOf(when)[upTo(slotsOf(when), after)],
  previous: (when, before) => slotsOf(when)[upTo(slotsOf(when), before - 1) - 1],
  between: (when, after, until, limit) => {
    const from = upTo(slotsOf(when), after)
    return slotsOf(when).slice(from, Math.min(upTo(slotsOf(when), until), from + limit))
  },
}
