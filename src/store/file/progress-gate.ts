/** @module Progress, at most five records a second for each task: the latest counts. */
import type { Clock, TimerHandle } from '../../clock.ts'
import type { Verdict } from '../../machines/fold-store.ts'
import type { ProgressRecord, StoreRecord } from '../../machines/records.ts'

/** The least time between two records of one task, in ms. */
const pause = 200

/** A task that has told of its progress a short while ago. */
interface Telling {
  timer: TimerHandle
  next: ProgressRecord | undefined
  told: Promise<Verdict> | undefined
  resolve: (verdict: Verdict | Promise<Verdict>) => void
}

export class ProgressGate {
  readonly #clock: Clock
  readonly #append: (records: readonly StoreRecord[]) => Promise<readonly Verdict[]>
  readonly #telling = new Map<string, Telling>()

  constructor(clock: Clock, append: (records: readonly StoreRecord[]) => Promise<readonly Verdict[]>) {
    this.#clock = clock
    this.#append = append
  }

  /** Tells at once, or when it is time again: then of the latest only. */
  add(record: ProgressRecord): Promise<Verdict> {
    const telling = this.#telling.get(record.task)
    if (telling === undefined) {
      this.#telling.set(record.task, {
        timer: this.#wait(record.task),
        next: undefined,
        told: undefined,
        resolve: () => {},
      })
      return this.#tell(record)
    }
    telling.next = record
    telling.told ??= new Promise((resolve) => {
      telling.resolve = resolve
    })
    return telling.told
  }

  /** Tells what waits, for something is about to follow that ends the claim. */
  flush(task: string): void {
    const telling = this.#telling.get(task)
    if (telling === undefined) return
    this.#clock.clearTimeout(telling.timer)
    this.#telling.delete(task)
    if (telling.next !== undefined) telling.resolve(this.#tell(telling.next))
  }

  close(): void {
    for (const task of [...this.#telling.keys()]) this.flush(task)
  }

  #wait(task: string): TimerHandle {
    const timer = this.#clock.setTimeout(() => this.#again(task), pause)
    timer.unref?.()
    return timer
  }

  #again(task: string): void {
    const telling = this.#telling.get(task)
    if (telling === undefined) return
    const { next, resolve } = telling
    if (next === undefined) return void this.#telling.delete(task)
    telling.next = undefined
    telling.told = undefined
    telling.timer = this.#wait(task)
    resolve(this.#tell(next))
  }

  async #tell(record: ProgressRecord): Promise<Verdict> {
    const [verdict] = await this.#append([record])
    return verdict as Verdict
  }
}
