/** @module A JSON value as the rows of a tree: only what is open, only so many, only so long. */
import { cutText } from './format.ts'

export const deepest = 24
/** How many characters of one text are shown. */
export const longestText = 2000
/** How many rows are shown before somebody asks for more. */
export const rowsAtFirst = 40

/** One row: a member, or the value itself. */
export interface JsonRow {
  /** A JSON pointer, unique in its tree. */
  readonly path: string
  readonly depth: number
  readonly name: string | undefined
  readonly kind: 'object' | 'array' | 'string' | 'number' | 'boolean' | 'null' | 'other'
  /** What is written: of an object or array, how much is in it. */
  readonly text: string
  readonly open: boolean | undefined
}

/** Whether a path is open: what nobody has touched is open near the root. */
export type IsOpen = (path: string, depth: number) => boolean

/** The rows that are visible, and whether there are more. */
export function rowsOf(value: unknown, isOpen: IsOpen, most: number): { rows: readonly JsonRow[]; more: boolean } {
  const rows: JsonRow[] = []
  const todo: { value: unknown; name: string | undefined; path: string; depth: number }[] = []
  todo.push({ value, name: undefined, path: '', depth: 0 })
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (rows.length === most) return { rows, more: true }
    const { name, path, depth } = next
    // only as many as can still be shown: an array may have a million
    const members = membersOf(next.value, most - rows.length)
    const open = members === undefined || members.count === 0 ? undefined : depth < deepest && isOpen(path, depth)
    rows.push({ path, depth, name, kind: kindOf(next.value), text: textOf(next.value, members?.count), open })
    if (open !== true || members === undefined) continue
    for (const [key, member] of members.first.reverse()) {
      todo.push({
        value: member,
        name: key,
        path: `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
        depth: depth + 1,
      })
    }
  }
  return { rows, more: false }
}

/** How many members there are, and the first of them. */
function membersOf(value: unknown, most: number): { count: number; first: [string, unknown][] } | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) {
    return { count: value.length, first: value.slice(0, most).map((member, place) => [String(place), member]) }
  }
  const first: [string, unknown][] = []
  let count = 0
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key]
    if (member === undefined) continue
    count += 1
    if (first.length < most) first.push([key, member])
  }
  return { count, first }
}

function kindOf(value: unknown): JsonRow['kind'] {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  const type = typeof value
  return type === 'object' || type === 'string' || type === 'number' || type === 'boolean' ? type : 'other'
}

function textOf(value: unknown, members: number | undefined): string {
  if (members !== undefined) return Array.isArray(value) ? `[${members}]` : `{${members}}`
  if (typeof value === 'string') return cutText(value, longestText)
  return value === undefined ? 'nothing' : String(value)
}

/** A value as one short line: `{ query: "…", depth: 3 }`. */
export function briefOf(value: unknown, most: number): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return cutText(JSON.stringify(value.slice(0, most)), most)
  if (typeof value !== 'object' || value === null) return String(value)
  const { rows } = rowsOf(value, (_, depth) => depth === 0, 8)
  const parts = rows.slice(1).map(({ name, kind, text }) => {
    const shown = kind === 'string' ? JSON.stringify(cutText(text, most)) : text
    return Array.isArray(value) ? shown : `${name}: ${shown}`
  })
  const body = parts.join(', ')
  return cutText(Array.isArray(value) ? `[${body}]` : body === '' ? '{}' : `{ ${body} }`, most)
}
