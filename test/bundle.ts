/** Programs of the tests, put together from the sources: plain Node does not read TypeScript. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Inside the project: what is bundled there finds our packages. */
const build = fileURLToPath(new URL('../.build', import.meta.url))
const source = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
export const packages = /^[a-z@](?!:)/

/**
 * One file, for a process or a thread. Whoever asks removes it.
 *
 * @param path Within the project.
 * @param external What is not put into it, besides Node's own modules.
 */
export async function bundleProgram(path: string, external: readonly (string | RegExp)[] = []): Promise<string> {
  const file = join(build, `${path.replace(/\W/g, '-')}-${process.pid}.mjs`)
  const bundle = await rolldown({
    input: source(path),
    platform: 'node',
    external: [/^node:/, ...external],
    logLevel: 'silent',
  })
  await bundle.write({ file, format: 'esm', codeSplitting: false })
  await bundle.close()
  return file
}

/** A folder with modules of the library as they are published: entries that share chunks. Whoever asks removes it. */
export async function bundleLibrary(entries: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(build, { recursive: true })
  const folder = await mkdtemp(join(build, 'library-'))
  const input = Object.fromEntries(Object.entries(entries).map(([name, path]) => [name, source(path)]))
  const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' })
  await bundle.write({ dir: folder, entryFileNames: '[name].js', chunkFileNames: 'chunks/[name].js' })
  await bundle.close()
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  return folder
}
