/** @module A store whose folder is open: the fold of its journal in this process, kept up with what others write. */
import { OffstageError, StoreError, show } from '../../errors.ts'
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import { foldStore, type Verdict } from '../../machines/fold-store.ts'
import type { BlobRef, DeadlineRecord, StoreRecord } from '../../machines/records.ts'
import { emptyStore, type StoredTask, type StoreState } from '../../machines/store-state.ts'
import { readsBlob } from '../blob-value.ts'
import { Books } from '../books.ts'
import type { News } from '../news.ts'
import type { HistoryOptions, HistoryStep } from '../store.ts'
import { Blobs } from './blobs.ts'
import { blobsOf, Cleaner } from './cleaner.ts'
import { openFolder } from './folder.ts'
import { readHistory } from './history.ts'
import { Journal } from './journal.ts'
import { Layout } from './layout.ts'
import { Logs } from './logs.ts'
import type { FileSettings } from './options.ts'
import { ProgressGate } from './progress-gate.ts'
import { Reload } from './reload.ts'
import { Wake } from './wake.ts'
import { Workers } from './workers.ts'

/** Whom an open store tells. */
export interface OpenHost {
  readonly news: News
  readonly scheduleNews: News<ScheduleChange | undefined>
  lost(error: OffstageError): void
  warn(message: string, cause?: unknown): void
}

/** How often the files are looked at, in ms: while anything is pending or runs, and otherwise. */
const busyEvery = 250
const idleEvery = 2_000
/** How often the length of the journal is looked at where the system does not tell, in ms. */
const peekEvery = 5
/** Looks at a heart within one lease, at least. */
const looksPerLease = 8

export class OpenStore {
  readonly journal: Journal
  readonly workers: Workers
  readonly logs: Logs
  readonly blobs: Blobs
  readonly progress: ProgressGate
  readonly layout: Layout
  readonly storeId: string
  readonly #settings: FileSettings
  readonly #host: OpenHost
  readonly #cleaner: Cleaner
  /** Those who follow the journal: told of every record, and of damage. */
  readonly #readers = new Set<() => void>()
  readonly #readBlob = (ref: BlobRef): unknown => this.blobs.read(ref)
  #books: Books
  #reload: Reload | undefined
  #wake: Wake | undefined
  /** While it opens, the fold alone: nobody asks for what was true in between, and queues are made once all is folded. */
  #opening: StoreState | undefined = emptyStore()
  #waking = false
  #lookedAt = Number.NEGATIVE_INFINITY
  #closed = false

  static async open(settings: FileSettings, host: OpenHost): Promise<OpenStore> {
    const { disk, dir, force, readOnly, random } = settings
    const { path, storeId } = await openFolder(disk, dir, {
      force,
      readOnly,
      storeId: () => random.id(),
      warn: (message) => host.warn(message),
    })
    const store = new OpenStore(settings, host, new Layout(path), storeId)
    try {
      await store.journal.open()
    } catch (error) {
      throw asStoreError(path, error)
    }
    store.#opened()
    return store
  }

  private constructor(settings: FileSettings, host: OpenHost, layout: Layout, storeId: string) {
    const { disk, clock, random, lease, blockedAfter, durability, segmentBytes, segmentEvents } = settings
    const warn = (message: string, cause: unknown): void => {
      // what is broken off by the close is not worth a word
      if (!this.#closed) host.warn(message, cause)
    }
    this.#settings = settings
    this.#host = host
    this.layout = layout
    this.storeId = storeId
    this.#books = new Books(host.news, undefined, host.scheduleNews)
    this.logs = new Logs({ disk, folder: layout.logs, warn })
    this.blobs = new Blobs({ disk, folder: layout.blobs })
    this.workers = new Workers({
      disk,
      folder: layout.workers,
      clock,
      lease,
      blockedAfter,
      beat: settings.threads ? 'thread' : 'timer',
      warn,
    })
    this.#cleaner = new Cleaner(
      settings,
      layout,
      { blobs: this.blobs, logs: this.logs, workers: this.workers, tasks: () => this.#current() },
      warn,
    )
    this.journal = new Journal({
      disk,
      layout,
      storeId,
      writer: random.id().slice(0, 12),
      monotonic: () => clock.monotonic(),
      now: () => clock.now(),
      durability,
      segmentBytes,
      segmentEvents,
      readOnly: settings.readOnly,
      host: {
        fold: (record) => this.#fold(record),
        existing: (id) => this.#existing(id),
        load: (state) => this.#load(state),
        sealed: (next) => this.#cleaner.snapshot(next),
        lost: (error) => host.lost(error),
      },
    })
    this.progress = new ProgressGate(clock, (records) => this.journal.append(records))
  }

  get books(): Books {
    return this.#books
  }

  /** The worker is about to claim: others must be able to see whether it lives. */
  join(worker: string, recipes: readonly string[] = []): void {
    if (this.#settings.readOnly) return
    this.workers.join(worker, { recipes })
    this.#wake?.setAlert()
  }

  /** Records that end the tasks whose deadline has passed. They are looked at again with {@link stillDue}. */
  overdue(at: number): DeadlineRecord[] {
    return this.#books.promote(at).map(({ id }) => ({ type: 'timeout', scope: 'deadline', task: id, at }))
  }

  /** What could not be ended is due still. */
  stillDue(overdue: readonly DeadlineRecord[]): void {
    for (const { task: id } of overdue) {
      const task = this.#books.state.tasks.get(id)
      if (task === undefined || task.settled || task.snapshot.context.stop !== undefined) continue
      this.#books.due.remove(task, 'deadline')
      this.#books.due.add(task, 'deadline', task.snapshot.context.deadline)
    }
  }

  /** Takes away what nobody needs any more. @param leastAge Files younger than this, in ms, stay. */
  tidy(leastAge: number): Promise<void> {
    return this.#cleaner.clean(leastAge)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#wake?.close()
    this.progress.close()
    this.logs.close()
    await this.journal.close()
    await this.#cleaner.close()
    this.workers.close()
  }

  /** The journal as it was written. */
  history(options: HistoryOptions): AsyncGenerator<HistoryStep> {
    const { disk, clock } = this.#settings
    return readHistory(
      {
        disk,
        layout: this.layout,
        storeId: this.storeId,
        monotonic: () => clock.monotonic(),
        prepare: (from) => {
          if (!('type' in from)) this.#prepareAll(from)
          else if (from.type === 'record') this.#prepare(from.record)
        },
        failure: (error) => asStoreError(this.layout.root, error),
        onNews: (listener) => {
          this.#readers.add(listener)
          return () => void this.#readers.delete(listener)
        },
      },
      options,
    )
  }

  #prepare(record: StoreRecord): void {
    if (record.type === 'submit') readsBlob(record.inputBlob, this.#readBlob)
    else if (record.type === 'complete') readsBlob(record.resultBlob, this.#readBlob)
  }

  #prepareAll(state: StoreState): void {
    for (const task of state.tasks.values()) for (const ref of blobsOf(task)) readsBlob(ref, this.#readBlob)
  }

  #fold(record: StoreRecord): Verdict {
    this.#prepare(record)
    if (this.#opening !== undefined) return foldStore(this.#opening, record)
    const verdict = this.#books.fold(record)
    // what did not count is told to nobody else
    this.#ring()
    if (verdict.accepted) this.#wake?.setBusy(this.#isBusy)
    return verdict
  }

  #opened(): void {
    const state = this.#opening ?? emptyStore()
    this.#opening = undefined
    this.#begin(state)
    this.#follow()
  }

  /** A process that was stopped for long would take what others have made meanwhile for orphaned. */
  async #current(): Promise<Iterable<StoredTask>> {
    await this.journal.catchUp()
    return this.#books.state.tasks.values()
  }

  get #lookEvery(): number {
    return this.#settings.lease / looksPerLease
  }

