/** @module A list of records, folded as a store folds them: what the tests read that `offstage export-test` writes. */
import { ValidationError } from '../errors.ts'
import { foldStore, type VoidReason } from './fold-store.ts'
import { readRecord } from './read-record.ts'
import { StateReader } from './state-json.ts'
import type { StoreState } from './store-state.ts'
import type { Outcome, TaskState } from './task.ts'

/** What a task is in after the records that were applied. */
export interface ReplayedTask {
  readonly state: TaskState
  /** How often it was started. */
  readonly run: number
  /** How it ended; undefined while it has not. */
  readonly outcome: Outcome | undefined
}

/**
 * Folds records one after another through the charts, as every store does: no clock, no randomness, nothing runs.
 *
 * @example
 * ```ts
 * import { Replay } from 'offstage/machines'
 *
 * const replay = new Replay()
 * const limits = { grace: 0, maxAttempts: 1, maxOrphans: 1 }
 * replay.apply({ type: 'submit', task: 'mail', at: 0, name: 'mail', limits }) // 'accepted'
 * replay.apply({ type: 'start', task: 'mail', at: 1, run: 1, claim: 'c1', worker: 'w' }) // 'accepted'
 * replay.apply({ type: 'cancel', task: 'mail', at: 2, by: 'Ada' }) // 'accepted'
 * replay.apply({ type: 'complete', task: 'mail', at: 3, claim: 'c1', result: 'sent' }) // 'accepted': too late
 * replay.apply({ type: 'complete', task: 'mail', at: 3, claim: 'c0', result: 'sent' }) // 'FENCED'
 * replay.task('mail') // { state: 'cancelled', run: 1, outcome: { status: 'cancelled', … } }
 * ```
 */
export class Replay {
  readonly #state: StoreState

  /**
   * @param base What the store held before: its schedules and tasks as a snapshot says them, each a value of JSON.
   * `@default` nothing
   * @throws {OffstageError} STORE for a base that says nothing known.
   */
  constructor(base: readonly unknown[] = []) {
    this.#state = readBase(base)
  }

  /**
   * Applies a record as a journal has it.
   *
   * @returns `'accepted'`, or the reason why it did not count; then nothing was changed but a slot that is used up.
   * @throws {ValidationError} INVALID_OPTION for what is no record.
   */
  apply(record: unknown): 'accepted' | VoidReason {
    const read = readRecord(record)
    if (read === undefined || read === 'unknown' || read.type === 'header')
      throw new ValidationError('record', 'a record of a journal', record)
    return foldStore(this.#state, read).reason ?? 'accepted'
  }

  /** What a task is in now; undefined for one that is not known, or was forgotten. */
  task(id: string): ReplayedTask | undefined {
    const task = this.#state.tasks.get(id)
    if (task === undefined) return undefined
    const { run, outcome } = task.snapshot.context
    return { state: task.state, run, outcome }
  }
}

type Fields = Readonly<Record<string, unknown>>

function readBase(base: readonly unknown[]): StoreState {
  const fields = base.map((line): Fields => {
    if (typeof line === 'object' && line !== null) return line as Fields
    throw new ValidationError('base', 'a list of objects', line)
  })
  const count = (member: string): number => fields.filter((line) => line[member] !== undefined).length
  const most = (member: string): number => fields.reduce((top, line) => Math.max(top, Number(line[member] ?? 0)), 0)
  const tasks = count('seq')
  const head = { type: 'state', lastSeq: most('seq'), tasks, schedules: count('schedule'), lastEnded: most('ended') }
  const reader = new StateReader()
  for (const line of [head, ...fields, { type: 'end', lines: fields.length + 2 }]) reader.line(JSON.stringify(line))
  return reader.end()
}
