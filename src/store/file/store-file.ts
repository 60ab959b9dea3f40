/** @module `store.json`: which store a folder holds, and in which format. */
import { join } from 'node:path'
import { StoreError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { Disk } from './disk.ts'
import { type Layout, numbersIn } from './layout.ts'
import { publish, replace } from './publish.ts'

/** What `store.json` says. */
interface Identity {
  readonly format: number
  readonly storeId: string
  /** The inode of the folder for which it was written. A copy has another; devices are numbered anew at each start. */
  readonly folder?: number
}

/** The format of the folder that this version writes and reads. */
export const folderFormat = 1

const largestFile = 64 * 1024
const idForm = /^[A-Za-z0-9][A-Za-z0-9_@.-]{0,79}$/

export interface IdentifyOptions {
  readonly readOnly?: boolean
  readonly random?: Random
  storeId(): string
  warn(message: string): void
}

/**
 * Reads the id of a store, and gives one to a new store. Of several processes that do so at once, one wins.
 *
 * @returns Undefined when there is none and none may be given.
 * @throws {StoreError} STORE for a `store.json` that is damaged, missing from a store, foreign, or of a newer version.
 */
export async function identify(
  disk: Disk,
  layout: Layout,
  uid: number | undefined,
  options: IdentifyOptions,
): Promise<string | undefined> {
  const path = join(layout.root, 'store.json')
  const folder = disk.lstat(layout.root)?.ino ?? 0
  let identity = await read(disk, layout, path, uid)
  if (identity === undefined) {
    if (numbersIn(disk, layout.journal).length > 0) throw missing(path)
    if (options.readOnly) return undefined
    await publish(disk, path, encode({ format: folderFormat, storeId: options.storeId(), folder }), options.random)
    identity = await read(disk, layout, path, uid)
    if (identity === undefined) throw missing(path)
  }
  if (identity.folder === undefined || identity.folder === folder) return identity.storeId
  options.warn(
    `${layout.root} is a copy of a store, or was moved here from another disk; both have the id ${identity.storeId}: use one of them only`,
  )
  if (!options.readOnly) await replace(disk, path, encode({ ...identity, folder }), options.random)
  return identity.storeId
}

async function read(disk: Disk, layout: Layout, path: string, uid: number | undefined): Promise<Identity | undefined> {
  const file = disk.openRead(path)
  if (file === undefined) return undefined
  try {
    const stat = disk.stat(file)
    if (uid !== undefined && stat.uid !== uid)
      throw new StoreError('STORE', `${path} belongs to user ${stat.uid}, but this process runs as user ${uid}`)
    if (stat.size > largestFile) throw damaged(path, `it has ${stat.size} bytes`)
    const bytes = Buffer.alloc(stat.size)
    const size = disk.read(file, bytes, 0)
    const identity = parse(path, bytes.toString('utf8', 0, size))
    // its maker may not have come so far yet; what is built on it must not be lost without it
    if (stat.nlink > 1) await disk.syncFolder(layout.root)
    return identity
  } finally {
    disk.close(file)
  }
}

function parse(path: string, text: string): Identity {
  const { format, storeId, folder, ...rest } = parseObject(path, text)
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) throw damaged(path, 'it names no format')
  if (format > folderFormat)
    throw new StoreError(
      'STORE',
      `${path} has format ${format}, and this version of Offstage knows ${folderFormat}; use a newer version`,
    )
  if (typeof storeId !== 'string' || !idForm.test(storeId)) throw damaged(path, 'it names no store')
  return { ...rest, format, storeId, ...(typeof folder === 'number' && { folder }) }
}

function parseObject(path: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch (error) {
    throw damaged(path, 'it is not JSON', error)
  }
  throw damaged(path, 'it is not an object')
}

function damaged(path: string, how: string, cause?: unknown): StoreError {
  return new StoreError('STORE', `${path} is damaged: ${how}; put it back from a backup`, { cause })
}

function missing(path: string): StoreError {
  return new StoreError('STORE', `${path} is missing, though there is a journal; put it back from a backup`)
}

function encode(identity: Identity): Buffer {
  return Buffer.from(`${JSON.stringify(identity)}\n`)
}
