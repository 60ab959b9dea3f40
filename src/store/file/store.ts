/** @module The store in a folder: the journal, the fold of it in this process, and what stands beside it. */
import { resolve } from 'node:path'
import { type Duration, parseDuration } from '../../duration.ts'
import { type OffstageError, StoreError, show } from '../../errors.ts'
import { jsonCopy } from '../../json.ts'
import type { Reason } from '../../machines/explain.ts'
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import type { Verdict } from '../../machines/fold-store.ts'
import type { BlobRef, ProgressRecord, StoreRecord, SubmitRecord } from '../../machines/records.ts'
import type { StoredSchedule } from '../../machines/schedule-state.ts'
import type { StoredTask } from '../../machines/store-state.ts'
import { asPlain, fenced } from '../books.ts'
import { News } from '../news.ts'
import type {
  Claimed,
  ClaimRequest,
  Counts,
  ForgetAnswer,
  ForgetRequest,
  HistoryOptions,
  HistoryStep,
  ListPage,
  ListRequest,
  NewStreamEntry,
  OneRecord,
  Store,
  StoreChange,
  StreamEntry,
  WorkerInfo,
} from '../store.ts'
import { type BackupReport, copyStore } from './backup.ts'
import { pickTasks, wonOf } from './claims.ts'
import { OpenStore } from './open-store.ts'
import { type FileSettings, type FileStoreOptions, readFileOptions } from './options.ts'
import { reportOn, type StoreReport } from './report.ts'

const nothing: readonly Claimed[] = Object.freeze([])
const noCounts: Counts = Object.freeze({ pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 })
/** Above this many bytes of JSON a value stands in a file of its own. */
const largestInline = 64 * 1024
/** How many tasks are forgotten by one write. */
const forgottenAtOnce = 1_000

/**
 * Tasks in a folder, shared by any number of processes of one machine, with no server.
 * The folder is opened at the first use.
 *
 * @example
 * ```ts
 * import { mkdtempSync } from 'node:fs'
 * import { tmpdir } from 'node:os'
 * import { join } from 'node:path'
 * import { BackgroundRunner, defineRecipe, FileStore } from 'offstage'
 *
 * const shout = defineRecipe({ name: 'shout', run: async (input: { text: string }) => input.text.toUpperCase() })
 * const store = new FileStore(join(mkdtempSync(join(tmpdir(), 'offstage-')), 'store'))
 * const runner = new BackgroundRunner({ store, recipes: [shout] })
 * const task = await runner.submitRecipe(shout, { text: 'hello' }) // resolves when it is on disk
 * await task.wait() // 'HELLO'
 * await runner.stop()
 * await store.close()
 * ```
 */
export class FileStore implements Store {
  readonly durable = true
  readonly #settings: FileSettings
  readonly #news = new News()
  readonly #scheduleNews = new News<ScheduleChange | undefined>()
  readonly #lostListeners = new Set<(error: OffstageError) => void>()
  readonly #closing = new AbortController()
  #opening: Promise<OpenStore> | undefined
  #open: OpenStore | undefined
  #closed = false

  /** @throws {ValidationError} INVALID_OPTION or UNKNOWN_OPTION. */
  constructor(options: string | FileStoreOptions = {}) {
    this.#settings = readFileOptions(options)
  }

