/** @module Files that appear whole or not at all, whatever happens while they are written. */
import { dirname, join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { StoreError } from '../../errors.ts'
import { type Random, SystemRandom } from '../../random.ts'
import type { Disk } from './disk.ts'

const system = new SystemRandom()
const temporary = /^\.[0-9A-Za-z]+\.tmp$/

/** A name for a file that is being made beside others; {@link removeTemporary} knows it. */
export function temporaryName(random: Random = system): string {
  return `.${random.id()}.tmp`
}

/**
 * Makes a file that was not there, on the medium when it resolves. The first one wins. A file that is found with two
 * names may not be on the medium yet: its maker has not finished, or was killed.
 *
 * @param bytes All of them, or pieces between which others get a turn.
 * @returns False when the name is taken; then that one's name is on the medium.
 * @throws {StoreError} STORE when the disk did not keep all bytes; otherwise what the disk throws. No temporary is left.
 */
export async function publish(
  disk: Disk,
  path: string,
  bytes: Iterable<Uint8Array> | Uint8Array,
  random?: Random,
): Promise<boolean> {
  const from = await writeBeside(disk, path, bytes, random)
  try {
    const isFirst = disk.link(from, path)
    // before the other name goes: a file with one name is on the medium for whoever finds it
    await disk.syncFolder(dirname(path))
    disk.remove(from)
    return isFirst
  } catch (error) {
    removeQuietly(disk, from)
    throw error
  }
}

/** Makes a file, or puts it in the place of another, as {@link publish} does. The last one wins. */
export async function replace(
  disk: Disk,
  path: string,
  bytes: Iterable<Uint8Array> | Uint8Array,
  random?: Random,
): Promise<void> {
  const from = await writeBeside(disk, path, bytes, random)
  try {
    disk.rename(from, path)
  } catch (error) {
    removeQuietly(disk, from)
    throw error
  }
  await disk.syncFolder(dirname(path))
}

/**
 * Removes what killed processes have left half made.
 *
 * @param before Spares what changed at this time or later, in epoch ms: its process may still live.
 * @returns How many files.
 */
export function removeTemporary(disk: Disk, folder: string, before: number): number {
  let removed = 0
  for (const name of disk.list(folder)) {
    if (!temporary.test(name)) continue
    const path = join(folder, name)
    const found = disk.lstat(path)
    if (found?.kind === 'file' && found.mtimeMs < before && disk.remove(path)) removed += 1
  }
  return removed
}

async function writeBeside(
  disk: Disk,
  path: string,
  bytes: Iterable<Uint8Array> | Uint8Array,
  random?: Random,
): Promise<string> {
  const name = join(dirname(path), temporaryName(random))
  const file = disk.create(name)
  let written = 0
  try {
    for (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
      if (written > 0) await turn()
      disk.append(file, piece)
      written += piece.length
    }
    const { size } = disk.stat(file)
    if (size !== written) throw new StoreError('STORE', `${path}: the disk kept ${size} of ${written} bytes`)
    await disk.sync(file)
  } catch (error) {
    disk.close(file)
    removeQuietly(disk, name)
    throw error
  }
  disk.close(file)
  return name
}

/** For what is half made: if it cannot be removed now, {@link removeTemporary} will do so, and what led here counts more. */
export function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch {}
}
