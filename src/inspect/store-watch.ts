/** @module Notices that a store is gone while somebody looks at it: lost by its process, or its folder taken away. */
import { lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'
import type { Clock, TimerHandle } from '../clock.ts'
import type { Store } from '../index.ts'

/** How often the folder of a store is looked for, in ms. */
export const lookEvery = 2_000

/** Watches until the store is gone, which is told once, or until it is stopped. */
export class StoreWatch {
  readonly #path: string | undefined
  readonly #clock: Clock
  readonly #gone: (message: string) => void
  readonly #offLost: () => void
  #timer: TimerHandle | undefined
  /** Which folder it was, whatever is put into its place. */
  #inode: number | undefined
  #state: 'watching' | 'over' = 'watching'

  constructor(store: Store, clock: Clock, gone: (message: string) => void) {
    const { path } = store as { path?: unknown }
    this.#path = typeof path === 'string' ? path : undefined
    this.#clock = clock
    this.#gone = gone
    this.#offLost = store.onLost?.(({ message }) => this.#end(`The store is lost: ${message}`)) ?? (() => {})
  }

  /** Looks for the folder from now on. */
  start(): void {
    if (this.#path === undefined || this.#timer !== undefined || this.#state === 'over') return
    // at once, or a folder that is taken away soon would never have been there
    this.#inode ??= inodeOf(this.#path)
    this.#arm(this.#path)
  }

  /** Nobody looks: the folder is not looked for. */
  rest(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }

  stop(): void {
    this.#state = 'over'
    this.rest()
    this.#offLost()
  }

  #arm(path: string): void {
    this.#timer = this.#clock.setTimeout(() => void this.#look(path), lookEvery)
    this.#timer.unref?.()
  }

  async #look(path: string): Promise<void> {
    const found = await lstat(path).catch(() => undefined)
    if (this.#timer === undefined || this.#state === 'over') return
    if (found === undefined && this.#inode === undefined) return this.#arm(path)
    this.#inode ??= found?.ino
    if (found?.ino === this.#inode) return this.#arm(path)
    this.#end('The folder of the store was taken away.')
  }

  #end(message: string): void {
    if (this.#state === 'over') return
    this.stop()
    this.#gone(message)
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return lstatSync(path).ino
  } catch {
    return undefined
  }
}
