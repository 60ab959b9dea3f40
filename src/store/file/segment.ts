/** @module One file of the journal, as a reader that goes on and on. */
import type { Disk, FileHandle } from './disk.ts'
import { FrameReader } from './frame.ts'

/** How much is read at a time: what it takes to fold it must not hold up the event loop. */
const pieceBytes = 128 * 1024

/** What a line of a segment says, before it is judged. */
export interface Line {
  /** The id of the event: the same when it was appended twice. */
  readonly e?: string
  readonly type?: unknown
}

/** A segment that is open. */
export class Segment {
  readonly n: number
  readonly file: FileHandle
  readonly frames = new FrameReader()
  /** A seal was read: nothing behind it counts. */
  sealed = false
  /** How many whole lines were read. */
  events = 0
  readonly #disk: Disk
  readonly #scratch = Buffer.allocUnsafe(pieceBytes)

  constructor(disk: Disk, n: number, file: FileHandle) {
    this.#disk = disk
    this.n = n
    this.file = file
  }

  /** Reads the next piece up to a seal. False when there is no more for now. */
  read(each: (line: Line) => void): boolean {
    if (this.sealed) return false
    const bytes = this.#disk.read(this.file, this.#scratch, this.frames.next)
    if (bytes === 0) return false
    this.frames.push(this.#scratch.subarray(0, bytes), (json) => {
      this.events += 1
      const line = parse(json)
      if (line === undefined) this.frames.damaged += 1
      else if (line.type === 'seal') this.sealed = true
      else each(line)
      return !this.sealed
    })
    return !this.sealed
  }

  /** Whether these bytes, and nothing foreign before them, are what comes next. Then they are skipped: they are known. */
  isNext(bytes: Buffer, lines: number): boolean {
    if (this.sealed || this.frames.unfinished > 0) return false
    const into = bytes.length <= this.#scratch.length ? this.#scratch : Buffer.allocUnsafe(bytes.length)
    const view = into.subarray(0, bytes.length)
    const read = this.#disk.read(this.file, view, this.frames.position)
    if (read !== bytes.length || !view.equals(bytes)) return false
    this.frames.advance(bytes.length)
    this.events += lines
    return true
  }

  close(): void {
    this.#disk.close(this.file)
  }
}

function parse(json: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
