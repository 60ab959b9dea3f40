/** @module The lifecycle table: what every record does in every state, found out by folding it. */
import { foldStore } from '../src/machines/fold-store.ts'
import type { StoreRecord, SubmitRecord, TaskLimits } from '../src/machines/records.ts'
import { emptyStore } from '../src/machines/store-state.ts'

const limits: TaskLimits = { timeout: 1_000, grace: 100, maxAttempts: 2, maxOrphans: 1 }
const once: TaskLimits = { ...limits, maxAttempts: 1, maxOrphans: 0 }
const soon = { retryAt: 60 }

const submit = (more: Partial<SubmitRecord> = {}): SubmitRecord => ({
  type: 'submit',
  task: 't',
  at: 1,
  name: 't',
  limits,
  ...more,
})
const of = { task: 't', claim: 'c', at: 20 } as const
const start: StoreRecord = { type: 'start', ...of, at: 10, run: 1, worker: 'w' }
const need = submit({ task: 'need', limits: once })
const child = submit({ task: 'child' })
const ask: StoreRecord = { type: 'ask', ...of, ask: 1, wait: { kind: 'child', child: 'child' } }
const cancel: StoreRecord = { type: 'cancel', task: 't', at: 20 }
const timeout: StoreRecord = { type: 'timeout', scope: 'attempt', ...of }

/** How each column is reached. Where there are several ways, the cell says all that may come of the record. */
export const columns: Readonly<Record<string, readonly (readonly StoreRecord[])[]>> = {
  new: [[need]],
  queued: [[submit()], [submit({ deadline: 15 })]],
  delayed: [[submit({ delay: 5 })], [submit({ delay: 5, deadline: 15 })]],
  blocked: [
    [need, submit({ needs: ['need'] })],
    [need, submit({ needs: ['need'], delay: 5 })],
    [need, submit({ needs: ['need'], deadline: 15 })],
  ],
  executing: [
    [child, submit(), start],
    [child, submit({ limits: once }), start],
    [submit({ deadline: 15 }), start],
  ],
  waiting: [
    [child, submit(), start, ask],
    [child, submit({ limits: once }), start, ask],
    [child, submit({ deadline: 15 }), start, ask],
    [child, submit(), start, ask, { type: 'ask', ...of, ask: 2, wait: { kind: 'input' } }],
  ],
  'stopping: shutdown': [
    [submit(), start, { type: 'shutdown', ...of }],
    [submit({ limits: once }), start, { type: 'shutdown', ...of }],
    [submit({ deadline: 15 }), start, { type: 'shutdown', ...of }],
  ],
  'stopping: timeout': [
    [submit({ deadline: 15 }), start, { ...timeout, at: 12, retryAt: 14 }],
    [submit(), start, { ...timeout, ...soon }],
    [submit(), start, timeout],
  ],
  'stopping: cancel': [[submit(), start, cancel]],
  settled: [
    [submit(), start, { type: 'complete', ...of, result: 1 }],
    [submit({ limits: once }), start, { type: 'fail', ...of, error: { code: 'ERROR', message: '' } }],
    [submit(), cancel],
  ],
  'settled, still runs': [
    [submit(), start, cancel, { type: 'abandon', ...of }],
    [submit(), start, timeout, { type: 'abandon', ...of }],
  ],
}

/** Every form in which a record may come. */
const forms: Readonly<Record<string, readonly StoreRecord[]>> = {
  submit: [submit(), submit({ delay: 5 }), submit({ needs: ['need'] })],
  unblock: [
    { type: 'start', task: 'need', claim: 'n', worker: 'v', run: 1, at: 5 },
    { type: 'complete', task: 'need', claim: 'n', at: 6, result: 1 },
  ],
  needFailed: [{ type: 'cancel', task: 'need', at: 6 }],
  start: [{ ...start, claim: 'd' }],
  progress: [{ type: 'progress', ...of, fraction: 0.5 }],
  ask: [
    { type: 'ask', ...of, ask: 1, wait: { kind: 'input' } },
    { type: 'ask', ...of, ask: 2, wait: { kind: 'input' } },
  ],
  answer: [{ type: 'answer', ...of, ask: 1 }],
  complete: [{ type: 'complete', ...of, result: 1 }],
  fail: [
    { type: 'fail', ...of, error: { code: 'ERROR', message: '' } },
    { type: 'fail', ...of, error: { code: 'ERROR', message: '' }, ...soon },
  ],
  ended: [{ type: 'ended', ...of }],
  release: [{ type: 'release', ...of }],
  shutdown: [{ type: 'shutdown', ...of }],
  'timeout (attempt)': [{ ...timeout, at: 30 }],
  'timeout (deadline)': [{ type: 'timeout', scope: 'deadline', task: 't', at: 30 }],
  cancel: [{ ...cancel, at: 30 }],
  abandon: [{ type: 'abandon', ...of }],
  expire: [{ type: 'expire', worker: 'w', at: 30 }],
  freed: [{ type: 'freed', ...of }],
  forget: [{ type: 'forget', task: 't', at: 30 }],
}
export const records = Object.keys(forms)

const leafName = (state: string): string => state.replace(/^(pending|running)\./, '').replace('stopping.', 'stopping: ')

/** What may come of a record in a column: `'·'` void, `'='` accepted in place, `'frees'`, `'removed'`, or target states. */
export function cell(column: string, record: string): string {
  const outcomes = new Set<string>()
  for (const path of columns[column] ?? []) {
    if (forms[record] === undefined) continue
    const together = record === 'unblock'
    for (const steps of together ? [forms[record]] : forms[record].map((form) => [form])) {
      outcomes.add(outcome(path, steps))
    }
  }
  if (outcomes.size > 1) outcomes.delete('·')
  return [...outcomes].sort().join(' / ')
}

function outcome(path: readonly StoreRecord[], steps: readonly StoreRecord[]): string {
  const state = emptyStore()
  for (const record of path) foldStore(state, record)
  const before = state.tasks.get('t')
  const [was, version, zombie] = [before?.state ?? 'new', before?.snapshot.context.version ?? 0, before?.zombie]
  for (const step of steps) foldStore(state, step)
  const after = state.tasks.get('t')
  if (after === undefined) return before === undefined ? '·' : 'removed'
  if (zombie !== undefined && after.zombie === undefined) return 'frees'
  if (after.snapshot.context.version === version) return '·'
  return was === after.state ? '=' : leafName(after.state) + (after.zombie === undefined ? '' : ', still runs')
}

/** The whole table as Markdown. */
export function lifecycleTable(): string {
  const names = Object.keys(columns)
  const head = `| record | ${names.join(' | ')} |\n|${' --- |'.repeat(names.length + 1)}`
  const rows = records.map((record) => `| ${record} | ${names.map((name) => cell(name, record)).join(' | ')} |`)
  return [head, ...rows].join('\n')
}
