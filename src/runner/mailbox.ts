/** @module Streams between a producer that never waits and one reader, with a bound. */

/** How many events wait for a slow reader. */
export const feedBound = 1_000

/** What has come to a {@link Mailbox}. */
export interface Taken<T> {
  readonly items: T[]
  /** More came than there was room for. */
  readonly lost: boolean
  readonly ended: boolean
}

/** A bounded queue between a producer that never waits and one reader. */
export class Mailbox<T> {
  readonly #bound: number
  readonly #keeps: 'none' | 'newest'
  #items: T[] = []
  #ended = false
  #closed = false
  #lost = false
  #wake: (() => void) | undefined

  /** @param keeps What stays when more comes than there is room for. */
  constructor(bound: number, keeps: 'none' | 'newest' = 'none') {
    this.#bound = bound
    this.#keeps = keeps
  }

  /** The reader wants no more. */
  get closed(): boolean {
    return this.#closed
  }

  push(item: T): void {
    const loses = this.#keeps === 'none' && this.#lost
    if (this.#ended || loses) return
    this.#items.push(item)
    if (this.#items.length > this.#bound) {
      this.#lost = true
      if (this.#keeps === 'newest') this.#items.shift()
      else this.#items = []
    }
    this.#wake?.()
  }

  /** Throws away what is there. */
  clear(): void {
    this.#items = []
    this.#lost = false
  }

  /** Nothing more comes; what is there may still be taken. */
  end(): void {
    this.#ended = true
    this.#wake?.()
  }

  /** Ends, and throws away what is there. */
  close(): void {
    this.#closed = true
    this.clear()
    this.end()
  }

  /** What has come; waits for something. */
  async take(): Promise<Taken<T>> {
    if (this.#items.length === 0 && !this.#ended && !this.#lost) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
      this.#wake = undefined
    }
    const taken = { items: this.#items, lost: this.#lost, ended: this.#ended }
    this.clear()
    return taken
  }
}

/** A generator that `return()` ends at once, also while its reader waits for the next item. */
export function endable<T>(generator: AsyncGenerator<T>, mailbox: Mailbox<T>): AsyncIterableIterator<T> {
  return {
    next: () => generator.next(),
    return: () => {
      mailbox.close()
      return generator.return(undefined)
    },
    [Symbol.asyncIterator]() {
      return this
    },
  }
}
