/** @module Any number of listeners to one abort: from the eleventh on, Node warns of a leak. */

const hubs = new WeakMap<AbortSignal, Hub>()

/** The one listener of a signal, for as long as anybody wants to hear. */
class Hub {
  readonly #signal: AbortSignal
  readonly #listeners = new Set<() => void>()
  readonly #tell = (): void => {
    for (const listener of [...this.#listeners]) listener()
  }

  constructor(signal: AbortSignal) {
    this.#signal = signal
  }

  add(listener: () => void): void {
    if (this.#listeners.size === 0) this.#signal.addEventListener('abort', this.#tell, { once: true })
    this.#listeners.add(listener)
  }

  remove(listener: () => void): void {
    if (this.#listeners.delete(listener) && this.#listeners.size === 0)
      this.#signal.removeEventListener('abort', this.#tell)
  }
}

/**
 * Calls `listener`, which must not throw, when the signal is aborted; a signal that is aborted already never calls.
 *
 * @returns Takes the listener back.
 */
export function onAbort(signal: AbortSignal, listener: () => void): () => void {
  const hub = hubs.get(signal) ?? new Hub(signal)
  hubs.set(signal, hub)
  hub.add(listener)
  return () => hub.remove(listener)
}