  /** Where it is. */
  get path(): string {
    return resolve(this.#settings.dir)
  }

  get name(): string {
    return `file ${this.#settings.dir}`
  }

  /** Opens the folder, which is made if it is missing. Everything else does so by itself. @throws {StoreError} */
  async open(): Promise<this> {
    await this.#opened()
    return this
  }

  async submit(records: readonly SubmitRecord[]): Promise<readonly Verdict[]> {
    const { journal, blobs } = await this.#opened()
    const ready: SubmitRecord[] = []
    const large: (() => Promise<void>)[] = []
    for (const record of records) {
      if (record.input === undefined) {
        ready.push(record)
        continue
      }
      const input = record.recipe === undefined ? record.input : jsonCopy(record.input, 'input')
      const json = largeJson(input)
      if (json === undefined) ready.push({ ...record, input })
      else {
        const { input: _input, ...rest } = record
        const inputBlob = await blobs.put(record.task, 'input', json)
        ready.push({ ...rest, inputBlob })
        large.push(() => this.#keep(inputBlob, record.task, 'input', json))
      }
    }
    const verdicts = await journal.append(ready)
    for (const keep of large) await keep()
    return verdicts
  }

  async claim(request: ClaimRequest): Promise<readonly Claimed[]> {
    const store = await this.#opened()
    await store.journal.catchUp()
    store.join(request.worker, request.recipes)
    for (;;) {
      if (store.books.state.expired.has(request.worker)) throw fenced(request.worker)
      const overdue = store.overdue(request.at)
      const picks = pickTasks(store.books, request, this.#settings.random)
      const records: StoreRecord[] = [...overdue, ...picks.map(({ record }) => record)]
      if (records.length === 0) return nothing
      try {
        await store.journal.append(records)
      } finally {
        store.stillDue(overdue)
      }
      const won = wonOf(store.books, picks)
      if (won.length > 0 || picks.length === 0) return won
    }
  }

  async append(record: OneRecord): Promise<Verdict> {
    const store = this.#open ?? (await this.#opened())
    if (record.type === 'progress') return store.progress.add(record)
    if (record.type !== 'complete') return this.#appendOne(store, asPlain(record))
    const result = jsonCopy(record.result, 'result', 'INVALID_RESULT')
    const json = largeJson(result)
    if (json === undefined) return this.#appendOne(store, { ...record, result })
    const { result: _result, ...rest } = record
    const resultBlob = await store.blobs.put(record.task, 'result', json)
    const verdict = await this.#appendOne(store, { ...rest, resultBlob })
    await this.#keep(resultBlob, record.task, 'result', json)
    return verdict
  }

  /** A process that was stopped between the value and its record may find the value tidied away as nobody's. */
  async #keep(ref: BlobRef, task: string, role: 'input' | 'result', json: string): Promise<void> {
    const { blobs } = await this.#opened()
    if (!blobs.has(ref)) await blobs.put(task, role, json)
  }

  async #appendOne(store: OpenStore, record: Exclude<OneRecord, ProgressRecord>): Promise<Verdict> {
    // the last words stand before what ends the task
    if ('task' in record) store.progress.flush(record.task)
    store.logs.flush()
    const [verdict] = await store.journal.append([record])
    return verdict as Verdict
  }

  async tick(at: number): Promise<number | undefined> {
    const store = await this.#opened()
    await store.journal.catchUp()
    const overdue = store.overdue(at)
    try {
      if (overdue.length > 0) await store.journal.append(overdue)
    } finally {
      store.stillDue(overdue)
    }
    return store.books.due.next
  }

  write(task: string, entry: NewStreamEntry): void {
    const store = this.#open
    const stored = store?.books.state.tasks.get(task)
    if (store === undefined || stored === undefined) return
    this.#news.tell([{ task: stored, entry: store.logs.write(stored, entry) }])
  }

  async get(id: string): Promise<StoredTask | undefined> {
    return (await this.#current()).books.state.tasks.get(id)
  }

  async list(request: ListRequest): Promise<ListPage> {
    return (await this.#current()).books.list(request)
  }

  async stream(id: string, after = 0): Promise<readonly StreamEntry[]> {
    const { books, logs } = await this.#current()
    const task = books.state.tasks.get(id)
    if (task === undefined) return []
    logs.follow(task)
    return logs.read(task, after)
  }

  async explain(id: string, at: number): Promise<Reason | undefined> {
    return (await this.#current()).books.explain(id, at)
  }

  async forget(request: ForgetRequest): Promise<ForgetAnswer> {
    const { books, journal } = await this.#current()
    const tasks = [...books.forgettable(request)]
    const kept: string[] = []
    let forgotten = 0
    for (let i = 0; i < tasks.length; i += forgottenAtOnce) {
      const some = tasks.slice(i, i + forgottenAtOnce)
      const verdicts = await journal.append(some.map(({ id }) => ({ type: 'forget', task: id, at: request.at })))
      verdicts.forEach(({ accepted, reason }, place) => {
        if (accepted) forgotten += 1
        else if (reason === 'NEEDED' || reason === 'STATE') kept.push((some[place] as StoredTask).id)
      })
    }
    return { forgotten, kept, oldest: books.oldest }
  }

  subscribe(listener: (change: StoreChange) => void): () => void {
    return this.#news.subscribe(listener)
  }

  async schedules(owner?: string): Promise<readonly StoredSchedule[]> {
    return (await this.#current()).books.schedules(owner)
  }

  async schedule(uid: string): Promise<StoredSchedule | undefined> {
    return (await this.#current()).books.state.schedules.get(uid)
  }

  async scheduleNamed(name: string, owner?: string): Promise<StoredSchedule | undefined> {
    return (await this.#current()).books.scheduleNamed(name, owner)
  }

  onSchedules(listener: (change: ScheduleChange | undefined) => void): () => void {
    return this.#scheduleNews.subscribe(listener)
  }

  /**
   * The journal as it was written, as far back as its files go; see {@link Store.history}. It ends when the store is closed.
   *
   * @throws {StoreError} STORE for a journal that a newer version has written.
   */
  async *history({ follow = false, signal }: HistoryOptions = {}): AsyncGenerator<HistoryStep> {
    const store = await this.#current()
    const signals = signal === undefined ? [this.#closing.signal] : [signal, this.#closing.signal]
    yield* store.history({ follow, signal: AbortSignal.any(signals) })
  }

  sync(): Promise<void> | undefined {
    return this.#open?.journal.sync()
  }

  async leave(worker: string): Promise<void> {
    this.#open?.workers.leave(worker)
  }

  onLost(listener: (error: OffstageError) => void): () => void {
    this.#lostListeners.add(listener)
    return () => void this.#lostListeners.delete(listener)
  }

  known(): Iterable<StoredTask> {
    return this.#open?.books.state.tasks.values() ?? []
  }

  get counts(): Counts {
    return this.#open?.books.counts ?? noCounts
  }

  /** Which workers live, as far as their files tell: those whose heart has beaten within two leases. */
  async workers(): Promise<readonly WorkerInfo[]> {
    const { workers } = await this.#opened()
    const { clock, lease } = this.#settings
    const since = clock.now() - 2 * lease
    return workers.list().filter(({ beatAt }) => beatAt > since)
  }

  /** What is to be said about the store: files, damage, workers. */
  async inspect(): Promise<StoreReport> {
    return reportOn(await this.#current(), this.#settings)
  }

  /**
   * Copies the store to another folder, while it goes on.
   *
   * @throws {StoreError} STORE when `to` is not empty, or inside the store.
   */
  async backup(to: string): Promise<BackupReport> {
    const { layout, journal } = await this.#current()
    await journal.sync()
    return copyStore(layout.root, to)
  }

  /**
   * Takes away temporary files and what belonged to tasks that were forgotten; it is done by itself, too.
   *
   * @param options `olderThan`: what is younger stays. @default '10m'
   */
  async tidy({ olderThan = '10m' }: { readonly olderThan?: Duration } = {}): Promise<void> {
    await (await this.#current()).tidy(parseDuration(olderThan, 'olderThan', { min: 0 }))
  }

  /** Ends when what was asked for is acknowledged. The tasks stay. */
  async close(): Promise<void> {
    this.#closed = true
    this.#closing.abort()
    const store = await this.#opening?.catch(() => undefined)
    await store?.close()
    this.#news.clear()
    this.#scheduleNews.clear()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Open, and with all that others have written. */
  async #current(): Promise<OpenStore> {
    const store = this.#open ?? (await this.#opened())
    await store.journal.catchUp()
    return store
  }

  #opened(): Promise<OpenStore> {
    if (this.#closed) return Promise.reject(new StoreError('STORE', `${this.name} was closed`))
    this.#opening ??= this.#begin()
    return this.#opening
  }

  async #begin(): Promise<OpenStore> {
    try {
      const store = await OpenStore.open(this.#settings, {
        news: this.#news,
        scheduleNews: this.#scheduleNews,
        lost: (error) => this.#lost(error),
        warn: (message, cause) => this.#warn(message, cause),
      })
      this.#open = store
      return store
    } catch (error) {
      // the next call may find it in a better state
      this.#opening = undefined
      throw error
    }
  }

  #lost(error: OffstageError): void {
    for (const listener of this.#lostListeners) listener(error)
    this.#lostListeners.clear()
  }

  #warn(message: string, cause?: unknown): void {
    process.emitWarning(cause === undefined ? message : `${message}: ${show(cause)}`, 'OffstageWarning')
  }
}

/** The JSON text of a value that is too large to stand in a record. */
function largeJson(value: unknown): string | undefined {
  // most values are small, and their text is made once more with the record
  const json = JSON.stringify(value)
  if (json === undefined || json.length * 3 <= largestInline) return undefined
  return Buffer.byteLength(json) > largestInline ? json : undefined
}
