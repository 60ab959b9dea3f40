/** @module The workers of a store: a file for each, which its heartbeat changes, and what others see of it. */
import { createHash } from 'node:crypto'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { type Beat, Liveness } from '../../machines/liveness.ts'
import type { WorkerInfo } from '../store.ts'
import type { Disk } from './disk.ts'
import { beatLine, Heart } from './heartbeat.ts'

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

/** Beats within one lease, and the longest gap between two looks at them. */
const beatsPerLease = 5
const gapsPerLease = 4
const plain = /^[A-Za-z0-9_-]{1,64}$/
const longestFile = 64 * 1024

export class Workers {
  readonly #options: WorkersOptions
  readonly #liveness: Liveness
  readonly #heart: Heart
  /** Own workers, and their files. */
  readonly #own = new Map<string, string>()

  constructor(options: WorkersOptions) {
    const { lease, blockedAfter, clock, beat, warn } = options
    this.#options = options
    this.#liveness = new Liveness({ lease, blockedAfter, longestGap: lease / gapsPerLease })
    this.#heart = new Heart({
      clock,
      every: lease / beatsPerLease,
      thread: beat === 'thread',
      beat: (path) => this.#touch(path),
      warn,
    })
  }

  /** Others can see that it lives when this returns. */
  join(worker: string, { recipes = [] }: WorkerAbout = {}): void {
    if (this.#own.has(worker)) return
    const { disk, folder, clock } = this.#options
    const path = join(folder, fileName(worker))
    const now = clock.now()
    const about = JSON.stringify({
      id: worker,
      pid: process.pid,
      host: hostname(),
      startedAt: now,
      recipes: recipes.slice(0, 100),
    })
    const head = Buffer.from(`${about}\n`)
    disk.makeFolder(folder)
    disk.remove(path)
    const file = disk.create(path)
    try {
      disk.append(file, Buffer.concat([head, Buffer.from(beatLine(0, 0, now))]))
    } finally {
      disk.close(file)
    }
    this.#own.set(worker, path)
    this.#heart.join({ path, offset: head.length })
  }

  /** It has ended in good order, or goes on under another name. */
  leave(worker: string): void {
    const path = this.#own.get(worker)
    if (path === undefined) return
    this.#own.delete(worker)
    this.#heart.leave(path)
    this.#quietly(() => this.#options.disk.remove(path))
  }

  /** One look at those who hold claims. Answers with those who are dead; own workers are not judged. */
  look(holders: Iterable<string>): readonly string[] {
    const beats = new Map<string, Beat | undefined>()
    for (const worker of holders) if (!this.#own.has(worker)) beats.set(worker, this.#beatOf(worker))
    return this.#liveness.look(this.#options.clock.monotonic(), beats)
  }

  /** All who have a file, those whose heart has been still for long included. */
  list(): readonly WorkerInfo[] {
    const { disk, folder } = this.#options
    return disk.list(folder).flatMap((name) => {
      const read = this.#read(join(folder, name))
      return read === undefined ? [] : [read.info]
    })
  }

  /** Removes the files of workers whose heart has been still since a time, in epoch ms. */
  clean(before: number): number {
    const { disk, folder } = this.#options
    const own = new Set(this.#own.values())
    let removed = 0
    for (const name of disk.list(folder)) {
      const path = join(folder, name)
      const stat = disk.lstat(path)
      if (own.has(path) || stat?.kind !== 'file' || stat.mtimeMs >= before) continue
      if (disk.remove(path)) removed += 1
    }
    return removed
  }

  /** Hearts stop, and the files of own workers are gone. */
  close(): void {
    for (const worker of [...this.#own.keys()]) this.leave(worker)
    this.#heart.close()
  }

  #beatOf(worker: string): Beat | undefined {
    return this.#read(join(this.#options.folder, fileName(worker)))?.beat
  }

  #read(path: string): { readonly info: WorkerInfo; readonly beat: Beat } | undefined {
    try {
      return this.#readFile(path)
    } catch {
      // half written, or not ours: nothing is to be seen of that worker
      return undefined
    }
  }

  #readFile(path: string): { readonly info: WorkerInfo; readonly beat: Beat } | undefined {
    const { disk } = this.#options
    const file = disk.openRead(path)
    if (file === undefined) return undefined
    try {
      const { mtimeMs, size } = disk.stat(file)
      const bytes = Buffer.alloc(Math.min(size, longestFile))
      const text = bytes.toString('utf8', 0, disk.read(file, bytes, 0))
      const [about = '', line = ''] = text.split('\n')
      const { id, pid, host, startedAt, recipes } = JSON.parse(about) as WorkerInfo
      const [, turns, turnedAt] = line.split(' ').map(Number)
      // without a thread the beats are the turns
      const beat = { count: `${mtimeMs} ${line}`, turns: turns ? String(turns) : String(mtimeMs) }
      const loopAt = turns ? (turnedAt ?? mtimeMs) : mtimeMs
      return { info: { id, pid, host, startedAt, beatAt: mtimeMs, loopAt, recipes }, beat }
    } finally {
      disk.close(file)
    }
  }

  #touch(path: string): void {
    this.#quietly(() => this.#options.disk.touch(path, this.#options.clock.now()))
  }

  /** A heart that cannot be written is not an error of whoever beats. */
  #quietly(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#options.warn('the heartbeat of a worker could not be written', error)
    }
  }
}

/** Any id may be a worker's: only plain ones are names of files. */
function fileName(worker: string): string {
  const name = plain.test(worker) ? worker : createHash('sha256').update(worker).digest('hex').slice(0, 32)
  return `${name}.json`
}
