/** A recording made of records, and what views are made from. */

import { Recording } from '../../../src/inspect/recording/recording.ts'
import type { ViewHost } from '../../../src/inspect/views/host.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import type { StoreRecord, SubmitRecord } from '../../../src/machines/records.ts'
import { emptyStore } from '../../../src/machines/store-state.ts'
import type { StreamEntry } from '../../../src/store/store.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 3, maxOrphans: 1 }

/** Folds records one after the other into a recording. */
export function recorded(records: Iterable<StoreRecord>, keep = 100_000): Recording {
  const state = emptyStore()
  const recording = new Recording({
    epoch: 'e',
    source: 'journal',
    complete: true,
    keep,
    tasks: () => state.tasks.values(),
  })
  for (const record of records) {
    const verdict = foldStore(state, record)
    for (const change of verdict.changes) recording.add(change)
    if (verdict.schedule?.change !== undefined) recording.addSchedule(verdict.schedule.change)
    if (!verdict.accepted) recording.addVoid(record, verdict.reason ?? '')
    if (record.type === 'expire') recording.addWorker(record.worker, record.at)
  }
  return recording
}

export function hostOf(recording: Recording, more: Partial<ViewHost> = {}): ViewHost {
  return {
    recorded: recording,
    live: true,
    now: () => recording.timeAt(recording.last),
    lines: () => [],
    explain: async () => 'because',
    actors: () => ({ view: 'actors', total: 0, actors: [], happenings: [] }),
    describeWhen: () => 'every day',
    nextSlots: (_when, after, count) => Array.from({ length: count }, (_, i) => after + i + 1),
    redact: (text) => text.replaceAll('s3cret', '***'),
    ...more,
  }
}

export const submit = (task: string, at: number, more: Partial<SubmitRecord> = {}): SubmitRecord => ({
  type: 'submit',
  task,
  at,
  name: task,
  limits,
  ...more,
})
export const start = (task: string, at: number, run = 1, worker = 'w'): StoreRecord => ({
  type: 'start',
  task,
  at,
  run,
  claim: `${task}.${run}`,
  worker,
})
const of = (task: string, at: number, run: number) => ({ task, at, claim: `${task}.${run}` })
export const complete = (task: string, at: number, result: unknown = 1, run = 1): StoreRecord => ({
  type: 'complete',
  ...of(task, at, run),
  result,
})
export const fail = (task: string, at: number, retryAt?: number, run = 1): StoreRecord => ({
  type: 'fail',
  ...of(task, at, run),
  error: { code: 'ERROR', message: 'it broke on s3cret' },
  ...(retryAt !== undefined && { retryAt }),
})
export const progress = (task: string, at: number, fraction: number, run = 1): StoreRecord => ({
  type: 'progress',
  ...of(task, at, run),
  fraction,
  message: `part ${fraction}`,
})
export const cancel = (task: string, at: number, reason = 'not wanted'): StoreRecord => ({
  type: 'cancel',
  task,
  at,
  reason,
})
export const ended = (task: string, at: number, run = 1): StoreRecord => ({ type: 'ended', ...of(task, at, run) })

export const line = (n: number, version: number, message: string): StreamEntry => ({
  type: 'log',
  n,
  at: n,
  version,
  level: 'info',
  message,
})
