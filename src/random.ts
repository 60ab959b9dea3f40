/** @module Randomness, as it comes in from outside. */
import { customRandom, random } from 'nanoid'

/** Where randomness comes from. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded): jitter and the choice among candidates. */
  next(): number
  /** A fresh id of 22 letters and digits (131 bits). */
  id(): string
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 22
const codes = Buffer.from(alphabet, 'latin1')
/** How many letters are drawn at once: an id is a piece of their text, which lives as long as one of its ids. */
const drawn = idLength * 8

/** The machine's randomness; ids come from its cryptographic source. */
export class SystemRandom implements Random {
  readonly #drawn = Buffer.alloc(drawn)
  #letters = ''
  #at = 0

  next(): number {
    return Math.random()
  }

  /** Bound, so that `map(random.id)` and the like work. */
  readonly id = (): string => {
    if (this.#at === this.#letters.length) {
      this.#letters = this.#draw()
      this.#at = 0
    }
    this.#at += idLength
    return this.#letters.slice(this.#at - idLength, this.#at)
  }

  /** As nanoid does with an alphabet, but through a buffer: it adds letter by letter, which costs 700 bytes an id. */
  #draw(): string {
    const letters = this.#drawn
    let count = 0
    while (count < drawn) {
      for (const byte of random(drawn)) {
        // six bits; those beyond the alphabet are drawn again, so that each letter is as likely
        const code = codes[byte & 63]
        if (code !== undefined && count < drawn) letters[count++] = code
      }
    }
    return letters.toString('latin1')
  }
}

/**
 * Randomness that repeats: the same seed gives the same numbers and ids, for tests.
 *
 * @param seed Any integer.
 *
 * @example
 * ```ts
 * import { seededRandom } from 'offstage/testing'
 *
 * seededRandom(7).id() === seededRandom(7).id() // true
 * ```
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  // mulberry32: small, fast, and good enough where nothing must be secret
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const bytes = (size: number): Uint8Array => Uint8Array.from({ length: size }, () => Math.floor(next() * 256))
  const seededId = customRandom(alphabet, idLength, bytes)
  // nanoid's functions take a length, which a caller such as `map(random.id)` would pass by accident
  return { next, id: () => seededId() }
}
