/** @module What a test of the store contract works with: a fresh store, and a short hand for its records. */
import { strict as assert } from 'node:assert'
import type { Verdict } from '../../machines/fold-store.ts'
import type { ExpireRecord, KeyLimit, SubmitRecord, TaskLimits, TaskRecord, WaitFor } from '../../machines/records.ts'
import type { StoredTask } from '../../machines/store-state.ts'
import type { TaskState } from '../../machines/task.ts'
import type { Claimed, ClaimRequest, Store } from '../../store/store.ts'

/** One sentence of the contract, as a test. It throws when the store does not keep it. */
export type Guarantee = (kit: Kit) => Promise<void>

/** What a test says about a new task. */
export type Wish = Omit<Partial<SubmitRecord>, 'limits'> & { readonly limits?: Partial<TaskLimits> }
/** What a test says about a claim; everything is taken, in its default. */
export type Ask = Partial<Omit<ClaimRequest, 'worker'>>

const limits: TaskLimits = { timeout: undefined, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
const firstMoment = Date.UTC(2026, 0, 1)
/** A store that gives tasks without end must not hang its tests. */
const mostClaims = 100
const failure = { code: 'ERROR', message: 'broken' }

/** A key of limit 1, or of more. */
export const keyed = (key: string, limit = 1): readonly KeyLimit[] => [{ key: `key:${key}`, limit }]

/** A store with a clock of its own, which each record moves on by 1 ms. */
export class Kit {
  readonly store: Store
  /** The same tasks as another process has them; the store itself where there is none. */
  readonly peer: Store
  /** Closes the store and opens it again. */
  readonly reopen: () => Promise<Store>
  now = firstMoment
  #claims = 0

  constructor(store: Store, peer: Store, reopen: () => Promise<Store>) {
    this.store = store
    this.peer = peer
    this.reopen = reopen
  }

  tick(): number {
    this.now += 1
    return this.now
  }

  record(task: string, { limits: own, ...wish }: Wish = {}): SubmitRecord {
    return { type: 'submit', task, at: this.tick(), name: task, limits: { ...limits, ...own }, ...wish }
  }

  async submit(task: string, wish?: Wish): Promise<Verdict> {
    const [verdict] = await this.store.submit([this.record(task, wish)])
    assert.ok(verdict, 'submit answers with one verdict for each record')
    return verdict
  }

  /** Submits a task that must be accepted. */
  async add(task: string, wish?: Wish): Promise<void> {
    const { accepted, reason } = await this.submit(task, wish)
    assert.equal(accepted, true, `the submit of ${task} is refused: ${reason}`)
  }

  async addAll(tasks: readonly string[], wish?: Wish): Promise<void> {
    for (const task of tasks) await this.add(task, wish)
  }

  /** A worker asks for a task; `w2` does so through the peer. */
  async claim(worker = 'w1', ask: Ask = {}): Promise<Claimed | undefined> {
    const at = this.tick()
    const claim = (): string => `claim-${++this.#claims}`
    const store = worker === 'w2' ? this.peer : this.store
    const won = await store.claim({ worker, at, slots: 1, claim, takes: () => true, fits: () => true, ...ask })
    assert.ok(won.length <= 1, 'claim gives no more than there is room for')
    return won[0]
  }

  /** Claims until there is nothing left, and tells what came, in order. */
  async claimAll(worker?: string, ask?: Ask): Promise<string[]> {
    const ids: string[] = []
    for (let won = await this.claim(worker, ask); won !== undefined; won = await this.claim(worker, ask)) {
      ids.push(won.task.id)
      assert.ok(ids.length <= mostClaims, 'claim goes on giving tasks')
    }
    return ids
  }

  /** Submits and claims a task. Answers with its claim. */
  async run(task: string, wish?: Wish, worker?: string): Promise<string> {
    await this.add(task, wish)
    const won = await this.claim(worker, { fits: ({ id }) => id === task })
    assert.equal(won?.task.id, task, `${task} can be claimed`)
    return (won as Claimed).claim
  }

  async append(record: TaskRecord | ExpireRecord): Promise<Verdict> {
    return await this.store.append(record)
  }

  complete(task: string, claim: string, result: unknown = 'done'): Promise<Verdict> {
    return this.append({ type: 'complete', task, at: this.tick(), claim, result })
  }

  fail(task: string, claim: string, retryAt?: number): Promise<Verdict> {
    const retry = retryAt === undefined ? {} : { retryAt }
    return this.append({ type: 'fail', task, at: this.tick(), claim, error: failure, ...retry })
  }

  end(task: string, claim: string, type: 'shutdown' | 'ended' | 'abandon' | 'release' | 'freed'): Promise<Verdict> {
    return this.append({ type, task, at: this.tick(), claim })
  }

  cancel(task: string): Promise<Verdict> {
    return this.append({ type: 'cancel', task, at: this.tick(), reason: 'enough', by: 'a test' })
  }

  ask(task: string, claim: string, ask: number, child: string): Promise<Verdict> {
    const wait: WaitFor = { kind: 'child', child }
    return this.append({ type: 'ask', task, at: this.tick(), claim, ask, wait })
  }

  expire(worker: string): Promise<Verdict> {
    return this.append({ type: 'expire', worker, at: this.tick() })
  }

  /** Submits, claims and completes a task. */
  async finish(task: string, wish?: Wish): Promise<void> {
    await this.complete(task, await this.run(task, wish))
  }

  /** Leaves a task behind that was cancelled and whose work would not stop. Answers with its claim. */
  async abandon(task: string, wish?: Wish): Promise<string> {
    const claim = await this.run(task, wish)
    await this.cancel(task)
    await this.end(task, claim, 'abandon')
    return claim
  }

  async task(id: string): Promise<StoredTask> {
    const task = await this.store.get(id)
    assert.ok(task, `the store knows ${id}`)
    return task
  }

  async at(id: string): Promise<TaskState | undefined> {
    return (await this.store.get(id))?.state
  }

  async states(...ids: readonly string[]): Promise<(TaskState | undefined)[]> {
    return await Promise.all(ids.map((id) => this.at(id)))
  }
}
