/** @module Text in a picture: what is shown of it, and about how wide that is. Nobody knows the font, so the widths are generous. */
import type { ChartLabel } from '../../machines/chart-graph.ts'
import type { LaidOutEdge } from '../protocol.ts'

/** More of a name or a label is not told at all. */
const longest = 200
/** What is drawn of a name, and of an event or a guard. */
const [shownName, shownLabel] = [40, 60]
/** How many characters of events stand in a line, as far as they can be parted. */
const lineLength = 16
/** In px, as the style sheets have it. */
const [nameSize, labelSize] = [12, 11]
export const lineHeight = 15

export const cut = (text: string, most: number = longest): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
export const shownInBox = (name: string): string => cut(name, shownName)
export const shownAtEdge = (text: string): string => cut(text, shownLabel)

/** About how wide a name in bold is, in px. */
export const nameWidth = (name: string): number => Math.ceil(widthOf(shownInBox(name)) * nameSize * 1.08)

/** About how much room the lines of an edge take, in px. */
export function sizeOf(lines: LaidOutEdge['labels']): { readonly width: number; readonly height: number } {
  const widths = lines.map(({ event, guard }) => {
    return widthOf(shownAtEdge(event)) + (guard === undefined ? 0 : widthOf(` [${shownAtEdge(guard)}]`))
  })
  return { width: Math.ceil(Math.max(0, ...widths) * labelSize) + 8, height: lines.length * lineHeight + 2 }
}

/** The lines of an edge, with guards or without: no longer than needed, and each event in one of them. */
export function linesOf(labels: readonly ChartLabel[], guards: boolean): LaidOutEdge['labels'] {
  if (!guards) return folded(new Set(labels.flatMap(({ events }) => events))).map((event) => ({ event }))
  return labels.flatMap(({ events, guard }) => {
    const lines = folded(new Set(events))
    return lines.map((event, i) =>
      guard === undefined || i < lines.length - 1 ? { event } : { event, guard: cut(guard) },
    )
  })
}

function folded(events: ReadonlySet<string>): string[] {
  const lines: string[] = []
  for (const event of events) {
    const last = lines.at(-1)
    if (last === undefined || last.length + event.length + 2 > lineLength) lines.push(cut(event))
    else lines[lines.length - 1] = `${last}, ${event}`
  }
  return lines
}

/** In em. */
function widthOf(text: string): number {
  let width = 0
  for (const mark of text) {
    if (/[\u1100-\u11FF\u2E80-\uD7FF\uF900-\uFAFF\uFF00-\uFF60\u{10000}-\u{10FFFF}]/u.test(mark)) width += 1.05
    else if (/[mwMWOQ@%…—]/.test(mark)) width += 0.95
    else if (/[ijlft.,:;'|!()[\] ]/.test(mark)) width += 0.4
    else width += /[A-Z]/.test(mark) ? 0.72 : 0.63
  }
  return width
}
