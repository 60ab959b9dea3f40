/** @module The law of the public face: package.json and the entry files say the same, and each public name is written down. */
import { isEntry } from './imports.ts'
import { type Node, parse, walk } from './parse.ts'
import { sourcesOf, type Tree, type Violation } from './tree.ts'

/** Where the public names are written down, so that a change of the face is seen in review. */
export const apiText = 'docs/api.txt'

interface Manifest {
  readonly name?: string
  readonly exports?: Readonly<Record<string, unknown>>
}

/** Checks that `exports` of package.json and the entry files fit each other. */
export function checkExports(tree: Tree): Violation[] {
  const { exports = {} } = manifestOf(tree)
  const named = Object.entries(exports).filter(([key]) => key !== './package.json')
  const wanted = new Map(named.map(([key, value]) => [entryOf(value), key]))
  const found = named.flatMap(([key, value]) => checkExport(tree, key, value))
  for (const path of sourcesOf(tree).filter(isEntry)) {
    if (!wanted.has(path)) found.push({ path, line: 1, message: 'no export of package.json names this entry' })
    for (const message of strayIn(tree, path)) found.push({ path, line: 1, message })
  }
  return found
}

/** The text of docs/api.txt: every public name, by entry. */
export function publicNames(tree: Tree): string {
  const { name = '', exports = {} } = manifestOf(tree)
  const parts = Object.entries(exports).flatMap(([key, value]) => {
    const path = entryOf(value)
    if (path === undefined || !tree.has(path)) return []
    const { values, types } = namesOf(tree, path)
    const lines = [...values, ...types.map((type) => `type ${type}`)].map((line) => `  ${line}\n`)
    return `${name}${key.slice(1)}\n${lines.join('')}`
  })
  return parts.join('\n')
}

function manifestOf(tree: Tree): Manifest {
  return JSON.parse(tree.get('package.json') ?? '{}') as Manifest
}

function checkExport(tree: Tree, key: string, value: unknown): Violation[] {
  const say = (message: string): Violation[] => [
    { path: 'package.json', line: 1, message: `exports["${key}"]: ${message}` },
  ]
  if (typeof value !== 'object' || value === null || Object.keys(value).join() !== 'types,default') {
    return say('must be { types, default }, in this order')
  }
  const path = entryOf(value)
  if (path === undefined) return say('types and default must be ./dist/X.d.ts and ./dist/X.js of the same X')
  return tree.has(path) ? [] : say(`${path} does not exist`)
}

/** `src/X.ts` of `{ types: './dist/X.d.ts', default: './dist/X.js' }`. */
function entryOf(value: unknown): string | undefined {
  const { types, default: code } = (value ?? {}) as { types?: unknown; default?: unknown }
  const stem = typeof code === 'string' ? /^\.\/dist\/(.+)\.js$/.exec(code)?.[1] : undefined
  return stem !== undefined && types === `./dist/${stem}.d.ts` ? `src/${stem}.ts` : undefined
}

/** An entry is a list of names, so that one look tells what is public. */
function strayIn(tree: Tree, path: string): string[] {
  return parse(path, tree.get(path) ?? '').program.body.flatMap((node) => {
    if (node.type === 'ExportAllDeclaration') return `export * from '${node.source.value}': name what is public`
    if (node.type === 'ExportNamedDeclaration' && node.source) return []
    return 'an entry holds export { … } from … and nothing else'
  })
}

function namesOf(tree: Tree, path: string): { values: string[]; types: string[] } {
  const values: string[] = []
  const types: string[] = []
  walk(parse(path, tree.get(path) ?? '').program, (node) => {
    if (node.type !== 'ExportNamedDeclaration') return
    for (const one of node.specifiers as readonly Node[]) {
      const name = String((one.exported as { name?: unknown }).name)
      if (node.exportKind === 'type' || one.exportKind === 'type') types.push(name)
      else values.push(name)
    }
  })
  return { values: values.sort(), types: types.sort() }
}
