/** @module JSON at the door: a checked copy, so that a value means the same in memory, on disk and in another process. */
import { type ErrorCode, ValidationError } from './errors.ts'

/** How deep a value may be nested. `JSON.stringify` itself throws from about 5,000. */
export const deepestJson = 128
/** How long, in UTF-16 units, a name or key may be inside an error's path. */
const longestPath = 200

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
  return value === undefined ? undefined : copy(value, { code, path: what, depth: 0, above: new Set() })
}

interface Place {
  readonly code: ErrorCode
  readonly path: string
  readonly depth: number
  readonly above: Set<object>
}

function copy(value: unknown, place: Place): unknown {
  const refuse = (rule: string): ValidationError =>
    new ValidationError(place.path.slice(0, longestPath), rule, value, place.code)
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw refuse('text without lone surrogates')
      return value
    case 'boolean':
      return value
    case 'number':
      if (!Number.isFinite(value)) throw refuse('a finite number')
      return value
    case 'object':
      if (value === null) return null
      if (place.depth >= deepestJson) throw refuse(`nested at most ${deepestJson} deep`)
      if (place.above.has(value)) throw refuse('without cycles')
      return copyObject(value, place, refuse)
    default:
      throw refuse('a JSON value (text, number, boolean, null, array, object)')
  }
}

function copyObject(value: object, place: Place, refuse: (rule: string) => ValidationError): unknown {
  const { toJSON } = value as { toJSON?: unknown }
  if (typeof toJSON === 'function') return copy(toJSON.call(value, ''), { ...place, depth: place.depth + 1 })
  place.above.add(value)
  const inner = (key: string, member: unknown): unknown =>
    copy(member, { ...place, path: `${place.path}${key}`, depth: place.depth + 1 })
  try {
    if (Array.isArray(value))
      return Array.from(value, (member, i) => (member === undefined ? null : inner(`[${i}]`, member)))
    if (value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
      throw refuse('a plain object or array')
    const result: Record<string, unknown> = {}
    for (const [key, member] of Object.entries(value)) {
      if (member === undefined) continue
      // a plain assignment of __proto__ would set the prototype
      Object.defineProperty(result, key, {
        value: inner(`.${key}`, member),
        enumerable: true,
        writable: true,
        configurable: true,
      })
    }
    return result
  } finally {
    place.above.delete(value)
  }
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
