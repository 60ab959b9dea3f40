/** @module Whether a folder can do what a store needs of it, found out by doing it. */
import { join } from 'node:path'
import { StoreError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { Disk } from './disk.ts'
import { removeQuietly, temporaryName } from './publish.ts'

const sample = Buffer.from('\noffstage\n')

/**
 * Appends, reads back, links and renames a temporary file.
 *
 * @throws {StoreError} STORE, naming what the folder cannot do; otherwise what the disk throws.
 */
export function probe(disk: Disk, folder: string, options: { random?: Random; warn(message: string): void }): void {
  const path = join(folder, temporaryName(options.random))
  const other = join(folder, temporaryName(options.random))
  try {
    check(isAppended(disk, path), folder, 'appends cannot be read back')
    check(isLinked(disk, path, other), folder, 'a file cannot get a second name')
    disk.remove(path)
    disk.rename(other, path)
    check(disk.lstat(path) !== undefined && disk.lstat(other) === undefined, folder, 'files cannot be renamed')
    disk.remove(path)
  } catch (error) {
    removeQuietly(disk, path)
    removeQuietly(disk, other)
    if (!isFull(error)) throw error
    // whoever wants to make room must be able to open the store
    options.warn(`the disk of ${folder} is full: the store can be read, but not much can be recorded`)
  }
}

function isAppended(disk: Disk, path: string): boolean {
  const file = disk.create(path)
  try {
    disk.append(file, sample)
    disk.append(file, sample)
    const twice = Buffer.concat([sample, sample])
    const back = Buffer.alloc(twice.length + 1)
    return disk.read(file, back, 0) === twice.length && back.subarray(0, -1).equals(twice)
  } finally {
    disk.close(file)
  }
}

function isLinked(disk: Disk, path: string, other: string): boolean {
  try {
    return disk.link(path, other) && disk.lstat(other)?.ino === disk.lstat(path)?.ino
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(codeOf(error))) return false
    throw error
  }
}

function check(works: boolean, folder: string, otherwise: string): void {
  if (!works) throw new StoreError('STORE', `${folder} cannot hold a store: ${otherwise}; choose another disk`)
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(codeOf(error))
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
