/** @module Files that the build puts beside the inspector: the page, pictures, the programs of threads. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Whatever the files of the built library are called. */
const places = ['./', '../', '../inspect/', '../../inspect/']

/**
 * The file of that path within `dist/inspect`; undefined when the library runs from its sources, or inside another bundle.
 *
 * @param path `'page.html'`
 */
export function beside(path: string): URL | undefined {
  const here = import.meta.url
  if (!here.startsWith('file:')) return undefined
  return places.map((place) => new URL(place + path, here)).find((url) => existsSync(fileURLToPath(url)))
}
