/** @module One process' view of a simulated disk: it counts its operations, fails when told, and can be killed. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { Disk, FileHandle, FileStat } from '../store/file/disk.ts'
import type { FileSystem } from '../store/file/file-system.ts'
import { type DiskState, systemError } from './disk-state.ts'
import { type DueFault, type Fault, type FaultOptions, Faults, type Operation } from './faults.ts'
import type { MemoryFile, MemoryNode } from './power-cut.ts'

/** What the processes of a disk share. */
export interface Shared {
  readonly state: DiskState
  readonly random: Random
  readonly uid: number
  /** What hits any process. */
  readonly faults: Faults
  handles: number
  /** Raised by a crash: syncs that were under way then have not happened. */
  crashes: number
}

interface OpenFile {
  readonly file: MemoryFile
  readonly mayAppend: boolean
}

/** The disk as one process sees it. Faults that are set here hit that process alone. */
export class FaultyProcess implements Disk {
  protected readonly shared: Shared
  protected alive = true
  readonly #faults: Faults
  readonly #open = new Map<FileHandle, OpenFile>()

  constructor(shared: Shared, faults = new Faults()) {
    this.shared = shared
    this.#faults = faults
  }

  /** How many operations there were; closing is none. */
  get operations(): number {
    return this.#faults.operations
  }

  /** How many files are open. */
  get openFiles(): number {
    return this.#open.size
  }

  /**
   * Lets an operation fail: the nth from now on, or the first after it that can fail so (only appends can be short).
   * It replaces a fault that was set before.
   */
  failAt(n: number, fault: Fault, options?: FaultOptions): void {
    this.#faults.failAt(n, fault, options)
  }

  /** Kills the process that is about to do the nth operation from now on. An append may be torn. */
  killAt(n: number): void {
    this.#faults.killAt(n)
  }

  /** Nothing fails any more. */
  heal(): void {
    this.#faults.heal()
  }

