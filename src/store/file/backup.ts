/** @module A copy of a store that may be written to meanwhile. */
import { existsSync, readdirSync } from 'node:fs'
import { copyFile, mkdir, readdir, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { StoreError } from '../../errors.ts'

/** What was copied. */
export interface BackupReport {
  readonly files: number
  readonly bytes: number
}

/** In this order: what a file speaks of is copied after it, so that no record points at nothing. */
const folders = ['.', 'snapshots', 'journal', 'logs', 'blobs']

/**
 * Copies the files of a store. The journal only ever grows, so a copy of it is a store as it was at some moment.
 *
 * @throws {StoreError} STORE when `to` is not empty, or inside the store.
 */
export async function copyStore(root: string, to: string): Promise<BackupReport> {
  const target = resolve(to)
  if (!relative(root, target).startsWith('..'))
    throw new StoreError('STORE', `a backup must stand outside ${root}, got ${target}`)
  if (existsSync(target) && readdirSync(target).length > 0) throw new StoreError('STORE', `${target} is not empty`)
  let files = 0
  let bytes = 0
  for (const folder of folders) {
    const from = join(root, folder)
    await mkdir(join(target, folder), { recursive: true, mode: 0o700 })
    for (const entry of (await readdir(from, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      // a token lets into an inspector of this very store
      if (!entry.isFile() || entry.name.endsWith('.tmp') || entry.name.endsWith('.token')) continue
      const copy = join(target, folder, entry.name)
      if (!(await copied(join(from, entry.name), copy))) continue
      files += 1
      bytes += (await stat(copy)).size
    }
  }
  await mkdir(join(target, 'workers'), { recursive: true, mode: 0o700 })
  return { files, bytes }
}

/** False when the file was taken away meanwhile: something newer says the same. */
async function copied(from: string, to: string): Promise<boolean> {
  try {
    await copyFile(from, to)
    return true
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return false
    throw error
  }
}
