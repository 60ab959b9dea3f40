/** @module Log lines and streamed output in files, one a task: written by whoever holds its claim, bounded, unsynced. */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { StoredTask } from '../../machines/store-state.ts'
import { type NewStreamEntry, type StreamEntry, streamKept } from '../store.ts'
import type { Disk } from './disk.ts'
import { LogFile, OpenFiles } from './log-file.ts'
import { type LogLine, logLine, readLogLine } from './log-line.ts'

/** How many tasks are followed, and of how many the place in their file is remembered. */
const mostFollowed = 200
const mostKnown = 1_000
/** How often the file of a settled task is found unchanged before it is followed no more. */
const quietLooks = 4
const logName = /^[0-9a-f]{32}\.jsonl$/

/** An entry that another process wrote. */
export interface LogNews {
  readonly task: StoredTask
  readonly entry: StreamEntry
}

export interface LogsOptions {
  readonly disk: Disk
  /** Made when the first line is written. */
  readonly folder: string
  /** Told once a task of what could not be written or read. */
  warn(message: string, cause: unknown): void
}

interface Log {
  task: StoredTask
  readonly file: LogFile
  pending: LogLine[]
  /** Entries of other processes that nobody has asked for; undefined = not followed. */
  fresh: StreamEntry[] | undefined
  quiet: number
}

/** The newest {@link streamKept} entries of each task. A disk that fails costs entries; it is never an error. */
export class Logs {
  readonly #disk: Disk
  readonly #folder: string
  readonly #warn: LogsOptions['warn']
  readonly #files: OpenFiles
  /** By task id, and the followed ones; the one that was used last comes last. */
  readonly #logs = new Map<string, Log>()
  readonly #followed = new Set<Log>()
  readonly #unwritten = new Set<Log>()
  readonly #warned = new WeakSet<StoredTask>()
  #closed = false

  constructor({ disk, folder, warn }: LogsOptions) {
    this.#disk = disk
    this.#folder = folder
    this.#warn = warn
    this.#files = new OpenFiles(disk)
  }

  /** The name of a task's file in the folder. */
  fileOf(taskId: string): string {
    return `${createHash('sha256').update(taskId).digest('hex').slice(0, 32)}.jsonl`
  }

  /** Takes an entry. What comes in one turn of the event loop is written at its end, by one append a task. */
  write(task: StoredTask, given: NewStreamEntry): StreamEntry {
    const log = this.#logOf(task)
    // another process may have held the claim since
    if (log.pending.length === 0) this.#readOn(log)
    log.file.n += 1
    const line = logLine(given, task.snapshot.context.version, log.file.n)
    if (this.#closed) return line.entry
    log.pending.push(line)
    if (log.pending.length >= 2 * streamKept) log.pending.splice(0, streamKept)
    if (this.#unwritten.size === 0) setImmediate(() => this.flush())
    this.#unwritten.add(log)
    return line.entry
  }

  /** The kept entries after number `after`, with those that are not written yet. */
  read(task: StoredTask, after: number): readonly StreamEntry[] {
    const log = this.#logs.get(task.id)
    const file = log?.file ?? new LogFile(this.#files, this.#pathOf(task))
    const entries: StreamEntry[] = []
    this.#guard(task, () => {
      for (const json of file.lines()) {
        const entry = readLogLine(json)
        if (entry !== undefined) entries.push(entry)
      }
    })
    for (const { entry } of log?.pending ?? []) entries.push(entry)
    return entries.slice(-streamKept).filter(({ n }) => n > after)
  }

  /** From now on {@link news} tells what other processes write to this task. The newest 200 are followed. */
  follow(task: StoredTask): void {
    const log = this.#logOf(task)
    if (log.fresh === undefined) {
      this.#readOn(log)
      log.fresh = []
    }
    log.quiet = 0
    this.#followed.delete(log)
    this.#followed.add(log)
    if (this.#followed.size <= mostFollowed) return
    const [oldest] = this.#followed
    if (oldest !== undefined) this.#unfollow(oldest)
  }

  /** What others have written to the followed tasks since the last call. A settled task is let go when it is quiet. */
  news(): readonly LogNews[] {
    const news: LogNews[] = []
    for (const log of this.#followed) {
      this.#readOn(log)
      const fresh = log.fresh ?? []
      for (const entry of fresh) news.push({ task: log.task, entry })
      log.fresh = []
      log.quiet = fresh.length === 0 && log.task.settled ? log.quiet + 1 : 0
      if (log.quiet >= quietLooks) this.#unfollow(log)
    }
    return news
  }

  /** Writes what is gathered. */
  flush(): void {
    for (const log of this.#unwritten) {
      const texts = log.pending.map(({ json }) => json)
      log.pending = []
      this.#guard(log.task, () => {
        if (this.#files.get(log.file.path) === undefined && this.#disk.lstat(this.#folder) === undefined)
          this.#disk.makeFolder(this.#folder)
        log.file.append(texts, (entry) => this.#hear(log, entry))
      })
    }
    this.#unwritten.clear()
  }

  /**
   * Removes the files of tasks that are gone.
   *
   * @param kept Whether the file of that name, as {@link fileOf} gives it, still belongs to a task.
   * @param before Only files that have not changed since, in epoch ms.
   * @returns How many were removed.
   */
  clean(kept: (file: string) => boolean, before: number): number {
    let removed = 0
    for (const name of this.#disk.list(this.#folder)) {
      if (!logName.test(name) || kept(name)) continue
      const path = join(this.#folder, name)
      const stat = this.#disk.lstat(path)
      if (stat === undefined || stat.mtimeMs >= before) continue
      this.#files.close(path)
      if (this.#disk.remove(path)) removed += 1
    }
    return removed
  }

  /** Writes what is gathered, and closes all files. What comes later is not kept. */
  close(): void {
    this.flush()
    this.#closed = true
    for (const path of this.#files.paths) this.#files.close(path)
    this.#followed.clear()
    this.#logs.clear()
  }

  #pathOf(task: StoredTask): string {
    return join(this.#folder, this.fileOf(task.id))
  }

  #logOf(task: StoredTask): Log {
    const { id } = task
    const known = this.#logs.get(id)
    const log = known ?? { task, file: this.#newFile(task), pending: [], fresh: undefined, quiet: 0 }
    log.task = task
    this.#logs.delete(id)
    this.#logs.set(id, log)
    if (this.#logs.size > mostKnown) this.#letOneGo(log)
    return log
  }

  #newFile(task: StoredTask): LogFile {
    return new LogFile(this.#files, this.#pathOf(task))
  }

  #letOneGo(spared: Log): void {
    for (const [id, log] of this.#logs) {
      if (log === spared || log.fresh !== undefined || log.pending.length > 0) continue
      this.#files.close(log.file.path)
      this.#logs.delete(id)
      return
    }
  }

  #unfollow(log: Log): void {
    log.fresh = undefined
    this.#followed.delete(log)
  }

  #readOn(log: Log): void {
    this.#guard(log.task, () => log.file.readOn((entry) => this.#hear(log, entry)))
  }

  #hear({ fresh }: Log, entry: StreamEntry): void {
    fresh?.push(entry)
    if (fresh !== undefined && fresh.length >= 2 * streamKept) fresh.splice(0, streamKept)
  }

  #guard(task: StoredTask, act: () => void): void {
    try {
      act()
    } catch (error) {
      if (this.#warned.has(task)) return
      this.#warned.add(task)
      this.#warn(`the log of task ${task.id} is not complete`, error)
    }
  }
}
