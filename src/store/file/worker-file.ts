/** @module The file of a worker: its name, what stands in it, and what others see there. */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { OffstageError } from '../../errors.ts'
import { foldNumber } from '../../machines/format.ts'
import type { Sight } from '../../machines/liveness.ts'
import type { WorkerInfo } from '../store.ts'
import type { Disk, FileHandle } from './disk.ts'
import { beatBytes, beatLine } from './heartbeat.ts'

/** Names that every system takes, whatever its case: reserved ones of Windows are shorter. */
const plain = /^[A-Za-z0-9][A-Za-z0-9_-]{4,63}$/
const suffix = '.json'
/** How many recipes a worker names, and how many bytes they may take. */
const mostRecipes = 100
const mostRecipeBytes = 16 * 1024
/** No worker writes a larger file. */
const largestFile = 64 * 1024
const beatText = /^(\d{15}) (\d{15}) (\d{15})\n$/

/** The name of a worker's file. Any id may be a worker's: only plain ones are names, and no hash is the name of another. */
export function workerFile(worker: string): string {
  if (plain.test(worker)) return `${worker}${suffix}`
  return `_${createHash('sha256').update(worker).digest('hex').slice(0, 32)}${suffix}`
}

export const isWorkerFile = (name: string): boolean => name.endsWith(suffix)

/** What the first line of the file says. */
export interface About {
  readonly id: string
  /** Those that it knows; some of them where they are many. */
  readonly recipes: readonly string[]
  /** Epoch ms. */
  readonly startedAt: number
  /** By which it beats, in ms. */
  readonly lease: number
}

/** The first line: what a worker says of itself, for people, and for versions that come later. */
export function aboutLine({ id, recipes, startedAt, lease }: About): Buffer {
  const named: string[] = []
  let bytes = 0
  for (const recipe of recipes.slice(0, mostRecipes)) {
    bytes += Buffer.byteLength(JSON.stringify(recipe))
    if (bytes > mostRecipeBytes) break
    named.push(recipe)
  }
  // a later version must not raise the fold's number while one lives that folds by another
  const about = { id, pid: process.pid, host: hostname(), startedAt, fold: foldNumber, lease, recipes: named }
  return Buffer.from(`${JSON.stringify(about)}\n`)
}

/**
 * Writes the file anew, with the line of a beat behind its head. What could not be written whole is not left.
 *
 * @throws What the disk throws; ENOSPC for a write that came short.
 */
export function writeWorker(disk: Disk, path: string, head: Buffer, at: number): void {
  disk.remove(path)
  const file = disk.create(path)
  const bytes = Buffer.concat([head, Buffer.from(beatLine(0, 0, at))])
  try {
    disk.append(file, bytes)
    // a write that comes short says nothing
    if (disk.stat(file).size !== bytes.length) throw Object.assign(new Error('a write came short'), { code: 'ENOSPC' })
  } catch (error) {
    removeIfPossible(disk, path)
    throw error
  } finally {
    disk.close(file)
  }
}

/** What failed before is what counts. */
function removeIfPossible(disk: Disk, path: string): void {
  try {
    disk.remove(path)
  } catch {}
}

/** One look. A name that is no regular file shows nothing; one that only this process cannot read is not judged. */
export function sightAt(disk: Disk, path: string): Sight {
  let file: FileHandle | undefined
  try {
    file = disk.openRead(path)
    if (file === undefined) return 'nothing'
    const { mtimeMs, size } = disk.stat(file)
    const line = textAt(disk, file, Math.max(0, size - beatBytes), beatBytes)
    const [, , turns] = beatText.exec(line) ?? []
    // without a thread the beats are the turns
    return { count: `${mtimeMs} ${line}`, turns: Number(turns ?? 0) > 0 ? `${turns}` : `${mtimeMs}` }
  } catch (error) {
    return OffstageError.is(error, 'STORE') ? 'nothing' : 'unseen'
  } finally {
    if (file !== undefined) disk.close(file)
  }
}

/** What a worker says of itself; undefined for what is half written, or no worker's. */
export function infoAt(disk: Disk, path: string): WorkerInfo | undefined {
  let file: FileHandle | undefined
  try {
    file = disk.openRead(path)
    if (file === undefined) return undefined
    const { mtimeMs, size } = disk.stat(file)
    return size > largestFile ? undefined : infoFrom(textAt(disk, file, 0, size), mtimeMs)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) disk.close(file)
  }
}

function infoFrom(text: string, beatAt: number): WorkerInfo | undefined {
  const end = text.indexOf('\n') + 1
  const { id, pid, host, startedAt, recipes } = JSON.parse(text.slice(0, end)) as Record<string, unknown>
  if (typeof id !== 'string' || typeof pid !== 'number' || typeof host !== 'string') return undefined
  if (typeof startedAt !== 'number' || !isTexts(recipes)) return undefined
  const [, , turns, turnedAt] = beatText.exec(text.slice(end)) ?? []
  return { id, pid, host, startedAt, beatAt, loopAt: Number(turns ?? 0) > 0 ? Number(turnedAt) : beatAt, recipes }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

function textAt(disk: Disk, file: FileHandle, position: number, length: number): string {
  const bytes = Buffer.alloc(length)
  return bytes.toString('utf8', 0, disk.read(file, bytes, position))
}
