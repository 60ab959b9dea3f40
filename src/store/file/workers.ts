/** @module The workers of a store: a file for each, which its heartbeat changes, and what others see of it. */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { OffstageError, StoreError, show } from '../../errors.ts'
import { foldNumber } from '../../machines/format.ts'
import { Liveness, type Sight } from '../../machines/liveness.ts'
import type { WorkerInfo } from '../store.ts'
import type { Disk, FileHandle } from './disk.ts'
import { beatBytes, beatLine, Heart } from './heartbeat.ts'

/** What a worker says of itself. */
export interface WorkerAbout {
  readonly recipes?: readonly string[]
}

export interface WorkersOptions {
  readonly disk: Disk
  readonly folder: string
  readonly clock: Clock
  /** A worker whose heart has not beaten for so long is dead, in ms. */
  readonly lease: number
  /** So is one whose loop has not turned for so long. */
  readonly blockedAfter: number
  /** Whether hearts beat in a thread, or with the event loop. */
  readonly beat: 'thread' | 'timer'
  warn(message: string, cause: unknown): void
}

/** Beats within one lease: a worker may pause for a lease less one of them. */
const beatsPerLease = 10
/** A process that is woken a thousand times a second need not look so often: looks within one lease, at most. */
const mostLooks = 64
/** Files whose heart has been still for fewer leases stay, whatever else is said. */
const leastLeases = 2
/** Names that every system takes, whatever its case: reserved ones of Windows are shorter. */
const plain = /^[A-Za-z0-9][A-Za-z0-9_-]{4,63}$/
const suffix = '.json'
/** How many recipes a worker names, and how many bytes they may take. */
const mostRecipes = 100
const mostRecipeBytes = 16 * 1024
/** No worker writes a larger file. */
const largestFile = 64 * 1024
const beatText = /^(\d{15}) (\d{15}) (\d{15})\n$/
const full: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])

/** The file of an own worker. */
interface Own {
  readonly path: string
  /** What it says for people. */
  readonly head: Buffer
}

/** The workers of this process, and those of others as it sees them. */
export class Workers {
  readonly #options: WorkersOptions
  readonly #liveness: Liveness
  readonly #heart: Heart
  readonly #own = new Map<string, Own>()
  #lookedAt = Number.NEGATIVE_INFINITY
  #closed = false
  #fails = false

