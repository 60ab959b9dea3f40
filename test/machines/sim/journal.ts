/** @module A short hand for tests: writes records as a worker would, and folds them. */
import { foldStore, type Verdict } from '../../../src/machines/fold-store.ts'
import type { KeyLimit, StoreRecord, SubmitRecord, TaskLimits, WaitFor } from '../../../src/machines/records.ts'
import { emptyStore, type StoredTask } from '../../../src/machines/store-state.ts'
import type { TaskState } from '../../../src/machines/task.ts'

export const limits: TaskLimits = { timeout: 60_000, grace: 5_000, maxAttempts: 1, maxOrphans: 1 }
const failure = { code: 'ERROR', message: 'broken' }

/** What a test says about a new task; limits may be given in part. */
export type Wish = Omit<Partial<SubmitRecord>, 'limits' | 'parent'> & {
  readonly limits?: Partial<TaskLimits>
  /** The parent: its id, under its current claim. */
  readonly under?: string
}

export class Journal {
  readonly state = emptyStore()
  now = 1_000

  /** Folds a record one ms after the one before. */
  send(record: StoreRecord): Verdict {
    return foldStore(this.state, record)
  }

  task(id: string): StoredTask {
    const task = this.state.tasks.get(id)
    if (task === undefined) throw new Error(`the test has no task ${id}`)
    return task
  }

  at(id: string): TaskState {
    return this.task(id).state
  }

  /** The claim that speaks for the task: the current one, or its zombie's. */
  claim(id: string): string {
    const task = this.task(id)
    return task.snapshot.context.claim ?? task.zombie ?? 'none'
  }

  record(task: string, { under, limits: own, ...wish }: Wish = {}): SubmitRecord {
    const parent = under === undefined ? {} : { parent: { task: under, claim: this.claim(under) } }
    return { type: 'submit', task, at: this.tick(), name: task, limits: { ...limits, ...own }, ...parent, ...wish }
  }

  submit(task: string, wish?: Wish): Verdict {
    return this.send(this.record(task, wish))
  }

  start(task: string, worker = 'w1'): Verdict {
    const run = (this.state.tasks.get(task)?.snapshot.context.run ?? 0) + 1
    return this.send({ type: 'start', task, at: this.tick(), run, claim: `${task}#${run}`, worker })
  }

  /** Submits and starts. */
  run(task: string, wish?: Wish, worker?: string): string {
    const { accepted } = this.submit(task, wish)
    if (!accepted || !this.start(task, worker).accepted) throw new Error(`the test cannot start ${task}`)
    return this.claim(task)
  }

  progress(task: string, fraction: number): Verdict {
    return this.send({ type: 'progress', task, at: this.tick(), claim: this.claim(task), fraction })
  }

  /** Waits for a task, or for input where none is named. */
  ask(task: string, child?: string): Verdict {
    const ask = this.task(task).snapshot.context.asks + 1
    const wait: WaitFor = child === undefined ? { kind: 'input' } : { kind: 'child', child }
    return this.send({ type: 'ask', task, at: this.tick(), claim: this.claim(task), ask, wait })
  }

  answer(task: string, ask: number, value?: unknown): Verdict {
    return this.send({ type: 'answer', task, at: this.tick(), claim: this.claim(task), ask, value })
  }

  complete(task: string, result: unknown = 'done'): Verdict {
    return this.send({ type: 'complete', task, at: this.tick(), claim: this.claim(task), result })
  }

  fail(task: string, retryAt?: number): Verdict {
    const retry = retryAt === undefined ? {} : { retryAt }
    return this.send({ type: 'fail', task, at: this.tick(), claim: this.claim(task), error: failure, ...retry })
  }

  timeout(task: string, retryAt?: number): Verdict {
    const retry = retryAt === undefined ? {} : { retryAt }
    return this.send({ type: 'timeout', scope: 'attempt', task, at: this.tick(), claim: this.claim(task), ...retry })
  }

  end(task: string, type: 'shutdown' | 'ended' | 'abandon' | 'release' | 'freed'): Verdict {
    return this.send({ type, task, at: this.tick(), claim: this.claim(task) })
  }

  cancel(task: string): Verdict {
    return this.send({ type: 'cancel', task, at: this.tick(), reason: 'enough', by: 'a person' })
  }

  expire(worker: string): Verdict {
    return this.send({ type: 'expire', worker, at: this.tick() })
  }

  forget(task: string): Verdict {
    return this.send({ type: 'forget', task, at: this.tick() })
  }

  /** Leaves a zombie behind: cancelled, and the work goes on. */
  abandon(task: string): Verdict {
    this.cancel(task)
    return this.end(task, 'abandon')
  }

  tick(): number {
    this.now += 1
    return this.now
  }
}

export const one = (key: string): readonly KeyLimit[] => [{ key, limit: 1 }]

/** What happened in a step, as `task event`. */
export function told(verdict: Verdict): string[] {
  return verdict.changes.map(({ task, event }) => `${task.id} ${event.type}`)
}
