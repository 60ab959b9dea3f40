/** @module Who may look: a secret that is compared in constant time, and addresses that let in once. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { ValidationError } from '../../errors.ts'
import { SystemRandom } from '../../random.ts'

/** 22 letters and digits are 131 bits. */
export const tokenForm = /^[A-Za-z0-9_-]{22,128}$/
/** How long an address that lets in once may lie about, in ms. */
export const ticketLife = 60_000
/** More that have not been used would be somebody's mistake. */
const mostTickets = 16

const hashOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A secret. What is compared are hashes: they are of one length, and tell nothing of where two texts differ. */
export class Token {
  readonly text: string
  readonly #hash: Buffer

  /** @throws {ValidationError} for a text that could be guessed. */
  constructor(text: string = new SystemRandom().id()) {
    if (typeof text !== 'string' || !tokenForm.test(text)) {
      // the value is a secret, or somebody's try of one
      throw new ValidationError('token', '22 to 128 letters, digits, _ and -', typeof text)
    }
    this.text = text
    this.#hash = hashOf(text)
  }

  fits(given: string): boolean {
    return timingSafeEqual(this.#hash, hashOf(given))
  }
}

interface Ticket {
  readonly token: Token
  readonly until: number
}

/** Tokens that are good once, for a minute: they may be seen by others, as the arguments of a command can. */
export class Tickets {
  readonly #clock: Clock
  #open: Ticket[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  issue(): string {
    const token = new Token()
    this.#open = [...this.#alive(), { token, until: this.#clock.monotonic() + ticketLife }].slice(-mostTickets)
    return token.text
  }

  /** Whether it was one; it is none any more. */
  use(given: string): boolean {
    const alive = this.#alive()
    this.#open = alive.filter(({ token }) => !token.fits(given))
    return this.#open.length < alive.length
  }

  #alive(): Ticket[] {
    const now = this.#clock.monotonic()
    return this.#open.filter(({ until }) => until > now)
  }
}
