/** @module The JSON of a value that anybody may have made: of bounded length, and without reading what is larger. */

/** How many values there may be in one, and how deep. */
const mostValues = 5_000
const deepest = 64

/** @returns Undefined for what is longer, is no JSON, or cannot be read. */
export function jsonWithin(value: unknown, longest: number): string | undefined {
  try {
    if (!new Measure(longest).fits(value, 0)) return undefined
    const json = JSON.stringify(value)
    return json === undefined || json.length > longest ? undefined : json
  } catch {
    return undefined
  }
}

/** Looks at no more of a value than may be shown of it. */
class Measure {
  #values = mostValues
  #characters: number

  constructor(longest: number) {
    this.#characters = longest
  }

  fits(value: unknown, depth: number): boolean {
    this.#values -= 1
    if (typeof value === 'string') this.#characters -= value.length
    if (this.#values < 0 || this.#characters < 0 || depth > deepest) return false
    if (typeof value !== 'object' || value === null) return true
    if (ArrayBuffer.isView(value)) return value.byteLength < this.#values
    // a date, or an actor: both are short
    if (typeof (value as { toJSON?: unknown }).toJSON === 'function') return true
    if (Array.isArray(value)) {
      if (value.length > this.#values) return false
      return value.every((each) => this.fits(each, depth + 1))
    }
    for (const name in value) {
      this.#characters -= name.length
      if (!this.fits((value as Record<string, unknown>)[name], depth + 1)) return false
    }
    return true
  }
}
