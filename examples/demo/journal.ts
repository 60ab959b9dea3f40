/** @module Reads the journal as a stranger would: lines of a checksum and a record. Offstage has no part in it. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'

/** A record, as far as it is counted here. */
interface Line {
  readonly type: string
  readonly task?: string
  readonly run?: number
  readonly worker?: string
  readonly schedule?: { readonly uid: string; readonly slot: number }
}

/** What the journal says. */
export interface Account {
  /** Whole records, and lines that a killed process left unfinished. */
  readonly records: number
  readonly torn: number
  /** How many records of each type there are. */
  readonly types: ReadonlyMap<string, number>
  /** How often each task was submitted, and completed. Of two that fire one slot of a schedule the first counts. */
  readonly submits: ReadonlyMap<string, number>
  readonly completes: ReadonlyMap<string, number>
  /** The workers of its attempts, in order. Of two workers that wanted the same attempt the first got it. */
  readonly workers: ReadonlyMap<string, readonly string[]>
  /** The workers that were declared dead. */
  readonly expired: ReadonlySet<string>
}

export async function readJournal(dir: string): Promise<Account> {
  const folder = join(dir, 'journal')
  const lines: string[] = []
  for (const name of (await readdir(folder)).sort())
    lines.push(...(await readFile(join(folder, name), 'utf8')).split('\n').filter((line) => line !== ''))
  const records = lines.flatMap(recordOf)
  const workers = new Map<string, string[]>()
  for (const { type, task = '', run = 0, worker = '' } of records) {
    const had = workers.get(task) ?? []
    if (type === 'start' && run === had.length + 1) workers.set(task, [...had, worker])
  }
  const slots = new Set<string>()
  const counted = records.filter(({ schedule }) => {
    const slot = schedule && `${schedule.uid} ${schedule.slot}`
    if (slot === undefined) return true
    return slots.has(slot) ? false : slots.add(slot)
  })
  const tasksOf = (type: string) => tally(counted.filter((record) => record.type === type).map(({ task = '' }) => task))
  return {
    records: records.length,
    torn: lines.length - records.length,
    types: tally(records.map(({ type }) => type)),
    submits: tasksOf('submit'),
    completes: tasksOf('complete'),
    workers,
    expired: new Set(records.filter(({ type }) => type === 'expire').map(({ worker = '' }) => worker)),
  }
}

function recordOf(line: string): Line[] {
  const json = line.slice(9)
  const sum = crc32(json).toString(16).padStart(8, '0')
  return line.startsWith(`${sum} `) ? [JSON.parse(json) as Line] : []
}

function tally(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
