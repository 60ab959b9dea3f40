/** @module Where the programs of threads stand: beside the built library, however its modules were put together. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/**
 * The file of a thread's program; undefined when the library runs from its sources, or inside another bundle.
 *
 * @param path Where it is among the sources, without its ending: `'store/file/snapshot-thread'`.
 */
export function threadUrl(path: string): URL | undefined {
  const here = import.meta.url
  if (!here.startsWith('file:') || here.endsWith('.ts')) return undefined
  const places = [`./${path}.js`, `../${path}.js`].map((place) => new URL(place, here))
  return places.find((url) => existsSync(fileURLToPath(url)))
}
