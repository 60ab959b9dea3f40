/** @module One file as a syntax tree, and the few questions that the laws ask of it. */
import { posix } from 'node:path'
import { type Comment, type Program, parseSync } from 'oxc-parser'
import { lineAt } from './tree.ts'

/** Any node of the syntax tree (ESTree with TypeScript). */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** `from '…'`, `import('…')` or a type `import('…').T`. */
export interface Import {
  /** As written: `./errors.ts`, `node:fs`, `xstate`. */
  readonly from: string
  /** The path from the root for a relative one. */
  readonly file: string | undefined
  readonly line: number
  /** Gone after compilation, so nothing is loaded. */
  readonly type: boolean
  readonly reExport: boolean
}

/** A parsed file. */
export interface Parsed {
  readonly path: string
  readonly text: string
  readonly program: Program
  readonly comments: readonly Comment[]
  readonly imports: readonly Import[]
}

/**
 * Parses one file.
 *
 * @throws `Error` naming path and line when it is not TypeScript.
 */
export function parse(path: string, text: string): Parsed {
  const { program, comments, errors } = parseSync(path, text)
  const [error] = errors
  if (error) throw new Error(`${path}:${lineAt(text, error.labels[0]?.start ?? 0)} ${error.message}`)
  const imports: Import[] = []
  walk(program, (node) => {
    const source = sourceOf(node)
    if (source === undefined) return
    const file = source.startsWith('.') ? posix.join(posix.dirname(path), source) : undefined
    const type = node.importKind === 'type' || node.exportKind === 'type' || node.type === 'TSImportType'
    imports.push({ from: source, file, line: lineAt(text, node.start), type, reExport: node.type.startsWith('Export') })
  })
  return { path, text, program, comments, imports }
}

function sourceOf(node: Node): string | undefined {
  const source = node.source as { value?: unknown } | null | undefined
  return typeof source?.value === 'string' ? source.value : undefined
}

/**
 * Visits every node, parents first.
 *
 * Names that refer to nothing are left out: the `b` of `a.b` and of `{ b: 1 }`.
 */
export function walk(root: unknown, visit: (node: Node) => void): void {
  if (!isNode(root)) return
  visit(root)
  const named = root.computed === true ? undefined : root.type === 'MemberExpression' ? 'property' : 'key'
  for (const [field, value] of Object.entries(root)) {
    if (field === named) continue
    if (Array.isArray(value)) for (const item of value) walk(item, visit)
    else walk(value, visit)
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'
}
