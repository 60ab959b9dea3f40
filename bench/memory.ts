/** @module The heap that a pending task takes, beyond the closure that it is. */
import { printed } from './lib/child.ts'
import { header, reached, table, whole } from './lib/report.ts'

const bar = 700
const measure = async (what: string): Promise<number> => Number(await printed('heap', [what], ['--expose-gc']))

header('Heap per pending task, a million of them', ['xstate'])
const closure = await measure('closures')
const plain = await measure('tasks')
const timed = await measure('timeouts')
table(
  ['', 'bytes', 'beyond the closure'],
  [
    ['closure', whole(closure), ''],
    ['submit(closure)', whole(plain), whole(plain - closure)],
    ['submit(closure, { timeout })', whole(timed), whole(timed - closure)],
  ],
)
const worst = Math.max(plain, timed) - closure
reached([
  {
    what: 'bytes of heap per pending task, beyond its closure',
    bar: `≤ ${bar}`,
    figure: whole(worst),
    met: worst <= bar,
  },
])