  /** As SIGKILL does: its files are closed, and whatever it tries from now on throws `KILLED`. */
  kill(): void {
    this.alive = false
    for (const { file } of this.#open.values()) this.shared.state.released(file)
    this.#open.clear()
  }

  create(path: string): FileHandle {
    this.#begin('create', path)
    return this.#opened(this.shared.state.create(path), true)
  }

  openAppend(path: string): FileHandle | undefined {
    this.#begin('openAppend', path)
    const file = this.shared.state.file(path)
    return file && this.#opened(file, true)
  }

  openRead(path: string): FileHandle | undefined {
    this.#begin('openRead', path)
    const file = this.shared.state.file(path)
    return file && this.#opened(file, false)
  }

  close(handle: FileHandle): void {
    if (!this.alive) return
    const { file } = this.#get(handle, 'close')
    this.#open.delete(handle)
    this.shared.state.released(file)
  }

  read(handle: FileHandle, into: Uint8Array, position: number): number {
    this.#begin('read')
    const { file } = this.#get(handle, 'read')
    const end = Math.min(file.size, position + into.length)
    if (end <= position) return 0
    into.set(file.data.subarray(position, end))
    return end - position
  }

  append(handle: FileHandle, bytes: Uint8Array): void {
    this.#checkAlive()
    const { file, mayAppend } = this.#get(handle, 'write')
    if (!mayAppend) throw systemError('EBADF', 'write')
    const due = this.#due('append')
    if (due !== undefined) return this.#appendPart(file, bytes, due)
    this.shared.state.append(file, bytes)
  }

  stat(handle: FileHandle): FileStat {
    this.#begin('stat')
    return this.#describe(this.#get(handle, 'fstat').file)
  }

  lstat(path: string): FileStat | undefined {
    this.#begin('lstat', path)
    const node = this.shared.state.find(path)
    return node && this.#describe(node)
  }

  async sync(handle: FileHandle): Promise<void> {
    this.#checkAlive()
    const { crashes } = this.shared
    const { file } = this.#get(handle, 'fdatasync')
    const { size } = file
    const due = this.#due('sync')
    await turn()
    this.#checkAlive()
    if (due === 'kill' || crashes !== this.shared.crashes) throw killed()
    if (due !== undefined) {
      // the system has dropped what it could not write, and takes it for written from now on
      if (size > file.synced) file.lost.push([file.synced, size])
      throw systemError(due.fault, 'fdatasync')
    }
    file.synced = Math.max(file.synced, size)
  }

  async syncFolder(path: string): Promise<void> {
    this.#begin('syncFolder', path)
    const { crashes, state } = this.shared
    const folder = state.folder(path, 'fsync')
    const entries = new Map(folder.entries)
    await turn()
    this.#checkAlive()
    if (crashes !== this.shared.crashes) throw killed()
    folder.synced = entries
  }

  list(path: string): string[] {
    this.#begin('list', path)
    if (this.shared.state.find(path) === undefined) return []
    return [...this.shared.state.folder(path, 'scandir').entries.keys()]
  }

  link(from: string, to: string): boolean {
    this.#begin('link', from)
    return this.shared.state.link(from, to)
  }

  rename(from: string, to: string): void {
    this.#begin('rename', from)
    this.shared.state.rename(from, to)
  }

  remove(path: string): boolean {
    this.#begin('remove', path)
    return this.shared.state.remove(path)
  }

  makeFolder(path: string): void {
    this.#begin('makeFolder', path)
    this.shared.state.makeFolder(path)
  }

  touch(path: string, at: number): void {
    this.#begin('touch', path)
    const node = this.shared.state.find(path)
    if (node === undefined) throw systemError('ENOENT', 'utime', path)
    node.mtimeMs = at
  }

  realpath(path: string): string {
    this.#begin('realpath', path)
    if (this.shared.state.find(path) === undefined) throw systemError('ENOENT', 'realpath', path)
    return path
  }

  async fileSystem(): Promise<FileSystem> {
    return { name: 'simulated', kind: 'local' }
  }

  #appendPart(file: MemoryFile, bytes: Uint8Array, due: DueFault | 'kill'): void {
    const { state, random } = this.shared
    const fault = due === 'kill' ? due : due.fault
    const part = fault === 'EROFS' ? 0 : Math.floor(random.next() * bytes.length)
    state.append(file, bytes.subarray(0, part))
    if (due === 'kill') throw killed()
    if (fault === 'split') {
      due.between()
      this.#checkAlive()
      state.append(file, bytes.subarray(part))
    } else if (fault !== 'short') throw systemError(fault, 'write')
  }

  #opened(file: MemoryFile, mayAppend: boolean): FileHandle {
    file.handles += 1
    this.shared.handles += 1
    this.#open.set(this.shared.handles, { file, mayAppend })
    return this.shared.handles
  }

  #get(handle: FileHandle, operation: string): OpenFile {
    const open = this.#open.get(handle)
    if (open === undefined) throw systemError('EBADF', operation)
    return open
  }

  #begin(operation: Operation, path?: string): void {
    this.#checkAlive()
    const due = this.#due(operation)
    if (due === 'kill') throw killed()
    if (due !== undefined) throw systemError(due.fault, operation, path)
  }

  #due(operation: Operation): DueFault | 'kill' | undefined {
    const own = this.#faults.next(operation)
    const all = this.#faults === this.shared.faults ? undefined : this.shared.faults.next(operation)
    const due = own === 'kill' || all === 'kill' ? 'kill' : (own ?? all)
    if (due === 'kill') this.kill()
    return due
  }

  #checkAlive(): void {
    if (!this.alive) throw killed()
  }

  #describe(node: MemoryNode): FileStat {
    const { kind, ino, mode, mtimeMs } = node
    const { size, nlink } = node.kind === 'file' ? node : { size: 0, nlink: 2 }
    return { kind, size, ino, dev: 1, nlink, mode, uid: this.shared.uid, mtimeMs }
  }
}

const killed = (): Error => systemError('KILLED', 'the simulated process is dead')
