import { describe, expect, it } from 'vitest'
import {
  headHeight,
  neighbour,
  placed,
  rowHeight,
  rowsOfBars,
  stepPath,
} from '../../../../../src/inspect/page/views/parts/bar-rows.ts'
import type { Span } from '../../../../../src/inspect/page/zoom.ts'
import type { Bar } from '../../../../../src/inspect/protocol.ts'

const bar = (task: string, since: number, until?: number, more: Partial<Bar> = {}): Bar => ({
  ...{ task, name: task, run: 1, worker: 'w1', lane: 0, since, outcome: until === undefined ? 'running' : 'completed' },
  ...(until === undefined ? {} : { until }),
  ...more,
})
const span: Span = [1000, 2000]

describe('the rows', () => {
  it('are grouped by worker, each with its lanes from above', () => {
    const bars = [bar('a', 0, 1, { worker: 'w2', lane: 4 }), bar('b', 0, 1, { lane: 1 }), bar('c', 0, 1, { lane: 3 })]
    const rows = rowsOfBars(bars)
    expect(rows.groups.map(({ worker }) => worker)).toEqual(['w1', 'w2'])
    const [a, b, c] = bars.map((each) => rows.topOf(each))
    expect([b, c]).toEqual([headHeight, headHeight + rowHeight])
    expect(a).toBeGreaterThan(c as number)
    expect(rows.height).toBe((a as number) + rowHeight)
  })

  it('are none without bars', () => {
    expect(rowsOfBars([])).toMatchObject({ groups: [], height: 0 })
  })
})

describe('the bars in a window', () => {
  const draw = (bars: readonly Bar[], now = 1800) => placed(bars, rowsOfBars(bars), span, 500, now)

  it('stand where their time is', () => {
    expect(draw([bar('a', 1100, 1300)])[0]).toMatchObject({ x: 50, width: 100 })
  })

  it('go on until now while their attempt does', () => {
    expect(draw([bar('a', 1100)], 1800)[0]).toMatchObject({ x: 50, width: 350 })
  })

  it('are left out before and after it, and cut at its edges', () => {
    const bars = [bar('a', 0, 900), bar('b', 2100, 2200), bar('c', 0, 9000)]
    const found = draw(bars)
    expect(found.map(({ bar: { task } }) => task)).toEqual(['c'])
    expect(found[0]).toMatchObject({ x: -8, width: 516 })
  })

  it('can be seen however short, and are one where they would stand on the same pixels', () => {
    const bars = Array.from({ length: 1000 }, (_, i) => bar(`t${i}`, 1500 + i * 0.001, 1500 + i * 0.001))
    const found = draw([...bars, bar('other', 1500, 1500.1, { outcome: 'failed' })])
    expect(found.map(({ bar: { task } }) => task)).toEqual(['t0', 'other'])
    expect(found[0]?.width).toBe(3)
  })
})

describe('the way from bar to bar', () => {
  const bars = [
    bar('a', 1000, 1100),
    bar('b', 1200, 1400),
    bar('c', 1250, 1300, { lane: 1 }),
    bar('d', 1900, 1950, { lane: 1 }),
  ]
  const found = placed(bars, rowsOfBars(bars), span, 500, 2000)
  const from = (place: number, key: string) => {
    const start = found[place]
    return start === undefined ? undefined : neighbour(found, start, key)?.bar.task
  }

  it('goes through time with left and right', () => {
    expect([from(0, 'ArrowRight'), from(1, 'ArrowRight'), from(3, 'ArrowLeft')]).toEqual(['b', 'c', 'c'])
    expect([from(0, 'ArrowLeft'), from(3, 'ArrowRight')]).toEqual([undefined, undefined])
  })

  it('goes to what is nearest in the next row with up and down', () => {
    expect([from(1, 'ArrowDown'), from(3, 'ArrowUp'), from(0, 'ArrowUp'), from(0, 'x')]).toEqual([
      'c',
      'b',
      undefined,
      undefined,
    ])
  })
})

describe('the line of how many ran at once', () => {
  const y = (count: number): number => 10 - count

  it('steps where the count changes, from what it was before the window', () => {
    const running = [
      [500, 2],
      [1200, 3],
      [1400, 1],
    ] as const
    expect(stepPath(running, span, 100, y)).toBe('M0 8.0H20.0V7.0H40.0V9.0H100')
  })

  it('is level where nothing changed in the window, and nothing where nothing is known', () => {
    expect(stepPath([[500, 2]], span, 100, y)).toBe('M0 8.0H100')
    expect(stepPath([], span, 100, y)).toBe('')
  })

  it('stays true to the time however many steps there are', () => {
    const running = Array.from({ length: 10_000 }, (_, i) => [1000 + i * 0.1, i % 2] as const)
    const path = stepPath(running, span, 100, y)
    expect(path.match(/H/g)?.length).toBeLessThanOrEqual(201)
    expect(path).toContain('H50.')
  })

  it('ends at the window', () => {
    expect(
      stepPath(
        [
          [1500, 1],
          [2500, 9],
        ],
        span,
        100,
        y,
      ),
    ).toBe('M0 10.0H50.0V9.0H100')
  })
})
