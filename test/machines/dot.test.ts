import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { toDot } from '../../src/machines/dot.ts'
import { runnerMachine } from '../../src/machines/runner.ts'
import { taskMachine } from '../../src/machines/task.ts'
import { hostile } from '../inspect/chart/odd.ts'

const linesOf = (text: string): string[] => text.split('\n').map((line) => line.trim())

/** The text without what stands in quotes; a quote that is not closed stays. */
const bare = (text: string): string => text.replace(/"(?:[^"\\\n]|\\[^\n])*"/g, 'Q')

describe('toDot', () => {
  it('draws nested states as clusters, and edges of those from their borders', () => {
    expect(toDot(runnerMachine)).toBe(`digraph "runner" {
  compound=true; rankdir=TB; fontname="Helvetica";
  node [shape=box, style=rounded, fontname="Helvetica"]; edge [fontname="Helvetica", fontsize=10];
  " (start)" [shape=point, width=0.12];
  " (start)" -> "accepting.active" [lhead="cluster accepting"];
  subgraph "cluster accepting" {
    label="accepting"; style=rounded;
    "accepting (start)" [shape=point, width=0.12];
    "accepting (start)" -> "accepting.active";
    "accepting.active" [label="active"];
    "accepting.paused" [label="paused"];
  }
  "draining" [label="draining"];
  "stopped" [label="stopped", peripheries=2];
  "accepting.active" -> "draining" [label="stop", ltail="cluster accepting"];
  "accepting.active" -> "accepting.paused" [label="pause"];
  "accepting.paused" -> "accepting.active" [label="resume"];
  "draining" -> "stopped" [label="drained"];
}
`)
  })

  it('runs from left to right, and leaves guards out, when asked to', () => {
    const lines = linesOf(toDot(taskMachine, { direction: 'LR', guards: false }))
    expect(lines).toContain('compound=true; rankdir=LR; fontname="Helvetica";')
    expect(lines).toContain('"new" -> "pending.queued" [label="submit"];')
    expect(linesOf(toDot(taskMachine))).toContain('"new" -> "pending.delayed" [label="submit [delay]"];')
  })

  it('stacks what leads along one edge by different guards', () => {
    const go = [{ guard: 'isReady', target: 'b' }, { target: 'b' }]
    const machine = createMachine({ initial: 'a', states: { a: { on: { go } }, b: {} } } as never)
    expect(linesOf(toDot(machine))).toContain('"a" -> "b" [label="go [ready]\\ngo"];')
  })

  it('keeps whatever users named inside of quotes', () => {
    const states = { 'a"];evil[': { on: { 'x\\': '#odd' } }, 'b\\"\n}': { id: 'odd' } }
    const machine = createMachine({ id: '"} digraph {', initial: 'a"];evil[', states } as never)
    for (const text of [toDot(machine), toDot(hostile)]) {
      expect(bare(text)).not.toMatch(/["\\]|evil|script/)
      expect(bare(text).match(/\{/g)?.length).toBe(bare(text).match(/\}/g)?.length)
    }
  })
})
