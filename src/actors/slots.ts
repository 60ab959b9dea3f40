/** @module The slots of a worker: how many attempts hold one, and which wait to get theirs back. */
import type { Attempt } from './attempt.ts'

/** A wait that is over, and what it was answered with. */
interface Answered {
  readonly ask: number
  readonly value: unknown
}

export class Slots {
  readonly total: number
  #busy = 0
  /** Attempts that need a slot to go on, with their waits that were answered. */
  readonly #resuming = new Map<Attempt, Answered[]>()

  constructor(total: number) {
    this.total = total
  }

  /** The slots that are taken, by zombies too. */
  get busy(): number {
    return this.#busy
  }

  get free(): number {
    return this.total - this.#busy
  }

  take(attempt: Attempt): void {
    attempt.slot = true
    this.#busy += 1
  }

  giveBack(attempt: Attempt): void {
    if (!attempt.slot) return
    attempt.slot = false
    this.#busy -= 1
  }

  /** The task waits, and needs no slot meanwhile. */
  wait(attempt: Attempt): void {
    attempt.pauseTimer()
    // it waits again, so what it heard meanwhile need not wait for a slot
    const answered = this.#resuming.get(attempt)
    if (answered !== undefined) this.#goOn(attempt, answered)
    this.giveBack(attempt)
  }

  /**
   * A wait is over. The last answer resumes the task, which then needs a slot to go on. A stop reaches its waits before
   * that.
   */
  answered(attempt: Attempt, ask: number, value?: unknown): void {
    if (attempt.slot || attempt.task.state !== 'running.executing') return attempt.endWait(ask, value)
    const asks = this.#resuming.get(attempt)
    if (asks === undefined) this.#resuming.set(attempt, [{ ask, value }])
    else asks.push({ ask, value })
  }

  /** Gives free slots to those who wait to go on. */
  resume(): void {
    for (const [attempt, asks] of this.#resuming) {
      // one that was told to stop, or has ended, needs no slot: its waits are over
      if (asks.some(({ ask }) => attempt.isWaiting(ask))) {
        if (this.free <= 0) return
        this.take(attempt)
        attempt.resumeTimer()
      }
      this.#goOn(attempt, asks)
    }
  }

  #goOn(attempt: Attempt, asks: readonly Answered[]): void {
    this.#resuming.delete(attempt)
    for (const { ask, value } of asks) attempt.endWait(ask, value)
  }
}
