/** @module One sync for all who wait for one: while it runs, the next batch gathers. */

/** Forces what was written to the medium, for any number of waiters at once. */
export class GroupSync {
  readonly #sync: () => Promise<void>
  #dirty = false
  #running: Promise<void> | undefined
  #next: Promise<void> | undefined
  #failed: Promise<void> | undefined

  /** @param sync Forces everything that was written before it is called. */
  constructor(sync: () => Promise<void>) {
    this.#sync = sync
  }

  /** Something was written, or read that somebody else wrote. */
  touch(): void {
    this.#dirty = true
  }

  /**
   * Resolves when everything that was touched before is on the medium; undefined when it is there already.
   * Once one has failed, all fail: the system takes for written what it has dropped.
   */
  wait(): Promise<void> | undefined {
    if (this.#failed !== undefined) return this.#failed
    if (!this.#dirty) return this.#running
    this.#next ??= this.#start(this.#running)
    return this.#next
  }

  async #start(before: Promise<void> | undefined): Promise<void> {
    await before
    this.#next = undefined
    this.#dirty = false
    const running = this.#sync()
    this.#running = running
    try {
      await running
    } catch (error) {
      this.#failed = running
      throw error
    } finally {
      if (this.#running === running) this.#running = undefined
    }
  }
}
