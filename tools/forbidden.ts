/** @module The law of words: what no file may contain, what only one may, and what keeps the charts pure. */
import { type Node, type Parsed, parse, walk } from './parse.ts'
import { lineAt, sourcesOf, type Tree, type Violation } from './tree.ts'

/** Finds default exports, `any`, stray `console` and `process.exit`, and effects in what `src/machines` loads. */
export function checkForbidden(tree: Tree): Violation[] {
  const files = sourcesOf(tree).map((path) => parse(path, tree.get(path) ?? ''))
  const pure = loadedBy(files, (path) => path.startsWith('src/machines/'))
  return files.flatMap((file) => {
    const found: Violation[] = []
    walk(file.program, (node) => {
      const message = everywhere(node, file.path) ?? (pure.has(file.path) ? effect(node) : undefined)
      if (message !== undefined) found.push({ path: file.path, line: lineAt(file.text, node.start), message })
    })
    return found
  })
}

function everywhere(node: Node, path: string): string | undefined {
  if (node.type === 'TSAnyKeyword') return 'any: say what it is, or unknown'
  if (isDefaultExport(node)) return 'a default export: export it by name'
  if (isNamed(node, 'console') && path !== 'src/cli/output.ts') return 'console: only src/cli/output.ts prints'
  if (isMember(node, 'process', 'exit') && path !== 'src/cli/main.ts')
    return 'process.exit: only src/cli/main.ts ends the process'
  return undefined
}

function isDefaultExport(node: Node): boolean {
  if (node.type === 'ExportDefaultDeclaration') return true
  return node.type === 'ExportSpecifier' && (node.exported as { name?: unknown }).name === 'default'
}

const effects = new Set([
  'Date',
  'Promise',
  'performance',
  'process',
  'crypto',
  'fetch',
  'globalThis',
  'queueMicrotask',
])
for (const name of ['setTimeout', 'setInterval', 'setImmediate']) effects.add(name)

function effect(node: Node): string | undefined {
  const why = 'what src/machines loads is pure'
  if (node.type === 'Identifier' && effects.has(String(node.name))) return `${node.name}: ${why}`
  if (isMember(node, 'Math', 'random')) return `Math.random: ${why}`
  if (node.async === true || node.type === 'AwaitExpression') return `async code: ${why}`
  if (isNodeModule(node)) return `a module of Node: ${why}`
  return undefined
}

function isNodeModule(node: Node): boolean {
  const from = (node.source as { value?: unknown } | null | undefined)?.value
  return typeof from === 'string' && from.startsWith('node:')
}

function isNamed(node: unknown, name: string): boolean {
  const { type, name: own } = (node ?? {}) as { type?: unknown; name?: unknown }
  return type === 'Identifier' && own === name
}

function isMember(node: Node, object: string, property: string): boolean {
  if (node.type !== 'MemberExpression' || !isNamed(node.object, object)) return false
  return isNamed(node.property, property) || (node.property as { value?: unknown }).value === property
}

/** The chosen files and all that they load at run time. */
function loadedBy(files: readonly Parsed[], chosen: (path: string) => boolean): ReadonlySet<string> {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const loaded = new Set(files.map((file) => file.path).filter(chosen))
  for (const path of loaded) {
    for (const one of byPath.get(path)?.imports ?? []) {
      if (!one.type && one.file !== undefined && byPath.has(one.file)) loaded.add(one.file)
    }
  }
  return loaded
}
