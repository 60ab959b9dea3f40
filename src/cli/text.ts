/** @module Text with styles: made safe first and coloured last, so that nothing from outside is ever printed raw. */
import widthOf from 'fast-string-truncated-width'
import { safe, safeLines } from './safe.ts'

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta'

/** Text in a style. */
export interface Styled {
  readonly text: string
  readonly style: Style
}
/** A piece of a line: text, which is made safe when it is printed, or text in a style. */
export type Part = string | Styled
/** A line, or several where a piece has newlines that are meant. */
export type Line = readonly Part[]

/** What can colour text. */
export type Paint = Readonly<Record<Style, (text: string) => string>>

export const styled = (style: Style, text: string): Styled => ({ style, text })
export const textOf = (part: Part): string => (typeof part === 'string' ? part : part.text)
/** The same style around another text. */
export const withText = (part: Part, text: string): Part => (typeof part === 'string' ? text : { ...part, text })

/** The line as it is printed. Newlines are kept only where `lines` says that they are meant. */
export function render(line: Line, paint: Paint, { lines = false } = {}): string {
  const clean = lines ? safeLines : safe
  return line.map((part) => (typeof part === 'string' ? clean(part) : paint[part.style](clean(part.text)))).join('')
}

/** How many columns a text takes on a terminal, once it is safe. */
export const columns = (text: string): number => widthOf(text).width

/** The text, or as much of it as fits with an ellipsis. */
export function clip(text: string, limit: number): string {
  const { index, ellipsed } = widthOf(text, { limit, ellipsis: '…', ellipsisWidth: 1 })
  return ellipsed ? `${text.slice(0, index)}…` : text.slice(0, index)
}
