/** @module Files and folders in memory, as POSIX has them. */
import { StoreError } from '../errors.ts'
import type { Random } from '../random.ts'
import { cutPower, type MemoryFile, type MemoryFolder, type MemoryNode } from './power-cut.ts'

const fileMode = 0o100600
const folderMode = 0o40700

/** An error as the system throws it. */
export function systemError(code: string, operation: string, path = ''): Error {
  const message = `${code}: ${operation}${path === '' ? '' : ` '${path}'`}`
  return Object.assign(new Error(message), { code, syscall: operation, path })
}

export class DiskState {
  /** How many bytes fit. */
  space = Number.POSITIVE_INFINITY
  #used = 0
  #inodes = 1
  readonly #now: () => number
  readonly #root: MemoryFolder

  constructor(now: () => number) {
    this.#now = now
    this.#root = this.#folder()
  }

  /** What stands at a path; undefined when nothing does. */
  find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.#root
    for (const name of namesOf(path)) node = node?.kind === 'folder' ? node.entries.get(name) : undefined
    return node
  }

  /** A regular file, to be opened. */
  file(path: string): MemoryFile | undefined {
    const node = this.find(path)
    if (node === undefined) this.#parent(path, 'open', true)
    if (node?.kind !== 'folder') return node
    throw new StoreError('STORE', `${path} is a folder; a store opens regular files only`)
  }

  folder(path: string, operation: string): MemoryFolder {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', operation, path)
    if (node.kind === 'file') throw systemError('ENOTDIR', operation, path)
    return node
  }

  create(path: string): MemoryFile {
    const { folder, name } = this.#place(path, 'open')
    if (folder.entries.has(name)) throw systemError('EEXIST', 'open', path)
    const file: MemoryFile = {
      kind: 'file',
      ino: this.#inodes++,
      mode: fileMode,
      data: Buffer.alloc(0),
      size: 0,
      synced: 0,
      lost: [],
      nlink: 1,
      handles: 0,
      mtimeMs: this.#now(),
    }
    this.#enter(folder, name, file)
    return file
  }

  /** Writes what fits. @throws ENOSPC when that is not all. */
  append(file: MemoryFile, bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, Math.max(0, this.space - this.#used))
    const size = file.size + fitting.length
    if (size > file.data.length) {
      const data = Buffer.alloc(Math.max(size, file.data.length * 2, 256))
      file.data.copy(data, 0, 0, file.size)
      file.data = data
    }
    file.data.set(fitting, file.size)
    file.size = size
    file.mtimeMs = this.#now()
    this.#used += fitting.length
    if (fitting.length < bytes.length) throw systemError('ENOSPC', 'write')
  }

  link(from: string, to: string): boolean {
    const node = this.#existing(from, 'link')
    if (node.kind === 'folder') throw systemError('EPERM', 'link', from)
    const { folder, name } = this.#place(to, 'link')
    if (folder.entries.has(name)) return false
    node.nlink += 1
    this.#enter(folder, name, node)
    return true
  }

  rename(from: string, to: string): void {
    const node = this.#existing(from, 'rename')
    const there = this.find(to)
    // two names of one file: the system leaves both
    if (node === there) return
    if (there?.kind === 'folder' || node.kind === 'folder') throw systemError('EISDIR', 'rename', to)
    const { folder, name } = this.#place(to, 'rename')
    if (there !== undefined) this.#unlink(there)
    this.#enter(folder, name, node)
    const old = this.#place(from, 'rename')
    old.folder.entries.delete(old.name)
  }

  remove(path: string): boolean {
    const { folder, name } = this.#parent(path, 'unlink', true) ?? {}
    const node = name === undefined ? undefined : folder?.entries.get(name)
    if (folder === undefined || name === undefined || node === undefined) return false
    if (node.kind === 'folder') throw systemError('EISDIR', 'unlink', path)
    folder.entries.delete(name)
    folder.mtimeMs = this.#now()
    this.#unlink(node)
    return true
  }

  makeFolder(path: string): void {
    let folder = this.#root
    for (const name of namesOf(path)) {
      const next = folder.entries.get(name) ?? this.#folder()
      if (next.kind === 'file') throw systemError('EEXIST', 'mkdir', path)
      if (!folder.entries.has(name)) this.#enter(folder, name, next)
      folder = next
    }
  }

  /** Replaces a file, or makes it with the folders above it, all of it on the medium. */
  put(path: string, data: Buffer): void {
    const names = namesOf(path)
    let folder = this.#root
    this.makeFolder(names.slice(0, -1).join('/'))
    for (const name of names.slice(0, -1)) {
      const next = folder.entries.get(name) as MemoryFolder
      folder.synced.set(name, next)
      folder = next
    }
    this.remove(path)
    const file = this.create(path)
    this.append(file, data)
    file.synced = file.size
    folder.synced.set(names.at(-1) ?? '', file)
  }

  /** Nobody holds the file open any more. */
  released(file: MemoryFile): void {
    file.handles -= 1
    this.#free(file)
  }

  /** The power fails. @param random Says how much is left of what was not synced; without it, nothing. */
  crash(random: Random | undefined): void {
    this.#used = 0
    for (const file of cutPower(this.#root, random)) this.#used += file.size
  }

  #folder(): MemoryFolder {
    const entries = { entries: new Map(), synced: new Map() }
    return { kind: 'folder', ino: this.#inodes++, mode: folderMode, ...entries, mtimeMs: this.#now() }
  }

  #enter(folder: MemoryFolder, name: string, node: MemoryNode): void {
    folder.entries.set(name, node)
    folder.mtimeMs = this.#now()
  }

  #unlink(file: MemoryFile): void {
    file.nlink -= 1
    this.#free(file)
  }

  #free(file: MemoryFile): void {
    if (file.nlink === 0 && file.handles === 0) this.#used -= file.size
  }

  #existing(path: string, operation: string): MemoryNode {
    const node = this.find(path)
    if (node === undefined) throw systemError('ENOENT', operation, path)
    return node
  }

  #place(path: string, operation: string): { folder: MemoryFolder; name: string } {
    const place = this.#parent(path, operation, false)
    if (place === undefined) throw systemError('ENOENT', operation, path)
    return place
  }

  /** The folder of a path; undefined when it is missing. @throws ENOTDIR when a file stands in its place. */
  #parent(path: string, operation: string, mayMiss: boolean): { folder: MemoryFolder; name: string } | undefined {
    const names = namesOf(path)
    const name = names.pop()
    if (name === undefined) throw systemError('EISDIR', operation, path)
    let node: MemoryNode | undefined = this.#root
    for (const each of names) {
      if (node?.kind === 'file') break
      node = node?.entries.get(each)
    }
    if (node?.kind === 'file') throw systemError('ENOTDIR', operation, path)
    if (node === undefined && !mayMiss) throw systemError('ENOENT', operation, path)
    return node && { folder: node, name }
  }
}

function namesOf(path: string): string[] {
  const names: string[] = []
  for (const name of path.split(/[\\/]/)) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}
