/** @module A disk in memory that several simulated processes share, and that fails when a test wants it to. */
import type { Clock } from '../clock.ts'
import { seededRandom } from '../random.ts'
import { DiskState } from './disk-state.ts'
import { Faults } from './faults.ts'
import { FaultyProcess } from './faulty-process.ts'

/** Options of {@link FaultyDisk}. */
export interface FaultyDiskOptions {
  /** Decides what survives a crash, and how much of a write that fails is written. @default 1 */
  readonly seed?: number
  /** Where the times of files come from. `@default` a clock that stands at 0 */
  readonly clock?: Pick<Clock, 'now'>
  /** How many bytes fit; appends beyond it fail with ENOSPC. @default any number */
  readonly space?: number
  /** Whose the files are. `@default` this process' user */
  readonly uid?: number
}

/** Options of {@link FaultyDisk.crash}. */
export interface CrashOptions {
  /** Whether all that was not synced is gone, rather than what the seed says. @default false */
  readonly strict?: boolean
}

/**
 * A disk in memory, for tests of what a store does when files fail. It behaves as POSIX says: a file outlives its names
 * while it is open, appends go to the end whoever else writes. What was written is not safe yet: `sync` saves the bytes
 * of a file, `syncFolder` the names in a folder.
 *
 * The disk itself is one process; `process()` gives others. Faults that are set on the disk hit whoever does the
 * operation. The same seed and the same calls give the same files.
 *
 * @example
 * ```ts
 * import { FaultyDisk } from 'offstage/testing'
 *
 * const disk = new FaultyDisk({ seed: 7 })
 * const file = disk.create('/notes')
 * await disk.syncFolder('/')
 * disk.append(file, Buffer.from('safe '))
 * await disk.sync(file)
 * disk.failAt(1, 'ENOSPC')
 * try {
 *   disk.append(file, Buffer.from('lost'))
 * } catch {} // ENOSPC: a part may have been written
 * disk.crash({ strict: true })
 * String(disk.get('/notes')) // 'safe '
 * ```
 */
export class FaultyDisk extends FaultyProcess {
  readonly #processes = new Set<FaultyProcess>()

  constructor(options: FaultyDiskOptions = {}) {
    const { seed = 1, clock, space, uid = process.getuid?.() ?? 0 } = options
    const faults = new Faults()
    const state = new DiskState(() => clock?.now() ?? 0)
    if (space !== undefined) state.space = space
    super({ state, random: seededRandom(seed), uid, faults, handles: 0, crashes: 0 }, faults)
  }

  /** How many bytes fit; a test may change it. */
  get space(): number {
    return this.shared.state.space
  }

  set space(bytes: number) {
    this.shared.state.space = bytes
  }

  /** Another process on the same disk. */
  process(): FaultyProcess {
    const process = new FaultyProcess(this.shared)
    this.#processes.add(process)
    return process
  }

  /**
   * The power fails. What was synced is left, and by the seed some of the rest: any beginning of the bytes behind it,
   * which NULs may follow, and names or their removal. All processes are dead; the disk itself can be used again.
   */
  crash({ strict = false }: CrashOptions = {}): void {
    const { state, random } = this.shared
    for (const process of this.#processes) process.kill()
    this.#processes.clear()
    this.kill()
    this.shared.crashes += 1
    state.crash(strict ? undefined : random)
    this.alive = true
  }

  /** The bytes of a file as a reader sees them; undefined when there is none. No operation: it never fails. */
  get(path: string): Buffer | undefined {
    const node = this.shared.state.find(path)
    return node?.kind === 'file' ? Buffer.from(node.data.subarray(0, node.size)) : undefined
  }

  /** Puts a file there, with the folders above it, all of it on the medium. No operation: it never fails. */
  put(path: string, bytes: Uint8Array | string): void {
    this.shared.state.put(path, Buffer.from(bytes))
  }
}
