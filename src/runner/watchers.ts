/** @module Who wants to hear of which task in this process. */
import type { StoredTask } from '../machines/store-state.ts'
import type { StoreChange } from '../store/store.ts'

/** Listeners per task, and listeners to all. What they throw is the caller's business: {@link tell} passes it on. */
export class Watchers {
  readonly #byTask = new Map<StoredTask, Set<(change: StoreChange) => void>>()
  readonly #all = new Set<(change: StoreChange) => void>()

  watch(task: StoredTask, listener: (change: StoreChange) => void): () => void {
    const listeners = this.#byTask.get(task) ?? new Set()
    this.#byTask.set(task, listeners)
    listeners.add(listener)
    return () => {
      if (listeners.delete(listener) && listeners.size === 0) this.#byTask.delete(task)
    }
  }

  watchAll(listener: (change: StoreChange) => void): () => void {
    this.#all.add(listener)
    return () => void this.#all.delete(listener)
  }

  /** Calls `then` once the task has settled. */
  onSettled(task: StoredTask, then: () => void): () => void {
    const unwatch = this.watch(task, () => {
      if (!task.settled) return
      unwatch()
      then()
    })
    return unwatch
  }

  tell(change: StoreChange): void {
    if (this.#all.size > 0) for (const listener of [...this.#all]) listener(change)
    if (this.#byTask.size === 0) return
    const listeners = this.#byTask.get(change.task)
    if (listeners !== undefined) for (const listener of [...listeners]) listener(change)
  }
}
