/** @module The lines of the chosen task, as far as they were heard: views bring all of them, or what comes after. */
import type { TaskLine, TaskView } from '../../../protocol.ts'

/** How many lines the page keeps. */
export const linesKept = 5000

export class KeptLines {
  #key: string | undefined
  #view: TaskView | undefined
  #lines: readonly TaskLine[] = []
  #cut = false

  /** Oldest first. */
  get lines(): readonly TaskLine[] {
    return this.#lines
  }

  /** Whether older ones were dropped here. */
  get cut(): boolean {
    return this.#cut
  }

  /** The same view counts once, however often it is drawn. */
  take(view: TaskView, epoch: string): void {
    if (view === this.#view) return
    const key = `${epoch} ${view.id}`
    const goesOn = key === this.#key && !view.whole
    this.#key = key
    this.#view = view
    if (!goesOn) this.#lines = view.lines
    else if (view.lines.length > 0) this.#lines = this.#lines.concat(view.lines)
    if (!goesOn) this.#cut = false
    if (this.#lines.length > linesKept) {
      this.#lines = this.#lines.slice(-linesKept)
      this.#cut = true
    }
  }
}
