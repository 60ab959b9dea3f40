/** @module What `import 'offstage'` takes beyond `import 'xstate'`, in fresh processes. */
import { printed } from './lib/child.ts'
import { median } from './lib/measure.ts'
import { header, ms, reached, table } from './lib/report.ts'

const rounds = 40
const bar = 25

header('Import, each round in a fresh process', ['xstate'])
const taken: { xstate: number; offstage: number }[] = []
// the first brings the files into the memory of the system
await printed('load', [])
for (let i = 0; i < rounds; i += 1) taken.push(JSON.parse(await printed('load', [])))
const row = (name: string, values: readonly number[]): string[] => [name, ms(Math.min(...values)), ms(median(values))]
const beyond = taken.map((each) => each.offstage)
table(
  ['', 'best', 'median'],
  [
    row(
      "import('xstate')",
      taken.map((each) => each.xstate),
    ),
    row("then import('offstage')", beyond),
  ],
)
reached([
  {
    what: `import('offstage') beyond import('xstate') (median of ${rounds} processes)`,
    bar: `≤ ${bar} ms`,
    figure: ms(median(beyond)),
    met: median(beyond) <= bar,
  },
])
