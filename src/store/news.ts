/** @module Who hears of the changes of a store, and in which order. */
import { show } from '../errors.ts'
import type { StoreChange } from './store.ts'

interface Subscription<T> {
  readonly listener: (change: T) => void
}

/** The subscriptions of a store in one process. */
export class News<T = StoreChange> {
  readonly #subscriptions = new Set<Subscription<T>>()
  #telling = false
  /** What has happened while somebody is being told. */
  readonly #later: T[] = []

  /** @returns Ends the subscription. */
  subscribe(listener: (change: T) => void): () => void {
    // the same function may listen twice
    const subscription = { listener }
    this.#subscriptions.add(subscription)
    return () => void this.#subscriptions.delete(subscription)
  }

  /** Tells everybody. What listeners change is told after all have heard this, so that all hear the same order. */
  tell(changes: readonly T[]): void {
    if (this.#subscriptions.size === 0) return
    if (this.#telling) {
      for (const change of changes) this.#later.push(change)
      return
    }
    const later = this.#later
    this.#telling = true
    for (const change of changes) this.#tellOne(change)
    // the list grows while it is read
    for (let i = 0; i < later.length; i += 1) this.#tellOne(later[i] as T)
    if (later.length > 0) later.length = 0
    this.#telling = false
  }

  clear(): void {
    this.#subscriptions.clear()
  }

  #tellOne(change: T): void {
    for (const { listener } of this.#subscriptions) {
      try {
        listener(change)
      } catch (error) {
        process.emitWarning(`a listener of the store threw: ${show(error)}`, 'OffstageWarning')
      }
    }
  }
}
