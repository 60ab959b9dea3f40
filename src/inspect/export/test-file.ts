/** @module A slice of a journal as a file for Vitest that folds it again and states how it ended. */
import { iso } from '../../machines/iso.ts'
import { Replay, type ReplayedTask } from '../../machines/replay.ts'
import { commented, literal, quoted } from './literal.ts'
import { longestValue, type Scrubbed, Scrubber } from './scrub.ts'
import type { Slice, SliceRecord, SliceRequest } from './slice.ts'

export interface TestFileOptions {
  readonly request: SliceRequest
  /** The version of this library. */
  readonly version: string
  /** Hides secrets in texts. */
  redact(text: string): string
}

/** The text, and what its reader should know of it. */
export interface TestFile {
  readonly text: string
  readonly records: number
  readonly scrubbed: Scrubbed
  /** What the records alone do not make the same as the journal did. */
  readonly unlike: readonly string[]
}

interface End {
  readonly id: string
  readonly name: string
  readonly task: ReplayedTask | undefined
}
interface Told {
  readonly base: readonly unknown[]
  readonly records: readonly (readonly [verdict: string, record: unknown])[]
  readonly ends: readonly End[]
}

/** Writes the test of a slice. */
export function testFileOf(slice: Slice, { request, version, redact }: TestFileOptions): TestFile {
  const scrubber = new Scrubber(redact)
  const base = slice.base.map((line) => scrubber.known(line as Readonly<Record<string, unknown>>))
  const records = slice.records.map(({ record }) => scrubber.known({ ...record }))
  const replay = new Replay(base)
  const verdicts = records.map((record) => replay.apply(record))
  const ends = Array.from(slice.ends, ([id, { name }]): End => {
    const shown = scrubber.name(id)
    return { id: shown, name: scrubber.name(name), task: replay.task(shown) }
  })
  const scrubbed = scrubber.counts
  const unlike = unlikeIn(slice, verdicts, ends)
  const told: Told = { base, records: records.map((record, i) => [verdicts[i] ?? '', record]), ends }
  const main = 'task' in request ? scrubber.name(request.task) : undefined
  const head = [
    ...headOf(slice, request, main, version),
    ...notes(slice, scrubbed),
    ...unlike.map((each) => `Not as it was: ${each}`),
  ]
  return { text: textOf(told, head, titleOf(request, ends, main)), records: records.length, scrubbed, unlike }
}

/** Where the slice alone would be folded to something else: the test states what it does, and says so. */
function unlikeIn(slice: Slice, verdicts: readonly string[], ends: readonly End[]): string[] {
  const records = slice.records.flatMap(({ verdict, where }, i) =>
    verdict === verdicts[i]
      ? []
      : [`the record of segment ${where.segment}, line ${where.line} was ${verdict}, and is ${verdicts[i]} here.`],
  )
  const real = [...slice.ends.values()]
  const tasks = ends.flatMap(({ id, task }, i) => {
    const was = real[i]?.task
    const same = was?.state === task?.state && was?.run === task?.run
    return same ? [] : [`task ${id} was ${was?.state ?? 'forgotten'}, and is ${task?.state ?? 'forgotten'} here.`]
  })
  return [...records, ...tasks]
}

const count = (n: number, what: string): string => `${n.toLocaleString('en')} ${what}${n === 1 ? '' : 's'}`

function headOf(slice: Slice, request: SliceRequest, main: string | undefined, version: string): string[] {
  const asked = 'task' in request ? main : `--from ${iso(request.from)} --to ${iso(request.to)}`
  const [first, last] = [slice.records[0], slice.records.at(-1)]
  const place = ({ record, where }: SliceRecord): string =>
    `${iso(record.at)}, segment ${where.segment}, line ${where.line}`
  const records = `${count(slice.records.length, 'record')} of a journal`
  return [
    `What happened, as a test. Made by: offstage export-test ${asked} (offstage ${version})`,
    ...(first === undefined || last === undefined
      ? [`${records}.`]
      : [`${records}: from ${place(first)},`, `to ${place(last)}.`]),
  ]
}

function notes({ damaged, complete, base }: Slice, { hidden, cut, elsewhere }: Scrubbed): string[] {
  const lines = [
    hidden === 0
      ? 'Secrets were looked for, and none were found.'
      : `Secrets are hidden in ${count(hidden, 'place')}: ***`,
  ]
  if (cut > 0)
    lines.push(`${count(cut, 'value')} longer than ${longestValue / 1_024} KB ${cut === 1 ? 'is' : 'are'} cut.`)
  if (elsewhere > 0) lines.push('Values that stood in files of their own are not here, only their hashes.')
  if (damaged > 0) lines.push(`${count(damaged, 'line')} between them could not be read.`)
  if (!complete && base.length > 0) lines.push('The journal does not reach back to the beginning of it all.')
  return lines
}

function titleOf(request: SliceRequest, ends: readonly End[], main: string | undefined): string {
  const end = ends.find(({ id }) => id === main)
  if (end === undefined)
    return 'task' in request
      ? `task ${main}`
      : `${count(ends.length, 'task')} from ${iso(request.from)} to ${iso(request.to)}`
  return `task ${end.id} (${end.name}): ${end.task?.state ?? 'forgotten'}`
}

function textOf({ base, records, ends }: Told, head: readonly string[], title: string): string {
  const lines = [
    ...head.map((line) => `// ${commented(line)}`),
    "import { Replay } from 'offstage/machines'",
    "import { expect, it } from 'vitest'",
    '',
    '// What the store held before: schedules and tasks, each as a snapshot says it.',
    `const base: readonly unknown[] = ${list(base)}`,
    '',
    '// The records in their order, each with what became of it: accepted, or why it did not count.',
    `const records: readonly (readonly [verdict: string, record: unknown])[] = ${list(records)}`,
    '',
    `it(${quoted(title)}, () => {`,
    '  const replay = new Replay(base)',
    '  for (const [verdict, record] of records) expect([replay.apply(record), record]).toEqual([verdict, record])',
    ...ends.flatMap(endOf),
    '})',
  ]
  return `${lines.join('\n')}\n`
}

function endOf({ id, task }: End): string {
  const before = `  expect(replay.task(${quoted(id)}))`
  if (task === undefined) return `${before}.toBeUndefined()`
  return `${before}.toEqual(${literal(plain(task), '  ', before.length + 10)})`
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

function list(items: readonly unknown[]): string {
  if (items.length === 0) return '[]'
  return `[\n${items.map((item) => `  ${literal(item, '  ', 3)},\n`).join('')}]`
}
