/** @module A store that answers later: each call happens one turn of the event loop later, and is answered another one later. */
import { setImmediate as turn } from 'node:timers/promises'
import type { Verdict } from '../../src/machines/fold-store.ts'
import type { ExpireRecord, SubmitRecord, TaskRecord } from '../../src/machines/records.ts'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type {
  Claimed,
  ClaimRequest,
  Counts,
  ForgetRequest,
  ListRequest,
  NewStreamEntry,
  Store,
} from '../../src/store/store.ts'

export class LateStore implements Store {
  readonly name = 'late'
  readonly durable = false
  readonly inner = new MemoryStore()
  /** Calls that have not been answered. */
  open = 0
  /** Stands before every call: a test may hold it up, or throw. */
  before: (method: string) => unknown = () => {}

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

  submit(records: readonly SubmitRecord[]): Promise<readonly Verdict[]> {
    return this.#later('submit', () => this.inner.submit(records))
  }
  claim(request: ClaimRequest): Promise<readonly Claimed[]> {
    return this.#later('claim', () => this.inner.claim(request))
  }
  append(record: TaskRecord | ExpireRecord): Promise<Verdict> {
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
    return this.inner.subscribe(listener)
  }
  sync(): void {}
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
