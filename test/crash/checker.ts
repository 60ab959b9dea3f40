/**
 * An independent judge of a journal: it shares no code with the store. It reads the segments by itself, decides which
 * claims were won and how tasks ended, and holds that against what was acknowledged.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Note } from './harness.ts'

interface Line {
  readonly e: string
  readonly type: string
  readonly task: string
  readonly claim?: string
  readonly worker?: string
  readonly run?: number
  readonly result?: string
}

interface Life {
  run: number
  claim: string | undefined
  worker: string | undefined
  /** Told to be cancelled while it runs: no other end is left. */
  stopping: boolean
  end: 'completed' | 'cancelled' | undefined
  result: string | undefined
  readonly won: Set<string>
  forgotten: boolean
}

/** What the journal says. */
export interface World {
  readonly tasks: ReadonlyMap<string, Life>
  readonly records: number
  readonly damaged: number
  readonly segments: number
  /** Records behind a seal, which do not count. */
  readonly void: number
}

/** Reads all segments of a journal, which must all be there. */
export function readWorld(dir: string): World {
  const names = readdirSync(join(dir, 'journal'))
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
  const world = { tasks: new Map<string, Life>(), records: 0, damaged: 0, segments: names.length, void: 0 }
  const dead = new Set<string>()
  names.forEach((name, i) => {
    if (Number(name.slice(0, -6)) !== i + 1) throw new Error(`segment ${i + 1} is missing`)
    let sealed = false
    for (const bytes of linesOf(readFileSync(join(dir, 'journal', name)))) {
      const line = readLine(bytes)
      if (line === undefined) world.damaged += 1
      else if (sealed) world.void += 1
      else if (line.type === 'seal') sealed = true
      else if (line.type !== 'header') {
        world.records += 1
        judge(world.tasks, dead, line)
      }
    }
    if (!sealed && i < names.length - 2) throw new Error(`${name} has no seal, and two segments follow`)
  })
  return world
}

function* linesOf(file: Buffer): Generator<Buffer> {
  let from = 0
  for (let to = file.indexOf(10); to >= 0; to = file.indexOf(10, from)) {
    if (to > from) yield file.subarray(from, to)
    from = to + 1
  }
}

function readLine(line: Buffer): Line | undefined {
  const text = line.subarray(9)
  if (text.length === 0 || Number.parseInt(line.subarray(0, 8).toString('latin1'), 16) !== crc32(text)) return undefined
  return JSON.parse(text.toString('utf8')) as Line
}

/** The life of a task in ten lines: enough to tell who may end it. */
function judge(tasks: Map<string, Life>, dead: Set<string>, line: Line): void {
  if (line.type === 'expire') {
    dead.add(String(line.worker))
    for (const life of tasks.values()) if (life.worker === line.worker) leave(life)
    return
  }
  const life = tasks.get(line.task)
  if (line.type === 'submit') {
    if (life !== undefined) return
    const born = { run: 0, claim: undefined, worker: undefined, stopping: false, end: undefined, result: undefined }
    tasks.set(line.task, { ...born, won: new Set(), forgotten: false })
  } else if (life === undefined || life.forgotten) return
  else if (line.type === 'forget') life.forgotten = life.end !== undefined
  else if (life.end !== undefined) return
  else if (line.type === 'start') {
    if (life.claim !== undefined || line.run !== life.run + 1 || dead.has(String(line.worker))) return
    Object.assign(life, { run: line.run, claim: line.claim, worker: line.worker })
    life.won.add(String(line.claim))
  } else if (line.type === 'cancel') {
    if (life.claim === undefined) life.end = 'cancelled'
    else life.stopping = true
  } else if (line.claim !== undefined && line.claim === life.claim) {
    if (line.type === 'complete' && !life.stopping) Object.assign(life, { end: 'completed', result: line.result })
    leave(life)
  }
}

function leave(life: Life): void {
  if (life.stopping) life.end = 'cancelled'
  life.claim = undefined
  life.worker = undefined
}

/** What was acknowledged and is not so: the invariants of the journal, by their names. */
export function violations({ tasks }: World, notes: readonly Note[]): string[] {
  const wrong: string[] = []
  const completed = new Map<string, string>()
  for (const { submit, begin, complete, cancel, claim = '', result, error } of notes) {
    if (submit !== undefined && !tasks.has(submit)) wrong.push(`I1: the submit of ${submit} is lost`)
    if (begin !== undefined && !tasks.get(begin)?.won.has(claim))
      wrong.push(`I4: ${begin} began under ${claim}, which had not won`)
    const told = cancel === undefined ? undefined : tasks.get(cancel)
    if (cancel !== undefined && told?.end !== 'cancelled' && told?.stopping !== true)
      wrong.push(`the cancel of ${cancel} is lost`)
    if (error !== undefined) wrong.push(`a process ended with ${error}`)
    if (complete === undefined) continue
    const life = tasks.get(complete)
    if (completed.has(complete))
      wrong.push(`I2: ${complete} completed twice, by ${completed.get(complete)} and ${claim}`)
    completed.set(complete, claim)
    if (life?.end !== 'completed' || life.result !== result)
      wrong.push(`I3: the completion of ${complete} by ${claim} is lost`)
  }
  return wrong
}
