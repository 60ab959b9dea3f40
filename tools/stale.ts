/** @module The law of generated texts: what stands in a file equals what its generator gives. */
import type { Tree, Violation } from './tree.ts'

/** Gives a text from the code. It is always given the whole project. */
export type Generator = (tree: Tree) => string | Promise<string>

/** Where generated texts come from. */
export interface Registry {
  /** By the NAME between `<!-- generated:NAME -->` and `<!-- /generated -->` in README.md and docs/*.md. */
  readonly parts: Readonly<Record<string, Generator>>
  /** By path, for files that are generated as a whole. */
  readonly files: Readonly<Record<string, Generator>>
}

const part = /<!-- generated:([\w-]+) -->\n(.*?)<!-- \/generated -->/gs

/**
 * Gives the texts as they should be, for the files that hold generated text.
 *
 * @throws `Error` for a marker that no generator serves, and for one that is not closed.
 */
export async function generate(tree: Tree, { parts, files }: Registry): Promise<Tree> {
  const fresh = new Map<string, string>()
  for (const [path, generator] of Object.entries(files)) fresh.set(path, await generator(tree))
  for (const [path, text] of tree) {
    if (path in files || !path.endsWith('.md')) continue
    const markers = text.match(/<!-- generated:/g)?.length ?? 0
    if (markers > 0) fresh.set(path, await fill(path, text, markers, parts, tree))
  }
  return fresh
}

/** Compares what is there with what {@link generate} gives. */
export async function checkStale(tree: Tree, registry: Registry): Promise<Violation[]> {
  const found: Violation[] = []
  for (const [path, text] of await generate(tree, registry)) {
    if (tree.get(path) !== text)
      found.push({ path, line: 1, message: 'not what its generator gives; if the change is meant, npm run generate' })
  }
  const pages = [...tree].filter(([path]) => path.endsWith('.md')).map(([, text]) => text)
  for (const name of Object.keys(registry.parts)) {
    if (pages.some((text) => text.includes(`<!-- generated:${name} -->`))) continue
    found.push({ path: 'tools/generated.ts', line: 1, message: `nothing shows the generated part ${name}` })
  }
  return found
}

async function fill(
  path: string,
  text: string,
  markers: number,
  parts: Registry['parts'],
  tree: Tree,
): Promise<string> {
  const matches = [...text.matchAll(part)]
  if (matches.length !== markers) throw new Error(`${path}: a generated part without <!-- /generated -->`)
  let filled = ''
  let end = 0
  for (const match of matches) {
    const [whole, name = ''] = match
    const generator = parts[name]
    if (!generator) throw new Error(`${path}: tools/generated.ts has no generator named ${name}`)
    const body = (await generator(tree)).trim()
    filled += `${text.slice(end, match.index)}<!-- generated:${name} -->\n${body}\n<!-- /generated -->`
    end = match.index + whole.length
  }
  return filled + text.slice(end)
}
