/** @module What goes out to a viewer: plain JSON of bounded size, without secrets. */
import { isSecret, redactor } from '../../redact.ts'

const hidden = '***'
/** How long a text may be, how many members of one value are shown, and how many values there may be in all. */
const longestText = 4_096
const mostMembers = 200
const mostValues = 5_000
const mostTextInAll = 256 * 1_024
/** Where a text is cut, a secret may be: so much more is read, and thrown away once secrets are out of it. */
const leastMargin = 256
const longestMargin = 64 * 1_024
/** Short texts come again and again: names of members, states, ids. */
const shortText = 64
const mostRemembered = 4_096
const numeric = /^[\d.e+-]+$/i
/** Of the values of such members nothing is shown. */
const secretMember =
  /(?:token|secret|password|passwd|passphrase|credentials?|authorization|cookie|(?:api|private|access|secret|signing|encryption)[_-]?key)$/i

/** How one value is copied: what is left of its bounds. */
interface Trip {
  values: number
  text: number
  readonly above: Set<object>
  readonly depth: number
}

/** Copies values for viewers. Never throws, whatever the value does. */
export class Plain {
  readonly #redact: (text: string) => string
  readonly #margin: number
  readonly #hasNumbers: boolean
  readonly #remembered = new Map<string, string>()

  constructor(env: NodeJS.ProcessEnv) {
    this.#redact = redactor(env)
    const secrets = Object.entries(env).flatMap(([name, value = '']) => (isSecret(name) ? [value] : []))
    this.#margin = Math.min(Math.max(leastMargin, ...secrets.map(({ length }) => length)), longestMargin)
    this.#hasNumbers = secrets.some((value) => numeric.test(value))
  }

  /** A text without secrets, cut where it is too long. */
  text(text: string): string {
    if (text.length <= shortText) return this.#short(text)
    if (text.length <= longestText) return this.#redact(text)
    const clean = this.#redact(text.slice(0, longestText + this.#margin))
    return `${clean.slice(0, Math.max(0, clean.length - this.#margin)).toWellFormed()}…`
  }

  #short(text: string): string {
    const known = this.#remembered.get(text)
    if (known !== undefined) return known
    if (this.#remembered.size === mostRemembered) this.#remembered.clear()
    const clean = this.#redact(text)
    this.#remembered.set(text, clean)
    return clean
  }

  /** A copy that `JSON.stringify` takes; `depth` is how deep it is followed. */
  value(value: unknown, depth = 10): unknown {
    return this.#copy(value, { values: mostValues, text: mostTextInAll, above: new Set(), depth })
  }

  #copy(value: unknown, trip: Trip): unknown {
    switch (typeof value) {
      case 'string':
        return this.#cut(value, trip)
      case 'number':
        if (!Number.isFinite(value)) return null
        // a number can be a secret as well
        return !this.#hasNumbers || this.#redact(String(value)) === String(value) ? value : hidden
      case 'bigint':
        return this.#cut(`${value}n`, trip)
      case 'symbol':
        return this.#cut(String(value), trip)
      case 'function':
        return { type: this.#cut(nameOf(value), trip) }
      case 'object':
        return value === null ? null : this.#object(value, trip)
      default:
        return value
    }
  }

  #cut(text: string, trip: Trip): string {
    if (trip.text <= 0) return '…'
    const clean = this.text(text)
    trip.text -= clean.length
    return clean
  }

  #object(value: object, trip: Trip): unknown {
    trip.values--
    if (trip.above.has(value)) return '[circular]'
    if (trip.above.size >= trip.depth || trip.values < 0) return Array.isArray(value) ? '[array]' : '[object]'
    trip.above.add(value)
    try {
      return this.#members(value, trip)
    } catch {
      return '[unreadable]'
    } finally {
      trip.above.delete(value)
    }
  }

  #members(value: object, trip: Trip): unknown {
    if (Array.isArray(value)) return value.slice(0, mostMembers).map((each) => this.#copy(each, trip) ?? null)
    if (value instanceof Error)
      return { name: this.#cut(value.name, trip), message: this.#cut(String(value.message), trip) }
    if (value instanceof Map || value instanceof Set)
      return `[${value instanceof Map ? 'Map' : 'Set'} of ${value.size}]`
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
    const { sessionId, getSnapshot, transition, id, toJSON } = value as Readonly<Record<string, unknown>>
    // an actor, and logic: what they hold has not passed the sanitisers
    if (typeof sessionId === 'string' && typeof getSnapshot === 'function')
      return { xstate$$type: 1, id: this.#cut(String(id), trip) }
    if (typeof transition === 'function') return { type: this.#cut(typeof id === 'string' ? id : 'logic', trip) }
    if (typeof toJSON === 'function') {
      const told: unknown = toJSON.call(value)
      if (told !== value) return this.#copy(told, trip)
    }
    return this.#fields(value as Readonly<Record<string, unknown>>, trip)
  }

  #fields(value: Readonly<Record<string, unknown>>, trip: Trip): unknown {
    const keys = Object.keys(value).slice(0, mostMembers)
    const fields = keys.map((key): [string, unknown] => {
      const clean = this.#cut(key, trip)
      const member = value[key]
      const isShown = member === null || member === undefined || typeof member === 'boolean' || !secretMember.test(key)
      return [clean, isShown ? this.#copy(member, trip) : hidden]
    })
    return Object.fromEntries(fields)
  }
}

function nameOf(value: object): string {
  const { name } = value as { name?: unknown }
  return typeof name === 'string' && name !== '' ? name : 'function'
}