  constructor(options: WorkersOptions) {
    const { disk, lease, blockedAfter, clock, beat, warn } = options
    this.#options = options
    this.#liveness = new Liveness({ lease, blockedAfter })
    this.#heart = new Heart({
      clock,
      every: Math.max(10, Math.min(lease, blockedAfter) / beatsPerLease),
      thread: beat === 'thread',
      touch: (path) => disk.touch(path, clock.now()),
      turned: () => this.#restore(),
      warn,
    })
  }

  /**
   * Others can see that it lives when this returns.
   *
   * @throws {StoreError} STORE_FULL or STORE when they cannot: it must not claim then, for it would be taken for dead.
   */
  join(worker: string, { recipes = [] }: WorkerAbout = {}): void {
    if (this.#own.has(worker)) return
    if (this.#closed) throw new StoreError('STORE', 'the store was closed')
    const own = { path: this.#pathOf(worker), head: this.#about(worker, recipes) }
    this.#write(own)
    this.#own.set(worker, own)
    this.#heart.join({ path: own.path, offset: own.head.length })
  }

  /** It has ended in good order, or goes on under another name. */
  leave(worker: string): void {
    const own = this.#own.get(worker)
    if (own === undefined) return
    this.#own.delete(worker)
    this.#heart.leave(own.path)
    this.#quietly('the file of a worker that has ended could not be removed', () => this.#options.disk.remove(own.path))
  }

  /** One look at those who hold claims. Answers with those who are dead; own workers are not judged. */
  look(holders: Iterable<string>): readonly string[] {
    const { clock, lease } = this.#options
    const from = clock.monotonic()
    if (from - this.#lookedAt < lease / mostLooks) return []
    this.#lookedAt = from
    const sights = new Map<string, Sight>()
    for (const worker of holders) if (!this.#own.has(worker)) sights.set(worker, this.#sightOf(worker))
    return this.#liveness.look({ from, to: clock.monotonic() }, sights)
  }

  /** All who have a file, those whose heart has been still for long included. What is not a worker's file is left out. */
  list(): readonly WorkerInfo[] {
    return this.#names().flatMap((name) => {
      const info = this.#infoIn(join(this.#options.folder, name))
      return info === undefined ? [] : [info]
    })
  }

  /**
   * Removes the files of workers whose heart has been still since a time, in epoch ms, and for two leases at least.
   * One that lives nevertheless, by another clock, writes its file again.
   *
   * @returns How many were removed.
   */
  clean(before: number): number {
    const { disk, folder, clock, lease } = this.#options
    const last = Math.min(before, clock.now() - leastLeases * lease)
    const own = new Set([...this.#own.values()].map(({ path }) => path))
    let removed = 0
    for (const name of this.#names()) {
      const path = join(folder, name)
      if (own.has(path)) continue
      this.#quietly('the file of a dead worker could not be removed', () => {
        const stat = disk.lstat(path)
        if (stat?.kind === 'file' && stat.mtimeMs < last && disk.remove(path)) removed += 1
      })
    }
    return removed
  }

  /** Hearts stop, and the files of own workers are gone. */
  close(): void {
    this.#closed = true
    for (const worker of [...this.#own.keys()]) this.leave(worker)
    this.#heart.close()
  }

  #pathOf(worker: string): string {
    return join(this.#options.folder, fileName(worker))
  }

  #about(worker: string, recipes: readonly string[]): Buffer {
    const named: string[] = []
    let bytes = 0
    for (const recipe of recipes.slice(0, mostRecipes)) {
      bytes += Buffer.byteLength(JSON.stringify(recipe))
      if (bytes > mostRecipeBytes) break
      named.push(recipe)
    }
    const { clock, lease } = this.#options
    const startedAt = clock.now()
    // a later version must not raise the fold's number while one lives that folds by another
    const about = { id: worker, pid: process.pid, host: hostname(), startedAt, fold: foldNumber, lease, recipes: named }
    return Buffer.from(`${JSON.stringify(about)}\n`)
  }

  #write(own: Own): void {
    const { disk, folder } = this.#options
    try {
      // it takes 24 ms to load what makes folders, and most stores have it
      if (disk.lstat(folder) === undefined) disk.makeFolder(folder)
      disk.remove(own.path)
      this.#fill(disk.create(own.path), own)
    } catch (error) {
      const code = codeOf(error)
      throw new StoreError(
        full.has(code) ? 'STORE_FULL' : 'STORE',
        `${own.path} could not be written (${code ?? show(error)}): others would take this worker for dead`,
        { cause: error },
      )
    }
  }

  #fill(file: FileHandle, { path, head }: Own): void {
    const { disk, clock } = this.#options
    const bytes = Buffer.concat([head, Buffer.from(beatLine(0, 0, clock.now()))])
    try {
      disk.append(file, bytes)
      // a write that comes short says nothing
      if (disk.stat(file).size !== bytes.length)
        throw Object.assign(new Error('a write came short'), { code: 'ENOSPC' })
    } catch (error) {
      this.#quietly('a worker file that was begun is left', () => disk.remove(path))
      throw error
    } finally {
      disk.close(file)
    }
  }

  /** A file that somebody took away comes back; until then others see no beat. */
  #restore(): void {
    for (const own of this.#own.values()) {
      this.#quietly('the file of a worker is gone and could not be written again', () => {
        if (this.#options.disk.lstat(own.path)?.kind !== 'file') this.#write(own)
      })
    }
  }

  /** A name that is no file of ours shows nothing; one that only this process cannot read is not judged. */
  #sightOf(worker: string): Sight {
    const { disk } = this.#options
    let file: FileHandle | undefined
    try {
      file = disk.openRead(this.#pathOf(worker))
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

  #infoIn(path: string): WorkerInfo | undefined {
    const { disk } = this.#options
    let file: FileHandle | undefined
    try {
      file = disk.openRead(path)
      if (file === undefined) return undefined
      const { mtimeMs, size } = disk.stat(file)
      return size > largestFile ? undefined : infoFrom(textAt(disk, file, 0, size), mtimeMs)
    } catch {
      // half written, or not ours
      return undefined
    } finally {
      if (file !== undefined) disk.close(file)
    }
  }

  #names(): string[] {
    let names: string[] = []
    this.#quietly('the workers could not be listed', () => {
      names = this.#options.disk.list(this.#options.folder).filter((name) => name.endsWith(suffix))
    })
    return names
  }

  /** What fails here is not an error of whoever asked; it is told once until it succeeds. */
  #quietly(message: string, act: () => void): void {
    try {
      act()
      this.#fails = false
    } catch (error) {
      if (!this.#fails) this.#options.warn(message, error)
      this.#fails = true
    }
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

/** Any id may be a worker's: only plain ones are names of files, and no hash is the name of another. */
function fileName(worker: string): string {
  if (plain.test(worker)) return `${worker}${suffix}`
  return `_${createHash('sha256').update(worker).digest('hex').slice(0, 32)}${suffix}`
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? (error as { code?: string }).code : undefined
}
