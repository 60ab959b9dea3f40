/** @module Somebody who looks at a view: what was sent, and whether there is anything new. */
import type { Frame, Position, Query } from './protocol.ts'

/** What the viewer of a task has got. */
export interface Sent {
  readonly happening: Position
  readonly line: number
}

const cursorForm = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})(?:\.(\d{1,15}))?$/

export class Viewer {
  readonly query: Query
  readonly #listener: (frame: Frame) => void
  /** The recording and the version of what was shown last. */
  #shown: { readonly epoch: string; readonly version: number } | undefined
  #sent: (Sent & { readonly epoch: string }) | undefined
  #busy = false
  #closed = false

  constructor(query: Query, listener: (frame: Frame) => void, seen?: string) {
    this.query = query
    this.#listener = listener
    const [, epoch, n, line] = cursorForm.exec(seen ?? '') ?? []
    if (epoch !== undefined && line !== undefined) this.#sent = { epoch, happening: Number(n), line: Number(line) }
  }

  /** Whether there is something new for it, and it is not being told. The past does not change. */
  wants(epoch: string, version: number): boolean {
    if (this.#busy || this.#closed) return false
    const shown = this.#shown
    if (shown === undefined || shown.epoch !== epoch) return true
    return this.query.at === undefined && shown.version !== version
  }

  begin(epoch: string, version: number): void {
    this.#busy = true
    this.#shown = { epoch, version }
  }

  /** @param frame Undefined: it could not be made. */
  end(frame: Frame | undefined): void {
    this.#busy = false
    if (frame === undefined || this.#closed) return
    const [, epoch, n, line] = cursorForm.exec(frame.cursor) ?? []
    if (epoch !== undefined && line !== undefined) this.#sent = { epoch, happening: Number(n), line: Number(line) }
    this.#listener(frame)
  }

  /** What it has got of the recording; positions of another one mean nothing. */
  sentOf(epoch: string): Sent | undefined {
    return this.#sent?.epoch === epoch && this.query.at === undefined ? this.#sent : undefined
  }

  close(): void {
    this.#closed = true
  }
}
