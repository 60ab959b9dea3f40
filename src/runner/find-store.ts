/** @module The store of a project, for who only looks at tasks: a config that says nothing about it is not run. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { storeFolder, storeName } from '../store/file/where.ts'
import { MemoryStore } from '../store/memory.ts'
import type { Store } from '../store/store.ts'
import { findConfig, type LoadConfigOptions, loadConfig, loadEnvFor } from './load-config.ts'

/** Which store is meant. */
export interface FindStoreOptions extends LoadConfigOptions {
  /** The folder, from `cwd`; no config is looked at then. */
  readonly dir?: string
  /** Never writes. A store that is not there yet is empty then, and is not made. @default false */
  readonly readOnly?: boolean
}

/** What cannot name a store in a hidden way: options written out, none of them about the store. */
const plain = /export\s+default\s+defineConfig\s*\(\s*\{/
const telling = /\.\.\.|\bdir\b|\bstore\b|\benvFile\b/
const comments = /\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm

/**
 * Finds the store of a project: what its config says, else OFFSTAGE_DIR, else beside the config, else the nearest
 * `.offstage`, else in the working directory. The config is run only if its text may say where the store is.
 *
 * @returns The store; close it in the end.
 * @throws {OffstageError} as `loadConfig`.
 *
 * @example
 * ```ts
 * import { findStore } from 'offstage'
 *
 * const store = await findStore({ readOnly: true })
 * const { tasks } = await store.list({ status: 'running' })
 * await store.close()
 * ```
 */
export async function findStore({ readOnly = false, dir, ...where }: FindStoreOptions = {}): Promise<Store> {
  if (dir !== undefined) return folder(resolve(where.cwd ?? '', dir), readOnly)
  const file = findConfig(where)
  if (file !== undefined && mayName(readFileSync(file, 'utf8'))) {
    const loaded = await loadConfig({ ...where, file })
    if (loaded?.dir !== undefined) return folder(loaded.dir, readOnly)
    if (loaded?.runner.store !== undefined) return loaded.runner.store
  }
  if (file !== undefined) loadEnvFor(file)
  const { OFFSTAGE_DIR: given = '' } = process.env
  return folder(file === undefined || given !== '' ? storeFolder(where.cwd) : join(dirname(file), storeName), readOnly)
}

/** A folder that nobody has made yet. */
class NoStore extends MemoryStore {
  override readonly name: string

  constructor(dir: string) {
    super()
    this.name = `file ${dir}, which is not there yet`
  }
}

function mayName(text: string): boolean {
  const code = text.replace(comments, '')
  return !plain.test(code) || telling.test(code)
}

async function folder(dir: string, readOnly: boolean): Promise<Store> {
  if (readOnly && !existsSync(dir)) return new NoStore(dir)
  const { FileStore } = await import('../store/file/store.ts')
  return new FileStore({ dir, readOnly })
}