  get #isBusy(): boolean {
    const { pending, running } = this.#books.counts
    // what was abandoned holds its claim still
    return pending + running + this.#books.state.workers.size > 0
  }

  #existing(id: string): StoredTask | undefined {
    if (this.#opening !== undefined) return undefined
    this.#reload ??= new Reload(this.#books)
    return this.#reload.take(id)
  }

  /** The fold begins anew: at the opening, or after others have gone on too far to be followed step by step. */
  #load(state = emptyStore()): void {
    if (this.#opening !== undefined) {
      this.#opening = state
      return
    }
    const reload = this.#reload ?? new Reload(this.#books)
    this.#reload = undefined
    this.#begin(state)
    this.#ring()
    this.#host.news.tell(reload.changes(this.#books))
    this.#host.scheduleNews.tell([undefined])
    this.#wake?.setBusy(this.#isBusy)
  }

  #begin(state: StoreState): void {
    this.#books = new Books(this.#host.news, state, this.#host.scheduleNews)
    this.#prepareAll(state)
  }

  /** Begins to look at what others write, and whether they live. */
  #follow(): void {
    const { clock, lease, watch, readOnly, threads } = this.#settings
    const every = Math.min(busyEvery, this.#lookEvery)
    this.#wake = new Wake({
      folder: this.layout.journal,
      clock,
      watch,
      busyEvery: every,
      idleEvery: Math.max(every, Math.min(idleEvery, lease)),
      peekEvery: threads ? peekEvery : undefined,
      peek: () => this.journal.hasGrown,
      wake: () => void this.#woken(),
      warn: (message, cause) => this.#host.warn(message, cause),
    })
    this.#wake.setBusy(this.#isBusy)
    if (!readOnly) this.#cleaner.start()
  }

  async #woken(): Promise<void> {
    // what comes meanwhile is read in the same pass, or at the next poll
    if (this.#waking || this.#closed) return
    this.#waking = true
    try {
      const { damaged } = this.journal
      await this.journal.catchUp()
      if (this.journal.damaged !== damaged) this.#ring()
      this.#host.news.tell(this.logs.news())
      if (!this.#settings.readOnly) await this.#expire()
    } catch (error) {
      this.#ring()
      if (!this.#closed && !this.journal.isLost) this.#host.warn(`${this.#settings.dir} could not be followed`, error)
    } finally {
      this.#waking = false
    }
  }

  #ring(): void {
    for (const ring of this.#readers) ring()
  }

  /** Ends the claims of workers that are dead. */
  async #expire(): Promise<void> {
    // others may write much more often than hearts beat
    const now = this.#settings.clock.monotonic()
    if (now - this.#lookedAt < this.#lookEvery / 2) return
    this.#lookedAt = now
    const dead = this.workers.look(this.#books.state.workers.keys())
    if (dead.length === 0) return
    const at = this.#settings.clock.now()
    await this.journal.append(dead.map((worker) => ({ type: 'expire', worker, at })))
    this.workers.bury(dead)
  }
}

/** What the system says, in words. */
function asStoreError(path: string, error: unknown): OffstageError {
  if (OffstageError.is(error)) return error
  const code = (error as { code?: unknown }).code
  if (['ENOSPC', 'EDQUOT'].includes(String(code)))
    return new StoreError('STORE_FULL', `there is no room for the journal of ${path} (${code})`, { cause: error })
  return new StoreError('STORE', `the journal of ${path} cannot be read (${show(code ?? error)})`, { cause: error })
}
