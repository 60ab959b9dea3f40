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
const secureId = customAlphabet(alphabet, idLength)

/** The machine's randomness; ids come from its cryptographic source. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random()
  }

  id(): string {
    const id = secureId()
    // nanoid adds letter by letter, which V8 keeps as a tree of 350 bytes; reading one makes it a flat text of 40
    id.charCodeAt(0)
    return id
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
