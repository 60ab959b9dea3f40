/** @module Where the store of a project stands when nobody says. */
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** The name of a store's folder. */
export const storeName = '.offstage'
const config = /^offstage\.config\.(?:ts|mts|js|mjs)$/

/**
 * The folder of the store: OFFSTAGE_DIR, else beside the nearest config, else the nearest that exists, else here.
 *
 * @param from Where to begin looking upwards. `@default` the working directory
 */
export function storeFolder(from: string = process.cwd(), env: NodeJS.ProcessEnv = process.env): string {
  const { OFFSTAGE_DIR: given } = env
  if (given !== undefined && given !== '') return resolve(from, given)
  const folders = [...upwards(resolve(from))]
  const home =
    folders.find((folder) => namesIn(folder).some((name) => config.test(name))) ??
    folders.find((folder) => existsSync(join(folder, storeName)))
  return join(home ?? resolve(from), storeName)
}

function* upwards(from: string): Generator<string> {
  for (let folder = from; ; folder = dirname(folder)) {
    yield folder
    if (dirname(folder) === folder) return
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    // a folder above that cannot be read holds no config of ours
    return []
  }
}
