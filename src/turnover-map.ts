/** @module A map for few entries that come and go all the time. */

/** How many entries that are gone are carried along, besides as many as there are live ones. */
const carried = 256

/**
 * A `Map`, in order of entry, that makes no garbage as its entries change.
 *
 * V8 copies a map's table whenever its free places are used up: with five entries that is at every third one. And each
 * old table points to what it held and to its successor, so one that has grown old keeps much alive. Here what is gone
 * leaves its key behind, until many are cleared away at once.
 */
export class TurnoverMap<K, V extends object> {
  #entries = new Map<K, V | undefined>()
  #gone = 0

  get size(): number {
    return this.#entries.size - this.#gone
  }

  get(key: K): V | undefined {
    return this.#entries.get(key)
  }

  has(key: K): boolean {
    return this.#entries.get(key) !== undefined
  }

  set(key: K, value: V): void {
    const entries = this.#entries
    const carriedKeys = entries.size
    const isNew = entries.get(key) === undefined
    entries.set(key, value)
    if (!isNew || entries.size > carriedKeys) return
    // one that comes back enters at the end
    entries.delete(key)
    entries.set(key, value)
    this.#gone -= 1
  }

  /** @returns Whether it was there. */
  delete(key: K): boolean {
    if (this.#entries.get(key) === undefined) return false
    this.#entries.set(key, undefined)
    this.#gone += 1
    if (this.#gone > carried + this.size) this.#clearAway()
    return true
  }

  clear(): void {
    this.#entries.clear()
    this.#gone = 0
  }

  *keys(): IterableIterator<K> {
    // not the values that it sees: it may be read on while its table is replaced
    for (const key of this.#entries.keys()) if (this.has(key)) yield key
  }

  *values(): IterableIterator<V> {
    for (const key of this.keys()) yield this.#entries.get(key) as V
  }

  #clearAway(): void {
    const live = new Map<K, V | undefined>()
    for (const [key, value] of this.#entries) if (value !== undefined) live.set(key, value)
    this.#entries = live
    this.#gone = 0
  }
}
