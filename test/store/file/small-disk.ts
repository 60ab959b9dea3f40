/** @module A disk in memory that counts, and fails where a test says so. */
import { basename } from 'node:path'
import type { Disk, FileHandle, FileStat } from '../../../src/store/file/disk.ts'

interface File {
  readonly ino: number
  bytes: Buffer
  mtimeMs: number
}

export class SmallDisk implements Disk {
  readonly files = new Map<string, File>()
  readonly open = new Map<FileHandle, File>()
  /** The names of the operations so far, with the names of their files. */
  readonly done: string[] = []
  now = 1_000
  /** Throws to fail an operation. */
  fault: (operation: string, path: string) => void = () => undefined
  /** What is left of the bytes that are appended. */
  written: (bytes: Uint8Array) => Uint8Array = (bytes) => bytes
  #last = 0

  count(operation: string): number {
    return this.done.filter((each) => each.startsWith(`${operation} `)).length
  }

  text(path: string): string {
    return this.files.get(path)?.bytes.toString() ?? ''
  }

  put(path: string, text: string): void {
    this.#last += 1
    this.files.set(path, { ino: this.#last, bytes: Buffer.from(text), mtimeMs: this.now })
  }

  create(path: string): FileHandle {
    this.#do('create', path)
    if (this.files.has(path)) throw failure('EEXIST')
    this.put(path, '')
    return this.#opened(path) as FileHandle
  }

  openAppend(path: string): FileHandle | undefined {
    this.#do('openAppend', path)
    return this.#opened(path)
  }

  openRead(path: string): FileHandle | undefined {
    this.#do('openRead', path)
    return this.#opened(path)
  }

  close(file: FileHandle): void {
    if (!this.open.delete(file)) throw failure('EBADF')
  }

  read(file: FileHandle, into: Uint8Array, position: number): number {
    const { bytes } = this.#at(file)
    return bytes.copy(into, 0, position, position + into.length)
  }

  append(file: FileHandle, bytes: Uint8Array): void {
    const to = this.#at(file)
    this.#do('append', this.#pathOf(to))
    to.bytes = Buffer.concat([to.bytes, this.written(bytes)])
    to.mtimeMs = this.now
  }

  stat(file: FileHandle): FileStat {
    return this.#statOf(this.#at(file))
  }

  lstat(path: string): FileStat | undefined {
    const file = this.files.get(path)
    return file && this.#statOf(file)
  }

  async sync(file: FileHandle): Promise<void> {
    this.#do('sync', this.#pathOf(this.#at(file)))
  }

  async syncFolder(path: string): Promise<void> {
    this.#do('syncFolder', path)
  }

  list(path: string): string[] {
    return [...this.files.keys()].filter((each) => each === `${path}/${basename(each)}`).map((each) => basename(each))
  }

  link(): boolean {
    throw failure('ENOTSUP')
  }

  rename(from: string, to: string): void {
    this.#do('rename', to)
    const file = this.files.get(from)
    if (file === undefined) throw failure('ENOENT')
    this.files.delete(from)
    this.files.set(to, file)
  }

  remove(path: string): boolean {
    return this.files.delete(path)
  }

  makeFolder(path: string): void {
    this.#do('makeFolder', path)
  }

  touch(path: string, at: number): void {
    const file = this.files.get(path)
    if (file !== undefined) file.mtimeMs = at
  }

  #do(operation: string, path: string): void {
    this.fault(operation, path)
    this.done.push(`${operation} ${basename(path)}`)
  }

  #opened(path: string): FileHandle | undefined {
    const file = this.files.get(path)
    if (file === undefined) return undefined
    this.#last += 1
    this.open.set(this.#last, file)
    return this.#last
  }

  #at(file: FileHandle): File {
    const found = this.open.get(file)
    if (found === undefined) throw failure('EBADF')
    return found
  }

  #pathOf(file: File): string {
    for (const [path, each] of this.files) if (each === file) return path
    return '(removed)'
  }

  #statOf({ ino, bytes, mtimeMs }: File): FileStat {
    return { kind: 'file', size: bytes.length, ino, dev: 1, nlink: 1, mode: 0o600, uid: 0, mtimeMs }
  }
}

/** An error as the system throws it. */
export function failure(code: string): Error {
  return Object.assign(new Error(code), { code })
}
