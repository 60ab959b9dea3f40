/** @module Where the programs of threads stand: beside the built library, however its modules were put together. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The file of a thread's program; undefined when the library runs from its sources, or inside another bundle. */
export function threadUrl(name: string): URL | undefined {
  const here = import.meta.url
  if (!here.startsWith('file:') || here.endsWith('.ts')) return undefined
  const places = [`./store/file/${name}.js`, `../store/file/${name}.js`].map((path) => new URL(path, here))
  return places.find((url) => existsSync(fileURLToPath(url)))
}
