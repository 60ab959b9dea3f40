import { describe, expect, it } from 'vitest'
import { happeningOf } from '../../../src/inspect/recording/happening.ts'
import type { Entry } from '../../../src/inspect/recording/recorded.ts'
import { Recording } from '../../../src/inspect/recording/recording.ts'
import { foldStore } from '../../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../../src/machines/records.ts'
import { emptyStore } from '../../../src/machines/store-state.ts'

const limits = { timeout: undefined, grace: 1_000, maxAttempts: 1, maxOrphans: 1 }
const submit = { type: 'submit', task: 't1', at: 5, name: 'one', limits } as const

/** The last entry of a recording of these records. */
function last(...records: StoreRecord[]): Entry {
  const state = emptyStore()
  const recording = new Recording({ epoch: 'e', source: 'journal', complete: true })
  for (const record of records) for (const change of foldStore(state, record).changes) recording.add(change)
  return recording.entry(recording.last) as Entry
}

describe('a happening of a task', () => {
  it('says from where to where it went, and as which version', () => {
    expect(happeningOf(last(submit))).toEqual({
      kind: 'task',
      n: 1,
      at: 5,
      task: 't1',
      event: submit,
      from: 'new',
      to: 'pending.queued',
      version: 1,
    })
  })

  it('leads nowhere when the task was forgotten', () => {
    const cancel = { type: 'cancel', task: 't1', at: 6 } as const
    const happening = happeningOf(last(submit, cancel, { type: 'forget', task: 't1', at: 7 }))
    expect(happening).toMatchObject({ n: 3, from: 'cancelled', to: undefined, version: 2, event: { type: 'forget' } })
  })

  it('holds no closures', () => {
    expect(happeningOf(last({ ...submit, local: { run: () => {} } }))).not.toHaveProperty('event.local')
  })

  it.each([
    ['an input', { input: 'x'.repeat(1_000_000) }, 'input'],
    ['metadata', { metadata: { text: 'x'.repeat(1_000_000) } }, 'metadata'],
    ['a name', { name: 'x'.repeat(1_000_000) }, 'name'],
  ])('cuts %s that is too large, and says how large it is', (_, more, member) => {
    const happening = happeningOf(last({ ...submit, ...more }))
    expect(JSON.stringify(happening).length).toBeLessThan(1_000)
    expect(happening).toHaveProperty(`event.${member}`, expect.stringMatching(/x… \(1,000,0\d\d characters\)$/))
  })

  it('leaves out what is no JSON', () => {
    const circle: Record<string, unknown> = {}
    circle.self = circle
    const happening = happeningOf(last({ ...submit, input: circle, metadata: { count: 1n }, config: () => {} }))
    expect(happening).toHaveProperty('event', submit)
  })
})

describe('other happenings', () => {
  it('are told in the words of the protocol', () => {
    const recording = new Recording({ epoch: 'e', source: 'journal', complete: true })
    recording.addVoid(submit, 'DEDUP')
    recording.addDamage('segment 1, line 2', 3)
    recording.addWorker('w1', 9)
    expect(Array.from(recording.entries(0, 3), happeningOf)).toEqual([
      { kind: 'void', n: 1, at: 5, record: submit, reason: 'DEDUP' },
      { kind: 'damage', n: 2, at: 5, where: 'segment 1, line 2', lines: 3 },
      { kind: 'worker', n: 3, at: 9, worker: 'w1', event: 'expire' },
    ])
  })
})
