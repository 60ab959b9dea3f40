import { describe, expect, it } from 'vitest'
import { type Column, pairs, table } from '../../src/cli/table.ts'
import { columns, type Line, type Paint, render, styled } from '../../src/cli/text.ts'

const plain = (text: string): string => text
const paint: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain, magenta: plain }
const text = (lines: readonly Line[]): string[] => lines.map((line) => render(line, paint))
const heads: Column[] = [{ title: 'ID' }, { title: 'NAME', least: 4 }, { title: 'AGE', align: 'right' }]

describe('a table', () => {
  it('stands under its titles', () => {
    expect(
      text(
        table(heads, [
          ['a', 'research', '3s'],
          ['bcd', styled('red', 'x'), '12m'],
        ]),
      ),
    ).toEqual(['ID   NAME      AGE', 'a    research   3s', 'bcd  x         12m'])
  })

  it('counts wide characters as wide', () => {
    const lines = text(
      table(
        [{ title: '' }, { title: '' }],
        [
          ['世界', '|'],
          ['👍', '|'],
          ['é', '|'],
        ],
      ),
    )
    expect(new Set(lines.slice(1).map((line) => columns(line)))).toEqual(new Set([7]))
  })

  it('measures what is shown: escapes, not what they stand for', () => {
    expect(
      text(
        table(
          [{ title: '' }, { title: '' }],
          [
            ['\x1b[2J', '|'],
            ['abc', '|'],
          ],
        ),
      ).slice(1),
    ).toEqual(['\\u001b[2J  |', 'abc        |'])
  })

  it('becomes as narrow as the terminal, in the columns that may', () => {
    const [, row = ''] = text(table(heads, [['a', 'a very long name', '3s']], 16))
    expect(row).toBe('a   a very…   3s')
  })

  it('keeps the least of a column even if the terminal is narrower', () => {
    expect(text(table(heads, [['a', 'a very long name', '3s']], 3))[1]).toBe('a   a v…   3s')
  })

  it('cuts no wide character in two', () => {
    const [, row = ''] = text(table([{ title: '', least: 1 }], [['世界世界']], 4))
    expect(columns(row)).toBeLessThanOrEqual(4)
    expect(row).toBe('世…')
  })
})

it('pairs stand under each other, without those that say nothing', () => {
  expect(
    text(
      pairs([
        ['id', 'a'],
        ['status', styled('red', 'failed')],
        ['error', undefined],
        ['tags', ''],
      ]),
    ),
  ).toEqual(['id      a', 'status  failed'])
})
