/** @module Aligned tables without lines. */
import { safe } from './safe.ts'
import { clip, columns, type Line, type Part, styled, textOf, withText } from './text.ts'

/** A column. */
export interface Column {
  readonly title: string
  /** Numbers end at one place. @default 'left' */
  readonly align?: 'left' | 'right'
  /** What becomes narrower where the terminal is too narrow; never below this many columns of it. `@default` never */
  readonly least?: number
}

const gap = 2

/**
 * Aligns rows under their titles.
 *
 * @param width How many columns there are; rows become that narrow if their columns may. `@default` no limit
 */
export function table(heads: readonly Column[], rows: readonly Line[], width = Number.POSITIVE_INFINITY): Line[] {
  const titles = heads.map(({ title }) => styled('dim', title))
  const cells = [titles, ...rows].map((row) => row.map((part) => withText(part, safe(textOf(part)))))
  const widths = heads.map((_, i) => cells.reduce((most, row) => Math.max(most, columns(textOf(row[i] ?? ''))), 0))
  narrow(heads, widths, width)
  return cells.map((row) => {
    const last = row.findLastIndex((part) => textOf(part) !== '')
    return row.slice(0, last + 1).flatMap((part, i) => {
      const room = widths[i] ?? 0
      const cell = withText(part, clip(textOf(part), room))
      const pad = ' '.repeat(Math.max(0, room - columns(textOf(cell))))
      const space = i === last ? '' : ' '.repeat(gap)
      if (heads[i]?.align === 'right') return [pad, cell, space]
      return i === last ? [cell] : [cell, pad + space]
    })
  })
}

/** Takes from the widest column that may still give, one by one. */
function narrow(heads: readonly Column[], widths: number[], width: number): void {
  let over = widths.reduce((sum, each) => sum + each + gap, -gap) - width
  while (over > 0) {
    const givers = heads.flatMap(({ least }, i) => (least !== undefined && (widths[i] ?? 0) > least ? [i] : []))
    const widest = givers.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0]
    if (widest === undefined) return
    widths[widest] = (widths[widest] ?? 0) - 1
    over -= 1
  }
}

/** Pairs of a name and a value, one under the other. */
export function pairs(entries: readonly (readonly [name: string, value: Part | undefined])[]): Line[] {
  const told = entries.filter(([, value]) => value !== undefined && textOf(value) !== '')
  const widest = Math.max(0, ...told.map(([name]) => columns(safe(name))))
  return told.map(([name, value]) => [
    styled('dim', name),
    ' '.repeat(widest - columns(safe(name)) + gap),
    value as Part,
  ])
}
