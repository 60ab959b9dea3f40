/** @module The file of one task's log: read on, appended to, and shortened; nothing here is synced. */
import { dirname, join } from 'node:path'
import { type StreamEntry, streamKept } from '../store.ts'
import type { Disk, FileHandle } from './disk.ts'
import { FrameReader, frames } from './frame.ts'
import { readLogLine } from './log-line.ts'
import { temporaryName } from './publish.ts'

const mostOpen = 64
const piece = 64 * 1024

/** Files that are open for appending, at most 64: the one that was used longest ago is closed first. */
export class OpenFiles {
  readonly disk: Disk
  /** One for all, since nothing is kept in it. */
  readonly buffer = Buffer.allocUnsafe(piece)
  readonly #handles = new Map<string, FileHandle>()

  constructor(disk: Disk) {
    this.disk = disk
  }

  get paths(): string[] {
    return [...this.#handles.keys()]
  }

  get(path: string): FileHandle | undefined {
    return this.#handles.get(path)
  }

  /** Opens or makes a file, and notes that it is used. */
  use(path: string): FileHandle {
    const file = this.#handles.get(path) ?? this.disk.openAppend(path) ?? this.#make(path)
    this.#handles.delete(path)
    this.#handles.set(path, file)
    if (this.#handles.size > mostOpen) this.close(this.#handles.keys().next().value ?? path)
    return file
  }

  close(path: string): void {
    const file = this.#handles.get(path)
    if (file === undefined) return
    this.#handles.delete(path)
    this.disk.close(file)
  }

  #make(path: string): FileHandle {
    try {
      return this.disk.create(path)
    } catch (error) {
      // another process may have been faster
      const file = this.disk.openAppend(path)
      if (file === undefined) throw error
      return file
    }
  }
}

/** What a process knows of the file of one task. */
export class LogFile {
  readonly path: string
  /** The number of the newest entry, here or on the way here. */
  n = 0
  readonly #files: OpenFiles
  /** The file that was read; undefined = none. */
  #ino: number | undefined = undefined
  #reader = new FrameReader()
  #held = 0
  /** Lines that were appended and not seen in the file yet. */
  readonly #sent = new Set<string>()

  constructor(files: OpenFiles, path: string) {
    this.#files = files
    this.path = path
  }

  /** Reads what has come since, and tells of the entries of other processes. */
  readOn(foreign: (entry: StreamEntry) => void): void {
    const { disk } = this.#files
    const found = disk.lstat(this.path)
    if (found?.ino !== this.#ino || (found?.size ?? 0) < this.#reader.next) this.#startOver()
    if (found === undefined || found.size === this.#reader.next) return
    // in a file that took the place of another, the older entries are known
    const after = this.#reader.position === 0 ? this.n : 0
    const open = this.#files.get(this.path)
    const file = open ?? disk.openRead(this.path)
    if (file === undefined) return
    try {
      this.#ino = disk.stat(file).ino
      this.#pump(file, this.#reader, (json) => {
        this.#held += 1
        const entry = readLogLine(json)
        if (entry === undefined || this.#sent.delete(json)) return
        if (entry.n > after) foreign(entry)
        this.n = Math.max(this.n, entry.n)
      })
    } finally {
      if (open === undefined) disk.close(file)
    }
  }

  /** Appends lines by one write, and sees to it that the file stays bounded. */
  append(texts: readonly string[], foreign: (entry: StreamEntry) => void): void {
    const { disk } = this.#files
    this.readOn(foreign)
    this.#sent.clear()
    for (const text of texts) this.#sent.add(text)
    const bytes = frames(texts)
    const file = this.#files.use(this.path)
    this.#ino ??= disk.stat(file).ino
    disk.append(file, bytes)
    if (this.#reader.unfinished === 0 && disk.stat(file).size === this.#reader.next + bytes.length) {
      // nothing came between: no need to read it
      this.#reader.advance(bytes.length)
      this.#held += texts.length
      this.#sent.clear()
    } else this.readOn(foreign)
    if (this.#sent.size > 0) throw new Error(`${this.#sent.size} of ${texts.length} lines did not get into the file`)
    if (this.#held >= 2 * streamKept) this.#shorten(foreign)
  }

  /** The JSON texts of all whole lines. */
  lines(): string[] {
    const lines: string[] = []
    const file = this.#files.disk.openRead(this.path)
    if (file === undefined) return lines
    try {
      this.#pump(file, new FrameReader(), (json) => lines.push(json))
    } finally {
      this.#files.disk.close(file)
    }
    return lines
  }

  /** Puts a file with the newest entries in the place of one that has grown too long. */
  #shorten(foreign: (entry: StreamEntry) => void): void {
    const { disk } = this.#files
    const all = this.lines()
    const bytes = frames(all.slice(-streamKept))
    // not by `replace`: a log is never synced
    const temporary = join(dirname(this.path), temporaryName())
    const file = disk.create(temporary)
    try {
      disk.append(file, bytes)
      const { ino, size } = disk.stat(file)
      disk.rename(temporary, this.path)
      // without foreign lines among them all are known, and need not be read again
      if (all.length === this.#held && size === bytes.length) this.#startOver(ino, size, streamKept)
    } catch (error) {
      disk.remove(temporary)
      throw error
    } finally {
      disk.close(file)
    }
    this.readOn(foreign)
  }

  #startOver(ino?: number, position = 0, held = 0): void {
    this.#files.close(this.path)
    this.#ino = ino
    this.#reader = new FrameReader(position)
    this.#held = held
  }

  #pump(file: FileHandle, reader: FrameReader, each: (json: string) => void): void {
    const { disk, buffer } = this.#files
    for (;;) {
      const read = disk.read(file, buffer, reader.next)
      if (read === 0) return
      reader.push(buffer.subarray(0, read), (json) => {
        each(json)
        return true
      })
    }
  }
}
