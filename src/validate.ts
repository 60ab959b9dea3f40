/** @module Checks at the door. Each throws a {@link ValidationError} that names option, rule and value. */
import { OffstageError, show, ValidationError } from './errors.ts'

const idForm = /^[A-Za-z0-9][A-Za-z0-9_@.-]{0,79}$/
// control characters, and the marks that turn the direction of text around
const unprintable = /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u
/** The longest name, owner, tag or key, in characters. */
export const longestText = 200

/** Refuses options that nobody reads: they are typing errors more often than not. */
export function checkOptions(options: unknown, known: ReadonlySet<string>, what: string): void {
  if (options === undefined) return
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ValidationError(what, 'an object', options)
  }
  for (const key in options) {
    if (known.has(key)) continue
    const list = [...known].sort().join(', ')
    throw new OffstageError('UNKNOWN_OPTION', `${what} has no option ${show(key)}; the options are: ${list}`)
  }
}

/** An id: letters and digits first, then also `_ @ . -`, 80 characters at most. */
export function checkId(value: unknown, option: string): string {
  if (typeof value === 'string' && idForm.test(value)) return value
  throw new ValidationError(
    option,
    'an id of 1 to 80 letters, digits, _ @ . - that begins with a letter or digit',
    value,
  )
}

/** A name or key for people to read: bounded, without control characters and marks that reverse text. */
export function checkText(value: unknown, option: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= longestText && value.isWellFormed()) {
    if (!unprintable.test(value)) return value
  }
  throw new ValidationError(option, `text of 1 to ${longestText} characters without control characters`, value)
}

export function checkInteger(value: unknown, option: string, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
  throw new ValidationError(option, `a whole number from ${min} to ${max}`, value)
}

export function checkNumber(value: unknown, option: string, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new ValidationError(option, `a number from ${min} to ${max}`, value)
}

export function checkFunction<T>(value: T, option: string): T {
  if (typeof value === 'function') return value
  throw new ValidationError(option, 'a function', value)
}

export function checkBoolean(value: unknown, option: string): boolean {
  if (typeof value === 'boolean') return value
  throw new ValidationError(option, 'true or false', value)
}

export function checkOneOf<T extends string>(value: unknown, option: string, allowed: readonly T[]): T {
  if (allowed.includes(value as T)) return value as T
  throw new ValidationError(option, allowed.map((each) => `'${each}'`).join(' or '), value)
}
