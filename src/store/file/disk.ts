/**
 * @module The disk as the journal sees it: a few operations, each of which may fail at any time.
 * Everything a file store does to files goes through here, so that faults can be simulated.
 */
import type { FileSystem } from './file-system.ts'

/** What a path or an open file is. */
export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  readonly size: number
  readonly ino: number
  readonly dev: number
  readonly nlink: number
  readonly mode: number
  readonly uid: number
  readonly mtimeMs: number
}

/** An open file. */
export type FileHandle = number

/**
 * The operations on files. They throw what the system throws: errors with a `code` such as `ENOSPC`.
 * All but the two syncs are done when they return.
 */
export interface Disk {
  /** Makes a new file to append to and to read (0600). Throws EEXIST when there is one. */
  create(path: string): FileHandle
  /** Opens a regular file to append to and to read, never through a symbolic link; undefined when there is none. */
  openAppend(path: string): FileHandle | undefined
  /** Opens a regular file to read, never through a symbolic link; undefined when there is none. */
  openRead(path: string): FileHandle | undefined
  close(file: FileHandle): void
  /** Reads up to the length of `into` from `position`; 0 at the end of the file. */
  read(file: FileHandle, into: Uint8Array, position: number): number
  /** One write at the end. That it returns proves nothing: read back what counts. */
  append(file: FileHandle, bytes: Uint8Array): void
  stat(file: FileHandle): FileStat
  /** What stands at a path, links not followed; undefined when nothing does. */
  lstat(path: string): FileStat | undefined
  /** Forces what was written to the file to the medium. */
  sync(file: FileHandle): Promise<void>
  /** Forces the entries of a folder to the medium. */
  syncFolder(path: string): Promise<void>
  /** The names in a folder, in no order; none when there is no folder. */
  list(path: string): string[]
  /** Gives a file a second name. False when that name is taken. */
  link(from: string, to: string): boolean
  /** Moves a file over whatever has that name. */
  rename(from: string, to: string): void
  /** Takes a name away. False when there is none. */
  remove(path: string): boolean
  /** Makes a folder (0700) and those above it that are missing. */
  makeFolder(path: string): void
  /** Sets the time at which a file changed, in epoch ms. */
  touch(path: string, at: number): void
  /** The path without symbolic links. @default the path itself */
  realpath?(path: string): string
  /** What a folder stands on. @default local */
  fileSystem?(path: string): Promise<FileSystem>
}
