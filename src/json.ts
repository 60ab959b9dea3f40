/** @module JSON at the door: a checked copy, so that a value means the same in memory, on disk and in another process. */
import { type ErrorCode, show, ValidationError } from './errors.ts'

/** How deep a value may be nested. `JSON.stringify` itself throws from about 5,000. */
export const deepestJson = 128
/** How long, in UTF-16 units, the path of a value may be in an error. */
const longestPath = 200
/** What has members that a trip through JSON would show in another way, or not at all. */
const unlikeJson = [Map, Set, Error, String]
const plainKey = /^[\w$-]+$/

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined }

/**
 * Copies a value the way a trip through JSON would, but refuses what such a trip would silently change.
 *
 * @param what What the value is, for the error: `'input'`.
 * @returns A copy without prototypes, getters and `undefined` members; `undefined` itself stays.
 * @throws {ValidationError} `code` (default INVALID_INPUT), naming the path, the rule and the value.
 */
export function jsonCopy(value: unknown, what: string, code: ErrorCode = 'INVALID_INPUT'): unknown {
  return value === undefined ? undefined : new Copier(what, code).start(value)
}

/** One trip. It keeps the way to the value at hand, and writes it down only for an error. */
class Copier {
  readonly #what: string
  readonly #code: ErrorCode
  readonly #path: (string | number)[] = []
  readonly #above = new Set<object>()
  #refusal: ValidationError | undefined

  constructor(what: string, code: ErrorCode) {
    this.#what = what
    this.#code = code
  }

  start(value: unknown): unknown {
    try {
      return this.#copy(value)
    } catch (error) {
      if (this.#refusal !== undefined && error === this.#refusal) throw error
      throw new ValidationError(this.#where(), 'readable without an error', error, this.#code, { cause: error })
    }
  }

  #copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        if (!value.isWellFormed()) throw this.#refuse('text without lone surrogates', value)
        return value
      case 'boolean':
        return value
      case 'number':
        if (!Number.isFinite(value)) throw this.#refuse('a finite number', value)
        // JSON has no negative zero
        return value === 0 ? 0 : value
      case 'object':
        return value === null ? null : this.#copyObject(value)
      default:
        throw this.#refuse('a JSON value (text, number, boolean, null, array, object)', value)
    }
  }

  #copyObject(value: object): unknown {
    if (this.#above.has(value)) throw this.#refuse('without cycles', value)
    if (this.#above.size >= deepestJson) throw this.#refuse(`nested at most ${deepestJson} deep`, value)
    this.#above.add(value)
    const { toJSON } = value as { toJSON?: unknown }
    const told =
      typeof toJSON === 'function' ? this.#told(value, toJSON.call(value, String(this.#path.at(-1) ?? ''))) : value
    let copy: unknown
    if (told !== value) copy = this.#copy(told)
    else copy = Array.isArray(value) ? this.#copyArray(value) : this.#copyMembers(value)
    this.#above.delete(value)
    return copy
  }

  #told(value: object, told: unknown): unknown {
    if (value instanceof Date && told === null) throw this.#refuse('a valid date', value)
    return told
  }

  #copyArray(value: readonly unknown[]): unknown[] {
    const copy: unknown[] = []
    for (let i = 0; i < value.length; i += 1) {
      this.#path.push(i)
      const member = value[i]
      // a hole may stand for four billion nulls
      if (member === undefined && !(i in value)) throw this.#refuse('there: the array has a hole', member)
      copy.push(member === undefined ? null : this.#copy(member))
      this.#path.pop()
    }
    return copy
  }

  #copyMembers(value: object): Record<string, unknown> {
    const keys = Object.keys(value)
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== Object.prototype && prototype !== null && isLost(value, keys)) {
      throw this.#refuse('a plain object or array', value)
    }
    const copy: Record<string, unknown> = {}
    for (const key of keys) {
      if (!key.isWellFormed()) throw this.#refuse('with keys without lone surrogates', key)
      this.#path.push(key)
      const member = (value as Record<string, unknown>)[key]
      if (member !== undefined) set(copy, key, this.#copy(member))
      this.#path.pop()
    }
    return copy
  }

  #refuse(rule: string, value: unknown): ValidationError {
    this.#refusal = new ValidationError(this.#where(), rule, value, this.#code)
    return this.#refusal
  }

  #where(): string {
    const step = (key: string | number): string => {
      if (typeof key === 'number') return `[${key}]`
      return plainKey.test(key) ? `.${key}` : `[${show(key)}]`
    }
    return `${this.#what}${this.#path.map(step).join('')}`.slice(0, longestPath)
  }
}

/** Whether JSON would make something else of it, such as `{}` of a RegExp or a Response. */
function isLost(value: object, keys: readonly string[]): boolean {
  return keys.length === 0 || ArrayBuffer.isView(value) || unlikeJson.some((kind) => value instanceof kind)
}

function set(copy: Record<string, unknown>, key: string, member: unknown): void {
  if (key !== '__proto__') copy[key] = member
  // an assignment would set the prototype
  else Object.defineProperty(copy, key, { value: member, enumerable: true, writable: true, configurable: true })
}

/** JSON text with the keys of every object in order: equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return (
    JSON.stringify(value, (_key, member: unknown) => {
      if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
      return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
    }) ?? 'undefined'
  )
}
