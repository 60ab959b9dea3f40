/** @module What the life of a task hangs on: whom it needs, whose child it is, whom it waits for, who holds its keys. */
import type { Verdict } from '../../machines/fold-store.ts'
import { scheduleKey } from '../../machines/keys.ts'
import type { StoreRecord, SubmitRecord } from '../../machines/records.ts'
import { writeState } from '../../machines/state-json.ts'
import { emptyStore, type Memory, type StoreState } from '../../machines/store-state.ts'

/** Ids that belong together. They only become more. */
export class Related {
  /** Those whose lives are told from their beginnings. */
  readonly core = new Set<string>()
  readonly tasks = new Set<string>()
  readonly workers = new Set<string>()
  readonly schedules = new Set<string>()

  get size(): number {
    return this.core.size + this.tasks.size + this.workers.size + this.schedules.size
  }

  /** Adds a task, and what it hangs on as far as that is known now. */
  add(state: StoreState, first: string, core = false): void {
    const open: [id: string, core: boolean][] = [[first, core]]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [id, isCore] = next
      this.tasks.add(id)
      if (isCore) this.core.add(id)
      const task = state.tasks.get(id)
      if (task === undefined) continue
      const { worker, waits } = task.snapshot.context
      if (worker !== undefined) this.workers.add(worker)
      if (task.spec.schedule !== undefined) this.schedules.add(task.spec.schedule.uid)
      for (const each of before(task.spec)) if (!(isCore ? this.core : this.tasks).has(each)) open.push([each, isCore])
      for (const { wait } of waits)
        if (wait.kind === 'child' && !this.tasks.has(wait.child)) open.push([wait.child, false])
    }
  }

  /** Whether a record is about any of them, or moved one. */
  touches(record: StoreRecord, { accepted, task, changes, schedule }: Verdict): boolean {
    if (record.type === 'expire') return this.workers.has(record.worker)
    if ('uid' in record) return accepted && this.schedules.has(record.uid)
    // what did not count changed nothing: it is told only of those whose lives are told
    const told = accepted || schedule?.change !== undefined ? this.tasks : this.core
    if (told.has(record.task) || (task !== undefined && told.has(task.id))) return true
    return changes.some((change) => this.tasks.has(change.task.id))
  }

  /** Adds what a record names, and what decided about it. */
  learn(state: StoreState, record: StoreRecord, verdict: Verdict): void {
    if (record.type === 'expire') this.workers.add(record.worker)
    else if ('uid' in record) this.schedules.add(record.uid)
    else {
      const core = this.core.has(record.task)
      this.add(state, record.task, core)
      if (record.type === 'start') this.workers.add(record.worker)
      else if (record.type === 'ask' && record.wait.kind === 'child') this.add(state, record.wait.child)
      else if (record.type === 'submit') {
        for (const each of before(record)) this.add(state, each, core)
        if (record.schedule !== undefined) this.schedules.add(record.schedule.uid)
      }
    }
    if (verdict.task !== undefined) this.add(state, verdict.task.id)
    if (verdict.schedule?.schedule !== undefined) this.schedules.add(verdict.schedule.schedule.uid)
    this.#whyNot(state, verdict)
  }

  #whyNot(state: StoreState, { reason, detail = '' }: Verdict): void {
    if (reason === 'KEY_FULL') for (const { task } of state.keys.get(detail)?.holders ?? []) this.add(state, task.id)
    else if (state.tasks.has(detail)) this.add(state, detail)
  }

  /** What a store holds of them, as the lines of a snapshot. */
  linesOf(state: StoreState): unknown[] {
    for (const id of [...this.tasks]) this.add(state, id, this.core.has(id))
    const tasks = new Map(Array.from(state.tasks).filter(([id]) => this.tasks.has(id)))
    const schedules = new Map(Array.from(state.schedules).filter(([uid]) => this.schedules.has(uid)))
    const part = { ...emptyStore(), tasks, schedules, claims: state.claims, lastSeq: state.lastSeq }
    part.lastEnded = state.lastEnded
    remember(part.expired, state.expired, (worker) => this.workers.has(worker))
    remember(part.forgotten, state.forgotten, (id) =>
      id.startsWith(scheduleKey) ? this.schedules.has(id.slice(scheduleKey.length)) : this.tasks.has(id),
    )
    // its head and its end follow from the rest
    return [...writeState(part)].slice(1, -1).map((line) => JSON.parse(line))
  }
}

/** Those that were there before a task, and decide about it. */
const before = ({ needs = [], parent }: SubmitRecord): string[] =>
  parent === undefined ? [...needs] : [...needs, parent.task]

function remember(to: Memory, from: Memory, isMeant: (value: string) => boolean): void {
  for (const value of from) if (isMeant(value)) to.add(value)
}
