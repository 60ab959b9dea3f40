/** @module What benchmarks print: on what they ran, their tables, and what was reached. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import Table from 'cli-table3'

/** One line of the last table. */
export interface Figure {
  readonly what: string
  readonly bar: string
  readonly figure: string
  readonly met: boolean
}

/** Seen from `.build/bench/lib`. */
const root = new URL('../../../', import.meta.url)
const folder = new URL('../figures/', import.meta.url)
/** The topics of one `npm run bench` have one parent; their figures meet in a file that is named after it. */
const shared = new URL(`${process.ppid}.json`, folder)
const lines = ['top', 'bottom', 'left', 'right', 'mid'].flatMap((side) => [
  side,
  `${side}-left`,
  `${side}-right`,
  `${side}-mid`,
])
const bare = { ...Object.fromEntries(lines.map((line) => [line, ''])), middle: '  ' }
/** Figures of runs that are this old, in ms, are of another parent with the same number. */
const longestRun = 3_600_000

/** Prints the machine and the versions that the figures are worth something for. */
export function header(title: string, packages: readonly string[] = []): void {
  const { model = 'unknown' } = cpus()[0] ?? {}
  const versions = ['offstage', ...packages].map((name) => `${name} ${versionOf(name)}`)
  const memory = Math.round(totalmem() / 2 ** 30)
  const load = loadavg().map((each) => each.toFixed(1))
  console.log(`${title}
${model} × ${cpus().length}, ${memory} GiB, load ${load.join(' ')}; Node ${process.versions.node}, V8 ${process.versions.v8}
${versions.join(', ')}; NODE_ENV=${process.env.NODE_ENV ?? ''}\n`)
}

function versionOf(name: string): string {
  const file = name === 'offstage' ? 'package.json' : `node_modules/${name}/package.json`
  return (JSON.parse(readFileSync(new URL(file, root), 'utf8')) as { version: string }).version
}

/** A table of plain text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const drawn = new Table({
    head: [...head],
    chars: bare,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
  })
  for (const row of rows) drawn.push([...row])
  console.log(`${drawn.toString()}\n`)
}

/** Prints what was reached: by this topic, and by those before it in the same run. */
export function reached(figures: readonly Figure[]): void {
  const all = [...earlier(), ...figures]
  mkdirSync(folder, { recursive: true })
  writeFileSync(shared, JSON.stringify({ at: Date.now(), figures: all }))
  table(
    ['', 'bar', 'figure', ''],
    all.map(({ what, bar, figure, met }) => [what, bar, figure, met ? 'met' : 'MISSED']),
  )
}

function earlier(): Figure[] {
  try {
    const { at, figures } = JSON.parse(readFileSync(shared, 'utf8')) as { at: number; figures: Figure[] }
    return Date.now() - at < longestRun ? figures : []
  } catch {
    return []
  }
}

export const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`
export const micros = (value: number): string => `${(value * 1_000).toFixed(2)} µs`
export const times = (value: number): string => `${value.toFixed(2)}×`
export const whole = (value: number): string => Math.round(value).toLocaleString('en')
