/** @module The disk of the machine, through Node. */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsync,
  linkSync,
  lstatSync,
  lutimesSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { StoreError } from '../../errors.ts'
import type { Disk, FileHandle, FileStat } from './disk.ts'
import { type FileSystem, fileSystemOf } from './file-system.ts'

type FsExtra = Pick<typeof import('fs-extra'), 'ensureDirSync'>

const fileMode = 0o600
const folderMode = 0o700
const isWindows = process.platform === 'win32'
/** Never through a link, and never waiting for the other end of a FIFO. Windows has neither flag. */
const careful = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
const toAppend = constants.O_RDWR | constants.O_APPEND | careful
const toCreate = toAppend | constants.O_CREAT | constants.O_EXCL
const toRead = constants.O_RDONLY | careful
const folderToRead = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0)
/** A scanner may hold a file of Windows for a moment: how often it is tried again, and after how many ms. */
const renameTries = 10
const renamePause = 5

type Sync = (file: number, done: (error: Error | null) => void) => void
// an import of node:util makes Node 22 open stderr, and loading this library opens nothing
const promised =
  (sync: Sync) =>
  (file: number): Promise<void> =>
    new Promise((resolve, reject) => {
      sync(file, (error) => (error === null || error === undefined ? resolve() : reject(error)))
    })
const flush = promised(fdatasync)
const flushFolder = promised(fsync)

let fsExtra: FsExtra | undefined

/** The machine's files. */
export class NodeDisk implements Disk {
  create(path: string): FileHandle {
    return openSync(path, toCreate, fileMode)
  }

  openAppend(path: string): FileHandle | undefined {
    return openRegular(path, toAppend)
  }

  openRead(path: string): FileHandle | undefined {
    return openRegular(path, toRead)
  }

  close(file: FileHandle): void {
    closeSync(file)
  }

  read(file: FileHandle, into: Uint8Array, position: number): number {
    return readSync(file, into, 0, into.length, position)
  }

  append(file: FileHandle, bytes: Uint8Array): void {
    writeSync(file, bytes)
  }

  stat(file: FileHandle): FileStat {
    return describe(fstatSync(file))
  }

  lstat(path: string): FileStat | undefined {
    const stats = lstatSync(path, { throwIfNoEntry: false })
    return stats === undefined ? undefined : describe(stats)
  }

  sync(file: FileHandle): Promise<void> {
    return flush(file)
  }

  /** Windows has no such thing. */
  async syncFolder(path: string): Promise<void> {
    if (isWindows) return
    const folder = openSync(path, folderToRead)
    try {
      await flushFolder(folder)
    } finally {
      closeSync(folder)
    }
  }

  list(path: string): string[] {
    return unless('ENOENT', () => readdirSync(path)) ?? []
  }

  link(from: string, to: string): boolean {
    return succeeds(() => linkSync(from, to), 'EEXIST')
  }

  rename(from: string, to: string): void {
    if (isWindows) retryRename(() => renameSync(from, to))
    else renameSync(from, to)
  }

  remove(path: string): boolean {
    return succeeds(() => unlinkSync(path), 'ENOENT')
  }

  makeFolder(path: string): void {
    // it takes 24 ms to load, and most stores exist
    fsExtra ??= createRequire(import.meta.url)('fs-extra') as FsExtra
    fsExtra.ensureDirSync(path, folderMode)
  }

  touch(path: string, at: number): void {
    lutimesSync(path, at / 1_000, at / 1_000)
  }

  realpath(path: string): string {
    return realpathSync(path)
  }

  fileSystem(path: string): Promise<FileSystem> {
    return fileSystemOf(path)
  }
}

function openRegular(path: string, flags: number): FileHandle | undefined {
  if (constants.O_NOFOLLOW === undefined && lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink())
    throw irregular(path, 'a symbolic link')
  const file = unless('ENOENT', () => openChecked(path, flags))
  if (file === undefined) return undefined
  const { kind } = describe(fstatSync(file))
  if (kind === 'file') return file
  closeSync(file)
  throw irregular(path, kindNames[kind])
}

/** Some kinds are refused by the system itself, each in its own way. */
function openChecked(path: string, flags: number): FileHandle {
  try {
    return openSync(path, flags)
  } catch (error) {
    const what = refusals[codeOf(error)]
    throw what === undefined ? error : irregular(path, what, error)
  }
}

const refusals: Readonly<Record<string, string>> = {
  // O_NOFOLLOW on FreeBSD says EMLINK
  ELOOP: 'a symbolic link',
  EMLINK: 'a symbolic link',
  EISDIR: 'a folder',
  ENXIO: 'a socket or a device',
  ENODEV: 'a device',
}

const kindNames: Readonly<Record<FileStat['kind'], string>> = {
  file: 'a file',
  folder: 'a folder',
  link: 'a symbolic link',
  other: 'a FIFO, a socket or a device',
}

function irregular(path: string, what: string, cause?: unknown): StoreError {
  return new StoreError('STORE', `${path} is ${what}; a store opens regular files only`, { cause })
}

function describe(stats: Stats): FileStat {
  const { size, ino, dev, nlink, mode, uid, mtimeMs } = stats
  return { kind: kindOf(stats), size, ino, dev, nlink, mode, uid, mtimeMs }
}

function kindOf(stats: Stats): FileStat['kind'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'folder'
  return stats.isSymbolicLink() ? 'link' : 'other'
}

/** What the work gives, or undefined when it fails with this code. */
function unless<T>(code: string, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (codeOf(error) === code) return undefined
    throw error
  }
}

/** False when it fails with this code. */
function succeeds(work: () => void, code: string): boolean {
  const worked = unless(code, () => {
    work()
    return true
  })
  return worked ?? false
}

function retryRename(rename: () => void): void {
  for (let left = renameTries; ; left -= 1) {
    try {
      return rename()
    } catch (error) {
      if (left === 0 || !['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error))) throw error
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, renamePause)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
