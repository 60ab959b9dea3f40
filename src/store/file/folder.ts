/** @module The folder of a store: made if it is missing, and judged before anything in it is trusted. */
import { dirname, resolve } from 'node:path'
import { OffstageError, StoreError } from '../../errors.ts'
import type { Random } from '../../random.ts'
import type { Disk, FileStat } from './disk.ts'
import type { FileSystem } from './file-system.ts'
import { Layout } from './layout.ts'
import { probe } from './probe.ts'
import { identify } from './store-file.ts'

/** What a folder is opened with. */
export interface FolderOptions {
  /** Opens folders on file systems that are not safe to share, too. @default false */
  readonly force?: boolean
  /** Neither makes nor writes anything. @default false */
  readonly readOnly?: boolean
  /** Tells what a path stands on. `@default` the disk does */
  readonly fileSystem?: (path: string) => Promise<FileSystem>
  /** Whose the folder must be. `@default` this process' user; where there are none, anybody's will do */
  readonly uid?: number
  /** Where the names of temporary files come from. `@default` the machine */
  readonly random?: Random
  /** A fresh id, should this be a new store. */
  storeId(): string
  warn(message: string): void
}

/** A folder that may be trusted. */
export interface StoreFolder {
  /** The way to it, without links. */
  readonly path: string
  readonly storeId: string
}

const writableByOthers = 0o022
const plainPath = /^[\w@%+=:,./-]+$/

/**
 * Opens the folder of a store, and makes it if it is missing.
 *
 * @throws {StoreError} STORE when there is none and none may be made, when it may not be trusted, cannot be written or
 *   is of a newer version; STORE_FULL when there is no room to make it.
 */
export async function openFolder(disk: Disk, dir: string, options: FolderOptions): Promise<StoreFolder> {
  const given = resolve(dir)
  try {
    return await open(disk, given, options)
  } catch (error) {
    throw OffstageError.is(error) ? error : failure(given, options.readOnly === true, error)
  }
}

async function open(disk: Disk, given: string, options: FolderOptions): Promise<StoreFolder> {
  const { uid = process.geteuid?.(), readOnly = false } = options
  const found = disk.lstat(given)
  if (found === undefined && readOnly) throw noStore(given)
  if (found !== undefined) judge(given, found, uid)
  await judgeFileSystem(disk, found === undefined ? lowestFolder(disk, given) : given, options)
  if (found === undefined) await makeFolder(disk, given)

  const path = disk.realpath?.(given) ?? given
  const layout = new Layout(path)
  let isMade = false
  for (const folder of [layout.journal, layout.snapshots, layout.logs, layout.workers, layout.blobs]) {
    const stat = disk.lstat(folder)
    if (stat !== undefined) judge(folder, stat, uid)
    else if (!readOnly) {
      disk.makeFolder(folder)
      isMade = true
    }
  }
  if (isMade) {
    if (found !== undefined) await syncAbove(disk, path)
    await disk.syncFolder(path)
  }
  if (!readOnly) probe(disk, path, options)
  const storeId = await identify(disk, layout, uid, options)
  if (storeId === undefined) throw noStore(given)
  return { path, storeId }
}

function judge(path: string, { kind, uid, mode }: FileStat, user: number | undefined): void {
  if (kind === 'link') throw refusal(path, 'is a symbolic link; name the folder that it leads to')
  if (kind !== 'folder') throw refusal(path, 'is not a folder')
  // modes and owners mean nothing where there are no users
  if (user === undefined) return
  if (uid !== user)
    throw refusal(path, `belongs to user ${uid}, but this process runs as user ${user}; run it as the folder's owner`)
  if ((mode & writableByOthers) !== 0)
    throw refusal(path, `can be written by other users; take that away with: chmod go-w ${quote(path)}`)
}

async function judgeFileSystem(disk: Disk, path: string, options: FolderOptions): Promise<void> {
  const { name, kind } = (await (options.fileSystem?.(path) ?? disk.fileSystem?.(path))) ?? { name: '', kind: 'local' }
  if (kind === 'memory')
    options.warn(`${path} is on ${name}, in memory: a store there is gone when the machine is switched off`)
  if ((kind === 'network' || kind === 'user-space') && options.force !== true)
    throw refusal(
      path,
      `is on ${name}, where what several processes append may be lost; keep the store on a local disk, or open it with force: true and from one process only`,
    )
}

/** The first folder above a path that is there. */
function lowestFolder(disk: Disk, path: string): string {
  const above = dirname(path)
  return above === path || disk.lstat(above) !== undefined ? above : lowestFolder(disk, above)
}

/** With all folders above it, their names on the medium. */
async function makeFolder(disk: Disk, path: string): Promise<void> {
  const top = lowestFolder(disk, path)
  disk.makeFolder(path)
  for (let made = path; made !== top; made = dirname(made)) await disk.syncFolder(dirname(made))
}

/** Another process may have made the folder just now, and not have come so far. */
async function syncAbove(disk: Disk, path: string): Promise<void> {
  try {
    await disk.syncFolder(dirname(path))
  } catch (error) {
    // somebody made it for this user, where this user may not look
    if (codeOf(error) !== 'EACCES') throw error
  }
}

function noStore(path: string): StoreError {
  return new StoreError('STORE', `there is no store at ${path}; \`offstage init\` or the first submit makes one`)
}

function refusal(path: string, why: string): StoreError {
  return new StoreError('STORE', `${path} ${why}`)
}

/** What the system says, in words. */
function failure(path: string, readOnly: boolean, cause: unknown): StoreError {
  const code = codeOf(cause)
  if (['ENOSPC', 'EDQUOT'].includes(code))
    return new StoreError('STORE_FULL', `there is no room for a store at ${path} (${code})`, { cause })
  if (!readOnly && ['EACCES', 'EPERM', 'EROFS'].includes(code))
    return new StoreError(
      'STORE',
      `the store at ${path} cannot be written (${code}); to look at it only, open it with readOnly: true`,
      { cause },
    )
  return new StoreError('STORE', `the store at ${path} cannot be opened (${code})`, { cause })
}

function quote(path: string): string {
  return plainPath.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
