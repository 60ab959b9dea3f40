/** @module What `offstage list --json` takes, against an empty program. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { remove } from '../lib/folder.ts'
import { median } from '../lib/measure.ts'
import { type Figure, ms, table, whole } from '../lib/report.ts'
import { filled } from './opening.ts'

const tasks = 10_000
const rounds = 15
const slack = 150
const cli = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url))

export async function listing(): Promise<Figure[]> {
  if (!existsSync(cli)) {
    console.log('!! SKIPPED offstage list: the command line is not built\n')
    return []
  }
  const list = (dir: string): string[] => [cli, 'list', '--json', '--store', dir]
  const dirs = [await filled(tasks), await filled(tasks, { segmentEvents: 5_000 })] as const
  const programs = new Map([
    ['node -e 0', ['-e', '0']],
    ['list, no snapshot', list(dirs[0])],
    ['list, snapshots', list(dirs[1])],
  ])
  const taken = new Map<string, number[]>([...programs.keys()].map((name) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, args] of programs) {
      const began = performance.now()
      execFileSync(process.execPath, args, { maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] })
      if (round >= 0) taken.get(name)?.push(performance.now() - began)
    }
  }
  for (const dir of dirs) remove(dir)
  console.log(`\`offstage list --json\` on ${whole(tasks)} tasks`)
  table(
    ['', 'best', 'median'],
    [...taken].map(([name, all]) => [name, ms(Math.min(...all)), ms(median(all))]),
  )
  const [empty = Number.NaN, ...lists] = [...taken.values()].map(median)
  const slowest = Math.max(...lists)
  const bar = 3 * empty + slack
  return [
    {
      what: `offstage list --json of ${whole(tasks)} tasks (median of ${rounds}, the slower kind)`,
      bar: `≤ ${ms(bar)}`,
      figure: ms(slowest),
      met: slowest <= bar,
    },
  ]
}
