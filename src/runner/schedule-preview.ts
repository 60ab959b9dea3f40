/** @module The firings to come, and what is special about them. */
import type { StoredSchedule } from '../machines/schedule-state.ts'
import type { ParsedSchedule } from '../schedule/parsed.ts'
import { offsetAt } from '../schedule/zone.ts'
import { scheduleSlots } from './schedule-slots.ts'
import type { PreviewEntry } from './schedule-types.ts'

const minute = 60_000
const day = 86_400_000

/** What a preview covers, in epoch ms. */
export interface PreviewSpan {
  readonly after: number
  readonly until: number
  /** How many firings at most. */
  readonly limit: number
}

/** The next firings of schedules, in order. */
export function previewOf(schedules: readonly StoredSchedule[], { after, until, limit }: PreviewSpan): PreviewEntry[] {
  const found: { readonly schedule: StoredSchedule; readonly at: number }[] = []
  for (const schedule of schedules) {
    if (schedule.status !== 'active') continue
    const { when, until: own = until, maxRuns = Number.POSITIVE_INFINITY } = schedule.definition
    const left = Math.min(limit, maxRuns - schedule.snapshot.context.fired)
    const from = Math.max(after, schedule.lastSlot)
    for (const at of scheduleSlots.between(when, from, Math.min(until, own), left)) found.push({ schedule, at })
  }
  found.sort((a, b) => a.at - b.at || (a.schedule.name < b.schedule.name ? -1 : 1))
  const shown = found.slice(0, limit)
  const inMinute = new Map<number, number>()
  for (const { at } of shown) inMinute.set(minuteOf(at), (inMinute.get(minuteOf(at)) ?? 0) + 1)
  return shown.map(({ schedule, at }) => {
    const note = noteOn(schedule, at)
    return {
      schedule: schedule.name,
      id: schedule.uid,
      at: new Date(at),
      clash: (inMinute.get(minuteOf(at)) ?? 1) - 1,
      ...(note !== undefined && { note }),
    }
  })
}

const minuteOf = (at: number): number => Math.floor(at / minute)

/** Whether the clocks of the zone are changed on the day of a firing. */
function noteOn({ definition }: StoredSchedule, at: number): string | undefined {
  const { tz, kind } = definition.when as unknown as ParsedSchedule
  if (kind === 'every' || kind === 'at') return undefined
  const morning = at - ((((at + offsetAt(tz, at)) % day) + day) % day)
  if (offsetAt(tz, morning) === offsetAt(tz, morning + day)) return undefined
  return `DST: on this day the clocks of ${tz} go from ${nameOfOffset(tz, morning)} to ${nameOfOffset(tz, morning + day)}`
}

function nameOfOffset(tz: string, at: number): string {
  const parts = new Intl.DateTimeFormat('en', { timeZone: tz, timeZoneName: 'longOffset' }).formatToParts(at)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
}
