/** @module The workers of a store: a file for each, which its heartbeat changes, and what others see of it. */
import { join } from 'node:path'
import type { Clock } from '../../clock.ts'
import { StoreError, show } from '../../errors.ts'
import { Liveness, type Sight } from '../../machines/liveness.ts'
import type { WorkerInfo } from '../store.ts'
import type { Disk } from './disk.ts'
import { Heart } from './heartbeat.ts'
import { aboutLine, infoAt, isWorkerFile, sightAt, workerFile, writeWorker } from './worker-file.ts'

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
    const { clock, lease } = this.#options
    const own = { path: this.#pathOf(worker), head: aboutLine({ id: worker, recipes, startedAt: clock.now(), lease }) }
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

  /** Their end is recorded: one that lives nevertheless learns of it from the journal, and goes on under another name. */
  bury(dead: readonly string[]): void {
    for (const worker of dead)
      this.#quietly('the file of a dead worker could not be removed', () =>
        this.#options.disk.remove(this.#pathOf(worker)),
      )
  }

  /** One look at those who hold claims. Answers with those who are dead; own workers are not judged. */
  look(holders: Iterable<string>): readonly string[] {
    const { clock, lease } = this.#options
    const from = clock.monotonic()
    if (from - this.#lookedAt < lease / mostLooks) return []
    this.#lookedAt = from
    const sights = new Map<string, Sight>()
    for (const worker of holders)
      if (!this.#own.has(worker)) sights.set(worker, sightAt(this.#options.disk, this.#pathOf(worker)))
    return this.#liveness.look({ from, to: clock.monotonic() }, sights)
  }

  /** All who have a file, those whose heart has been still for long included. What is not a worker's file is left out. */
  list(): readonly WorkerInfo[] {
    return this.#names().flatMap((name) => {
      const info = infoAt(this.#options.disk, join(this.#options.folder, name))
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
    return join(this.#options.folder, workerFile(worker))
  }

  #write(own: Own): void {
    const { disk, folder, clock } = this.#options
    try {
      // it takes 24 ms to load what makes folders, and most stores have it
      if (disk.lstat(folder) === undefined) disk.makeFolder(folder)
      writeWorker(disk, own.path, own.head, clock.now())
    } catch (error) {
      const code = codeOf(error)
      throw new StoreError(
        full.has(code) ? 'STORE_FULL' : 'STORE',
        `${own.path} could not be written (${code ?? show(error)}): others would take this worker for dead`,
        { cause: error },
      )
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

  #names(): string[] {
    let names: string[] = []
    this.#quietly('the workers could not be listed', () => {
      names = this.#options.disk.list(this.#options.folder).filter(isWorkerFile)
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

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null ? (error as { code?: string }).code : undefined
}
