/** @module Who wants to hear of which task in this process. */
import type { OffstageError } from '../errors.ts'
import type { StoredTask } from '../machines/store-state.ts'
import type { Store, StoreChange } from '../store/store.ts'

/** Listeners per task, and listeners to all. What they throw is the caller's business: {@link tell} passes it on. */
export class Watchers {
  readonly #byTask = new Map<StoredTask, Set<(change: StoreChange) => void>>()
  readonly #all = new Set<(change: StoreChange) => void>()
  readonly #closing = new Set<() => void>()
  readonly #losses = new Map<Store, OffstageError>()
  readonly #losing = new Set<(store: Store, error: OffstageError) => void>()
  /** Begins to hear of changes; undefined while they come by themselves. */
  #listen: (() => () => void) | undefined
  #unlisten: (() => void) | undefined

  /** How many listen. */
  get size(): number {
    let size = this.#all.size
    for (const listeners of this.#byTask.values()) size += listeners.size
    return size
  }

  watch(task: StoredTask, listener: (change: StoreChange) => void): () => void {
    const listeners = this.#byTask.get(task) ?? new Set()
    this.#byTask.set(task, listeners)
    listeners.add(listener)
    this.#follow()
    return () => {
      if (!listeners.delete(listener) || listeners.size > 0) return
      this.#byTask.delete(task)
      this.#follow()
    }
  }

  /** @param over Called when nothing will be told any more. */
  watchAll(listener: (change: StoreChange) => void, over: () => void): () => void {
    this.#all.add(listener)
    const stay = this.onClose(over)
    return () => {
      this.#all.delete(listener)
      stay()
    }
  }

  /** Calls `over` when the runner is closed. */
  onClose(over: () => void): () => void {
    this.#closing.add(over)
    return () => void this.#closing.delete(over)
  }

  /** What has become of a store that is lost. */
  lossOf(store: Store): OffstageError | undefined {
    return this.#losses.get(store)
  }

  /** Calls `lost` when the store is lost, now or later. */
  onLost(store: Store, lost: (error: OffstageError) => void): () => void {
    const known = this.#losses.get(store)
    if (known !== undefined) lost(known)
    const listener = (which: Store, error: OffstageError): void => {
      if (which === store) lost(error)
    }
    this.#losing.add(listener)
    return () => void this.#losing.delete(listener)
  }

  /** Nothing more will be heard from the store. */
  lose(store: Store, error: OffstageError): void {
    this.#losses.set(store, error)
    for (const listener of [...this.#losing]) listener(store, error)
  }

  /**
   * Tells those who listen to all tasks, or wait for a time, that it is over. Those who wait for a task may go on.
   *
   * @param listen Begins to hear of changes, as long as somebody waits for one.
   */
  close(listen: () => () => void): void {
    for (const over of [...this.#closing]) over()
    this.#listen = listen
    this.#follow()
  }

  /** Nobody is kept in mind by a store for whom nobody waits. */
  #follow(): void {
    if (this.#listen === undefined) return
    if (this.#byTask.size > 0) this.#unlisten ??= this.#listen()
    else {
      this.#unlisten?.()
      this.#unlisten = undefined
    }
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
