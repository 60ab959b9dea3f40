import { describe, expect, it } from 'vitest'
import { isContextOf } from '../../src/machines/context-shape.ts'
import { deepestRecord } from '../../src/machines/read-record.ts'
import { taskChart } from '../../src/machines/store-state.ts'
import type { TaskState } from '../../src/machines/task.ts'
import { nested } from './junk.ts'

const running = { version: 2, run: 1, claim: 'c', worker: 'w', startedAt: 1 }
const error = { code: 'E', message: 'm' }

/** One that fits, for each state. */
const contexts: { readonly [K in Exclude<TaskState, 'new'>]: Record<string, unknown> } = {
  'pending.queued': { version: 1, failures: 1, orphans: 1, lastError: error },
  'pending.delayed': { version: 1, dueAt: 5 },
  'pending.blocked': { version: 1 },
  'running.executing': { ...running, progress: { fraction: 0.5, message: 'half' } },
  'running.waiting': { ...running, asks: 1, waits: [{ ask: 1, wait: { kind: 'input' } }] },
  'running.stopping.shutdown': { ...running, stop: { cause: 'shutdown' } },
  'running.stopping.timeout': { ...running, stop: { cause: 'timeout', retryAt: 9 } },
  'running.stopping.cancel': { ...running, stop: { cause: 'cancel', reason: 'r', by: 'b' } },
  completed: { version: 3, endedAt: 2, outcome: { status: 'completed', result: 1 } },
  failed: { version: 3, endedAt: 2, outcome: { status: 'failed', error } },
  cancelled: { version: 3, endedAt: 2, outcome: { status: 'cancelled', reason: 'r', by: 'b' } },
}
const states = Object.keys(contexts) as (keyof typeof contexts)[]
const fits = (state: string, context: Record<string, unknown>): boolean => {
  const leaf = taskChart.leaves.get(state)
  return leaf !== undefined && isContextOf(leaf, context)
}

describe('the context of a task', () => {
  it.each(states)('fits its state: %s', (state) => {
    expect(fits(state, contexts[state])).toBe(true)
  })

  it('fits no state that has more, or less', () => {
    const alike = new Set(['pending.queued', 'pending.blocked'])
    for (const state of states)
      for (const other of states) {
        const isSame = state === other || (alike.has(state) && alike.has(other))
        expect(fits(other, contexts[state]), `${state} in ${other}`).toBe(isSame)
      }
  })

  it.each([
    ['without a version', 'pending.queued', { version: undefined }],
    ['with a version that is no count', 'pending.queued', { version: -1 }],
    ['with half a run', 'pending.queued', { run: 1.5 }],
    ['with a text for a number', 'pending.queued', { failures: '1' }],
    ['with an endless wait', 'pending.delayed', { dueAt: Number.POSITIVE_INFINITY }],
    ['without a worker', 'running.executing', { worker: undefined }],
    ['with a number for a claim', 'running.executing', { claim: 1 }],
    ['with progress of nothing', 'running.executing', { progress: {} }],
    ['that waits for nothing', 'running.waiting', { waits: [] }],
    ['that waits for something unknown', 'running.waiting', { waits: [{ ask: 1, wait: { kind: 'rain' } }] }],
    ['that stops for another cause', 'running.stopping.cancel', { stop: { cause: 'timeout' } }],
    ['with another outcome', 'completed', { outcome: { status: 'failed', error } }],
    ['with a failure that is none', 'failed', { outcome: { status: 'failed', error: 'm' } }],
    ['with an error that is none', 'pending.queued', { lastError: {} }],
    ['too deep to be written', 'completed', { outcome: { status: 'completed', result: nested(deepestRecord + 10) } }],
  ] as const)('does not fit: %s', (_what, state, wrong) => {
    expect(fits(state, { ...contexts[state], ...wrong })).toBe(false)
  })
})
