/** @module The project as text: what every law reads, so that a test can feed it a tree of three lines. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/** Paths from the root, with forward slashes, and their texts. */
export type Tree = ReadonlyMap<string, string>

/** One broken law. */
export interface Violation {
  readonly path: string
  readonly line: number
  readonly message: string
}

const read = ['src', 'docs', 'README.md', 'package.json']
const texts = /\.(?:tsx?|md|txt|json|svg)$/

/** Reads what the laws look at. */
export function readTree(root: string): Tree {
  const tree = new Map<string, string>()
  const add = (path: string): void => {
    if (texts.test(path)) tree.set(path, readFileSync(join(root, path), 'utf8'))
  }
  for (const name of read) {
    const whole = join(root, name)
    if (!existsSync(whole)) continue
    if (statSync(whole).isFile()) add(name)
    else for (const path of filesIn(whole)) add(`${name}/${path}`)
  }
  return tree
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    )
    .sort()
}

/** The paths of the TypeScript files in `src`. */
export function sourcesOf(tree: Tree): string[] {
  return [...tree.keys()].filter((path) => path.startsWith('src/') && /\.tsx?$/.test(path))
}

/** The number of the line, from 1, that holds `offset`. */
export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}
