/** @module Points in time for people, reckoned without `Date`: nothing in this folder can read a clock. */

const day = 86_400_000
const pad = (value: number, length: number): string => String(value).padStart(length, '0')

/**
 * Epoch ms as ISO 8601 in UTC, `'2026-11-22T09:30:00.000Z'`. What is no point in time is shown as it is.
 */
export function iso(at: number): string {
  const ms = Math.trunc(at)
  if (!Number.isSafeInteger(ms)) return String(at)
  const days = Math.floor(ms / day)
  const time = ms - days * day
  // the Gregorian calendar repeats every 400 years, counted from 1 March of year 0
  const shifted = days + 719_468
  const era = Math.floor(shifted / 146_097)
  const dayOfEra = shifted - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const month = Math.floor((5 * dayOfYear + 2) / 153)
  const date = dayOfYear - Math.floor((153 * month + 2) / 5) + 1
  const year = yearOfEra + era * 400 + (month >= 10 ? 1 : 0)
  const civil = `${yearOf(year)}-${pad(((month + 2) % 12) + 1, 2)}-${pad(date, 2)}`
  const clock = [Math.floor(time / 3_600_000), Math.floor(time / 60_000) % 60, Math.floor(time / 1_000) % 60]
  return `${civil}T${clock.map((part) => pad(part, 2)).join(':')}.${pad(time % 1_000, 3)}Z`
}

function yearOf(year: number): string {
  if (year >= 0 && year <= 9_999) return pad(year, 4)
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`
}
