/** @module Durations: milliseconds as a number, or a typed string such as `'5m'`. */
import { ValidationError } from './errors.ts'

/** Milliseconds, or a number with a unit: `'250ms'`, `'30s'`, `'5m'`, `'1.5h'`, `'7d'`, `'2w'`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`

/** The longest duration that is accepted: 100 years of 365 days, in ms. */
export const longestDuration = 100 * 365 * 86_400_000

const units: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
  ['w', 604_800_000],
])
const form = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m|h|d|w)$/

/**
 * Reads a duration as milliseconds.
 *
 * @param value The duration as the user wrote it.
 * @param option The option's name, for the error.
 * @param bounds `min` in ms, `@default` 1; pass 0 where "at once" makes sense.
 * @returns Milliseconds, a finite number from `min` to {@link longestDuration}.
 * @throws {ValidationError} INVALID_OPTION, naming option, rule and value.
 */
export function parseDuration(value: unknown, option: string, { min = 1 }: { min?: number } = {}): number {
  const ms = typeof value === 'string' ? fromText(value) : value
  if (typeof ms === 'number' && ms >= min && ms <= longestDuration) return ms
  const least = min === 0 ? '0' : `${min} ms`
  throw new ValidationError(option, `a duration from ${least} to 100 years, as ms or like '30s', '5m', '1h'`, value)
}

function fromText(text: string): number {
  const match = form.exec(text)
  return match ? Number(match[1]) * (units.get(match[2] as string) as number) : Number.NaN
}
