/** @module The law of imports: the table of layers, no cycles, no barrels inside, no undeclared package. */
import { builtinModules } from 'node:module'
import { type Layer, layerOf, layers, leaf } from './layers.ts'
import { type Import, type Parsed, parse } from './parse.ts'
import { sourcesOf, type Tree, type Violation } from './tree.ts'

/** Checks every import of `src`, those of types included. */
export function checkImports(tree: Tree): Violation[] {
  const files = sourcesOf(tree).map((path) => parse(path, tree.get(path) ?? ''))
  const declared = declaredPackages(tree)
  return [...files.flatMap((file) => checkFile(file, tree, declared)), ...checkCycles(files)]
}

/** An entry of the package: the only kind of file that re-exports. */
export function isEntry(path: string): boolean {
  return path.startsWith('src/') && path.endsWith('/index.ts')
}

function checkFile(file: Parsed, tree: Tree, declared: ReadonlySet<string>): Violation[] {
  const name = layerOf(file.path)
  const layer = layers[name]
  if (!layer) return [{ path: file.path, line: 1, message: `${name} has no row in tools/layers.ts` }]
  return file.imports.flatMap((one) => {
    const message =
      one.file === undefined ? outer(one, name, layer, declared) : inner(one, file.path, name, layer, tree)
    const barrel = one.reExport && !isEntry(file.path) ? 'only an index.ts re-exports' : undefined
    return [message, barrel]
      .filter((m) => m !== undefined)
      .map((m) => ({ path: file.path, line: one.line, message: m }))
  })
}

function inner(one: Import, path: string, name: string, layer: Layer, tree: Tree): string | undefined {
  const target = one.file ?? ''
  if (!tree.has(target)) return `${one.from} is no file; relative imports carry the suffix .ts or .tsx`
  if (isEntry(target)) {
    if (layer.imports.includes('entries')) return undefined
    return `${one.from} is an entry; import the file that defines the thing`
  }
  const to = layerOf(target)
  const file = target.slice('src/'.length).replace(/\.tsx?$/, '')
  if (to === leaf || to === name || layer.imports.includes(to) || layer.imports.includes(file)) return undefined
  if (layer.types?.includes(to))
    return one.type ? undefined : `${name} may import only types from ${to}: use import type`
  return `${name} may not import ${to} (${path} → ${target})`
}

function outer(one: Import, name: string, layer: Layer, declared: ReadonlySet<string>): string | undefined {
  if (one.from.startsWith('node:'))
    return layer.node ? undefined : `${name} may not import Node's modules (${one.from})`
  if (builtinModules.includes(one.from)) return `write node:${one.from}`
  const bare = one.from.split('/', one.from.startsWith('@') ? 2 : 1).join('/')
  if (layer.bundled?.includes(bare)) return undefined
  if (layer.packages && !layer.packages.includes(bare)) return `${name} may not import the package ${bare}`
  return declared.has(bare) ? undefined : `${bare} is not among the dependencies in package.json`
}

function declaredPackages(tree: Tree): ReadonlySet<string> {
  const manifest = JSON.parse(tree.get('package.json') ?? '{}') as Record<string, object | undefined>
  return new Set(
    ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {})),
  )
}

/** One violation for each knot of files that import each other. */
function checkCycles(files: readonly Parsed[]): Violation[] {
  const edges = new Map(files.map((file) => [file.path, file.imports.flatMap((one) => one.file ?? [])]))
  const done = new Set<string>()
  const found: Violation[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const from = trail.indexOf(path)
    if (from !== -1) {
      const cycle = [...trail.slice(from), path].map((step) => step.slice('src/'.length)).join(' → ')
      found.push({ path, line: 1, message: `imports in a circle: ${cycle}` })
    }
    if (from !== -1 || done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return found
}
