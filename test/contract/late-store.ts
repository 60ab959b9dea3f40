/** @module A store that answers later: each call happens one turn of the event loop later, and is answered another one later. */
import { setImmediate as turn } from 'node:timers/promises'
import type { OffstageError } from '../../src/errors.ts'
import type { Verdict } from '../../src/machines/fold-store.ts'
import type { SubmitRecord } from '../../src/machines/records.ts'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type {
  Claimed,
  ClaimRequest,
  Counts,
  ForgetRequest,
  ListRequest,
  NewStreamEntry,
  OneRecord,
  Store,
  WorkerInfo,
} from '../../src/store/store.ts'

export class LateStore implements Store {
  readonly name = 'late'
  readonly durable = false
  readonly inner = new MemoryStore()
  /** Calls that have not been answered. */
  open = 0
  /** Stands before every call: a test may hold it up, or throw. */
  before: (method: string) => unknown = () => {}
  /** What `sync` answers: at once, unless a test says otherwise. */
  syncing: () => Promise<void> | undefined = () => undefined
  /** Who is told to work here. */
  alive: readonly WorkerInfo[] = []
  /** Workers that have left. */
  readonly left: string[] = []
  /** How many listen: to changes, and for a loss. */
  listening = 0
  readonly #onLost = new Set<(error: OffstageError) => void>()

  async #later<T>(method: string, act: () => T): Promise<T> {
    this.open += 1
    try {
      await turn()
      await this.before(method)
      const answer = act()
      await turn()
      return answer
    } finally {
      this.open -= 1
    }
  }

  #counted(undo: () => void): () => void {
    this.listening += 1
    return () => {
      this.listening -= 1
      undo()
    }
  }

  submit(records: readonly SubmitRecord[]): Promise<readonly Verdict[]> {
    return this.#later('submit', () => this.inner.submit(records))
  }
  claim(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#later('claim', () => this.inner.claim(request))
  }
  append(record: OneRecord): Promise<Verdict> {
    return this.#later(record.type, () => this.inner.append(record))
  }
  tick(at: number): Promise<number | undefined> {
    return this.#later('tick', () => this.inner.tick(at))
  }
  write(task: string, entry: NewStreamEntry): void {
    this.inner.write(task, entry)
  }
  get(id: string): Promise<StoredTask | undefined> {
    return this.#later('get', () => this.inner.get(id))
  }
  list(request: ListRequest) {
    return this.#later('list', () => this.inner.list(request))
  }
  stream(id: string, after?: number) {
    return this.#later('stream', () => this.inner.stream(id, after))
  }
  explain(id: string, at: number) {
    return this.#later('explain', () => this.inner.explain(id, at))
  }
  forget(request: ForgetRequest) {
    return this.#later('forget', () => this.inner.forget(request))
  }
  subscribe(listener: Parameters<Store['subscribe']>[0]): () => void {
    return this.#counted(this.inner.subscribe(listener))
  }
  schedules(owner?: string) {
    return this.#later('schedules', () => this.inner.schedules(owner))
  }
  schedule(uid: string) {
    return this.#later('schedule', () => this.inner.schedule(uid))
  }
  scheduleNamed(name: string, owner?: string) {
    return this.#later('scheduleNamed', () => this.inner.scheduleNamed(name, owner))
  }
  onSchedules(listener: Parameters<Store['onSchedules']>[0]): () => void {
    return this.#counted(this.inner.onSchedules(listener))
  }
  sync(): Promise<void> | undefined {
    return this.syncing()
  }
  onLost(listener: (error: OffstageError) => void): () => void {
    this.#onLost.add(listener)
    return this.#counted(() => void this.#onLost.delete(listener))
  }
  leave(worker: string): Promise<void> {
    return this.#later('leave', () => void this.left.push(worker))
  }
  workers(): Promise<readonly WorkerInfo[]> {
    return this.#later('workers', () => this.alive)
  }
  /** From now on every call rejects, as where nobody knows what was recorded. */
  lose(error: OffstageError): void {
    this.before = () => Promise.reject(error)
    this.syncing = () => Promise.reject(error)
    for (const listener of [...this.#onLost]) listener(error)
  }
  known(): Iterable<StoredTask> {
    return this.inner.known()
  }
  get counts(): Counts {
    return this.inner.counts
  }
  close(): Promise<void> {
    return this.#later('close', () => this.inner.close())
  }
}
