/** @module The history of a store as a recording, and then what is appended to it. */
import type { Store } from '../../index.ts'
import type { ScheduleChange } from '../../machines/fold-schedules.ts'
import type { StoreRecord } from '../../machines/records.ts'
import { Recording } from './recording.ts'

export interface ReadHistoryOptions {
  readonly keep: number
  readonly signal: AbortSignal
  epoch(): string
  /** How much was read, from 0 to 1. */
  loading(done: number): void
}

/** How many steps are read between two words about it. */
const saidEvery = 5_000

/** Yields the recording once it is level with the store, and again for every entry that comes. */
export async function* readHistory(store: Store, options: ReadHistoryOptions): AsyncGenerator<Recording> {
  const { keep, signal, loading } = options
  let recording: Recording | undefined
  let level = false
  let read = 0
  for await (const step of store.history?.({ follow: true, signal }) ?? []) {
    if (step.type === 'base') {
      const { tasks, schedules } = step.state
      recording = new Recording({
        epoch: options.epoch(),
        source: 'journal',
        complete: step.complete,
        keep,
        tasks: () => tasks.values(),
        schedules: schedules.values(),
      })
      level = false
    } else if (recording === undefined) continue
    else if (step.type === 'damage')
      recording.addDamage(`segment ${step.where.segment}, line ${step.where.line}`, step.lines)
    else if (step.type === 'record') {
      addRecord(recording, step.record, step.verdict)
      read += 1
      // the store does not know how long it is: four records are the life of a task
      if (!level && read % saidEvery === 0) loading(Math.min(0.99, read / Math.max(1, 4 * taskCount(store))))
    } else level = true
    if (level && recording !== undefined) yield recording
  }
}

type RecordStep = Extract<
  NonNullable<Store['history']> extends (...args: never[]) => AsyncIterable<infer Step> ? Step : never,
  { type: 'record' }
>

function addRecord(recording: Recording, record: StoreRecord, verdict: RecordStep['verdict']): void {
  if (!verdict.accepted && verdict.schedule?.change === undefined) {
    recording.addVoid(record, verdict.reason ?? 'STATE')
    return
  }
  for (const change of verdict.changes) recording.add(change)
  const change: ScheduleChange | undefined = verdict.schedule?.change
  if (change !== undefined) recording.addSchedule(change)
  if (record.type === 'expire') recording.addWorker(record.worker, record.at)
}

function taskCount({ counts }: Store): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
