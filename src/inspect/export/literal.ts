/** @module JSON as source code: what a file of a test may hold, whatever the values say. */
import { escaped, unsafe } from '../../unsafe.ts'

const widest = 120
const plainName = /^[A-Za-z_$][\w$]*$/
const markup = /<(?=\/|!|script)/gi
const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** A text in single quotes. */
export function quoted(text: string): string {
  const plain = text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replace(markup, '\\x3c')
  return `'${plain.replace(unsafe, shown)}'`
}

/** A text on one line of a comment. */
export const commented = (text: string): string => text.replace(unsafe, shown).replaceAll('*/', '*\\/')

/**
 * A value of JSON as an expression, on one line if it fits.
 *
 * @param indent What stands before each further line.
 * @param taken How much of the first line is taken already, the indent included.
 */
export function literal(value: unknown, indent = '', taken = indent.length): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined'
  const flat = onOneLine(value, widest - taken)
  if (flat !== undefined) return flat
  const inner = `${indent}  `
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const members = membersOf(value).map(([name, each]) => {
    const before = inner + name
    return `${before}${literal(each, inner, before.length + 1)},\n`
  })
  return `${open}\n${members.join('')}${indent}${close}`
}

function onOneLine(value: object, room: number): string | undefined {
  if (room < 2 || isTable(value)) return undefined
  const isList = Array.isArray(value)
  const parts: string[] = []
  let left = room - (isList ? 2 : 4)
  for (const [name, each] of membersOf(value)) {
    const nested = typeof each === 'object' && each !== null
    const text = nested ? onOneLine(each, left - name.length) : literal(each)
    if (text === undefined) return undefined
    left -= name.length + text.length + (parts.length > 0 ? 2 : 0)
    if (left < 0) return undefined
    parts.push(name + text)
  }
  if (isList) return `[${parts.join(', ')}]`
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`
}

/** Whether it has rows, which formatters put one under the other. */
function isTable(value: object): boolean {
  if (!Array.isArray(value) || value.length < 2) return false
  const isList = Array.isArray(value[0])
  return value.every((row) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row) !== isList) return false
    return Object.keys(row).length > 1
  })
}

/** Each member with what stands before its value. What JSON leaves out is left out. */
function membersOf(value: object): (readonly [before: string, value: unknown])[] {
  if (Array.isArray(value)) return value.map((each) => ['', each ?? null])
  return Object.entries(value).flatMap(([name, each]) => (each === undefined ? [] : [[`${nameOf(name)}: `, each]]))
}

function nameOf(name: string): string {
  // without the brackets it would not be a member, but what the object is made of
  if (name === '__proto__') return "['__proto__']"
  return plainName.test(name) ? name : quoted(name)
}

const shown = (character: string): string => short[character] ?? escaped(character)
