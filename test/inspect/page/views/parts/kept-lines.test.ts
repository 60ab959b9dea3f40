import { describe, expect, it } from 'vitest'
import { KeptLines, linesKept } from '../../../../../src/inspect/page/views/parts/kept-lines.ts'
import type { TaskLine, TaskView } from '../../../../../src/inspect/protocol.ts'

const line = (n: number): TaskLine => ({ n, at: n, type: 'log', level: 'info', text: `line ${n}` })
const view = (whole: boolean, lines: readonly TaskLine[], id = 'a'): TaskView => ({
  ...{ view: 'task', id, whole, lines, happenings: [], cut: 0, children: [], needs: [], asks: [] },
})
const numbers = (kept: KeptLines): number[] => kept.lines.map(({ n }) => n)

describe('the lines of a task', () => {
  it('go on with what each view brings, once', () => {
    const kept = new KeptLines()
    const more = view(false, [line(3)])
    kept.take(view(true, [line(1), line(2)]), 'e1')
    kept.take(more, 'e1')
    kept.take(more, 'e1')
    expect(numbers(kept)).toEqual([1, 2, 3])
  })

  it('begin anew when all of them come, for another task, and in another recording', () => {
    const kept = new KeptLines()
    kept.take(view(true, [line(1), line(2)]), 'e1')
    kept.take(view(true, [line(2)]), 'e1')
    expect(numbers(kept)).toEqual([2])
    kept.take(view(false, [line(5)], 'b'), 'e1')
    expect(numbers(kept)).toEqual([5])
    kept.take(view(false, [line(6)], 'b'), 'e2')
    expect(numbers(kept)).toEqual([6])
  })

  it('are bounded: the newest are kept, and it is said that there were more', () => {
    const kept = new KeptLines()
    kept.take(
      view(
        true,
        Array.from({ length: linesKept }, (_, i) => line(i)),
      ),
      'e1',
    )
    expect(kept.cut).toBe(false)
    kept.take(view(false, [line(linesKept)]), 'e1')
    expect([kept.lines.length, kept.lines.at(-1)?.n, kept.cut]).toEqual([linesKept, linesKept, true])
  })
})
