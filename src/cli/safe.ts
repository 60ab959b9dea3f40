/** @module Text from outside, made safe to print: what would move the cursor, or hide or turn text, shows as an escape. */
import { escaped, escapedUnit, unsafe } from '../unsafe.ts'

const unsafeButNewline = new RegExp(`(?!\\n)${unsafe.source}`, 'gu')

/** What most JSON is: nothing in it to look at twice. */
const plain = /^[\n -~]*$/

/** One line of text. */
export function safe(text: string): string {
  return text.replace(unsafe, escaped)
}

/** Text of several lines: its newlines are meant. */
export function safeLines(text: string): string {
  return text.replace(unsafeButNewline, escaped)
}

/** JSON that reads back as the same value, in ASCII where a character could do harm. */
export function safeJson(value: unknown, indent?: number): string {
  const text = JSON.stringify(value, undefined, indent) ?? 'null'
  // outside of texts JSON has no such characters; the newlines of an indent are its own
  return plain.test(text) ? text : text.replace(unsafeButNewline, units)
}

function units(character: string): string {
  return Array.from({ length: character.length }, (_, i) => escapedUnit(character.charCodeAt(i))).join('')
}
