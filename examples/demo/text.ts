/** @module Text for the terminal: what comes from files is escaped, numbers are grouped, colours only where wanted. */
import { styleText } from 'node:util'
import Table from 'cli-table3'

/** A person watches: redraw and colour. Otherwise plain lines. */
export const live = process.stdout.isTTY === true && !process.env.CI
const colourful = live && !process.env.NO_COLOR

/** Text from files, servers and errors, with everything escaped that a terminal could obey. */
export const safe = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)

export const bold = (text: string): string => (colourful ? styleText('bold', text) : text)
export const dim = (text: string): string => (colourful ? styleText('dim', text) : text)

const grouped = new Intl.NumberFormat('en')
export const count = (n: number): string => grouped.format(n)
export const seconds = (ms: number): string => `${(ms / 1_000).toFixed(2)} s`

/** The columns of the terminal; wide enough to be read in a log elsewhere. */
export const columns = (): number => (live ? Math.min(process.stdout.columns || 80, 140) : 120)

/** The end of a path says more than its beginning. */
export const tail = (path: string, width: number): string =>
  path.length <= width ? path : `…${path.slice(path.length - width + 1)}`

/** A path as the name of a task: 200 characters at most, and nothing that a terminal could obey. */
export const titleOf = (path: string): string => tail(safe(path), 200)

/** `[#######-----]` */
export function bar(fraction: number, width: number): string {
  const done = Math.round(fraction * width)
  return `[${'#'.repeat(done)}${'-'.repeat(width - done)}]`
}

/** Rows below a head, without lines between them. The last column takes what is left of the width. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  widths: readonly number[],
): string {
  const used = widths.reduce((sum, width) => sum + width + 1, 2)
  const sheet = new Table({
    head: head.map(bold),
    colWidths: [...widths, Math.max(columns() - used, 12)],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
  })
  for (const row of rows) sheet.push([...row])
  return sheet.toString()
}
