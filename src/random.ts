/** @module Randomness, as it comes in from outside. */
import { customAlphabet, customRandom } from 'nanoid'

/** Where randomness comes from. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded): jitter and the choice among candidates. */
  next(): number
  /** A fresh id of 22 letters and digits (131 bits). */
  id(): string
}

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const idLength = 22
/** How many ids are drawn at once; nanoid asks for 128 times as many bytes, and 65,536 are the most it gets. */
const drawn = 8
const secureLetters = customAlphabet(alphabet, idLength * drawn)

/** The machine's randomness; ids come from its cryptographic source. */
export class SystemRandom implements Random {
  #letters = ''
  #at = 0

  next(): number {
    return Math.random()
  }

  /** Bound, so that `map(random.id)` and the like work. */
  readonly id = (): string => {
    if (this.#at === this.#letters.length) {
      // nanoid adds letter by letter, which V8 keeps as a tree of 350 bytes an id; through a buffer it becomes flat text
      this.#letters = Buffer.from(secureLetters(), 'latin1').toString('latin1')
      this.#at = 0
    }
    this.#at += idLength
    return this.#letters.slice(this.#at - idLength, this.#at)
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
