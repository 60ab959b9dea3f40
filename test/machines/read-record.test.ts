import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { readRecord } from '../../src/machines/read-record.ts'
import { recordTypes, type StoreRecord } from '../../src/machines/records.ts'
import { emptyStore, type StoreState } from '../../src/machines/store-state.ts'
import { damage, nested } from './junk.ts'
import { worldAfter } from './sim/simulate.ts'
import { indexesOf, read, write } from './state-dump.ts'

const machines = { foldStore, emptyStore }
const timeout = 60_000
const limits = { grace: 0, maxAttempts: 1, maxOrphans: 1 }
const of = { task: 't', at: 1 }
const ofClaim = { ...of, claim: 'c' }
const submit = { type: 'submit', ...of, name: 't', limits }
const blob = { name: 'b', hash: 'h', bytes: 1 }

const failure = (depth: number): object => ({
  code: 'E',
  message: 'm',
  ...(depth > 1 && { cause: failure(depth - 1) }),
})

const whole = [
  submit,
  {
    ...submit,
    recipe: 'r',
    inputBlob: blob,
    config: null,
    sessionId: 's',
    owner: 'o',
    tags: ['a'],
    metadata: { a: 1 },
    priority: -1,
    delay: 1,
    deadline: 2,
    keys: [{ key: 'k', limit: 1 }],
    needs: ['n'],
    needNames: ['n'],
    idempotencyKey: 'i',
    fingerprint: 'f',
    parent: { task: 'p', claim: 'c' },
    retryOf: 'q',
    retry: { backoff: 'fixed', minDelay: 1, maxDelay: 2, jitter: 0.5 },
    trace: 'x',
    input: nested(255),
  },
  { ...submit, limits: { ...limits, timeout: 5 }, e: 'w.1', more: 'than this version knows' },
  { type: 'start', ...ofClaim, run: 1, worker: 'w' },
  { type: 'progress', ...ofClaim, fraction: 0.5, message: 'half' },
  { type: 'ask', ...ofClaim, ask: 1, wait: { kind: 'child', child: 'x' } },
  { type: 'ask', ...ofClaim, ask: 1, wait: { kind: 'input', prompt: '?' } },
  { type: 'answer', ...ofClaim, ask: 1, value: { a: 1 } },
  { type: 'complete', ...ofClaim, result: 1 },
  { type: 'complete', ...ofClaim, resultBlob: blob },
  { type: 'fail', ...ofClaim, error: { code: 'E', message: 'm', cause: { code: 'E', message: 'm' } }, retryAt: 5 },
  { type: 'timeout', scope: 'attempt', ...ofClaim, retryAt: 5 },
  { type: 'timeout', scope: 'deadline', ...of },
  { type: 'cancel', ...of, reason: 'r', by: 'b' },
  ...['shutdown', 'ended', 'abandon', 'release', 'freed'].map((type) => ({ type, ...ofClaim })),
  { type: 'forget', ...of },
  { type: 'expire', worker: 'w', at: 1 },
  { type: 'header', format: 1, fold: 1, minReader: 1, minWriter: 1, storeId: 's' },
]

describe('a line of a journal', () => {
  it.each(whole.map((line) => [line.type, line] as const))('is a record: %s', (_type, line) => {
    expect(readRecord(line)).toBe(line)
  })

  it('may be of every type that is journaled', () => {
    const derived = ['unblock', 'needFailed']
    const known = new Set(whole.map(({ type }) => type))
    expect(recordTypes.filter((type) => !derived.includes(type) && !known.has(type))).toEqual([])
  })

  it.each([
    ['a type to come', { type: 'schedule', ...of }],
    ['what is derived, never written', { type: 'unblock', at: 1 }],
    ['a name that objects inherit', { type: 'constructor' }],
    ['a seal, which readers look for themselves', { type: 'seal' }],
  ])('is unknown: %s', (_what, line) => {
    expect(readRecord(line)).toBe('unknown')
  })

  it.each([
    ['nothing', null],
    ['a text', 'submit'],
    ['a list', [1]],
    ['without a type', of],
    ['with a type that is no text', { ...submit, type: 1 }],
    ['with a type that is hidden', JSON.parse('{"__proto__":{"type":"forget","task":"t","at":1}}')],
    ['submit without limits', { ...submit, limits: undefined }],
    ['submit with infinite time', JSON.parse('{"type":"forget","task":"t","at":1e400}')],
    ['submit with a delay beyond all time', { ...submit, delay: 1e300 }],
    ['submit with a number for an id', { ...submit, task: 1 }],
    ['submit with needs that are no texts', { ...submit, needs: [1] }],
    ['submit with keys that are no keys', { ...submit, keys: ['k'] }],
    ['submit with a parent without a claim', { ...submit, parent: { task: 'p' } }],
    ['submit with a list for metadata', { ...submit, metadata: [] }],
    ['submit with a function from afar', { ...submit, local: {} }],
    ['submit with an input that nobody can write', { ...submit, input: nested(256) }],
    ['submit with nested metadata that nobody can write', { ...submit, metadata: { a: nested(256) } }],
    ['start without a worker', { type: 'start', ...ofClaim, run: 1 }],
    ['progress without a fraction', { type: 'progress', ...ofClaim }],
    ['an ask for something unknown', { type: 'ask', ...ofClaim, ask: 1, wait: { kind: 'rain' } }],
    ['an ask for no child', { type: 'ask', ...ofClaim, ask: 1, wait: { kind: 'child' } }],
    ['a result that nobody can write', { type: 'complete', ...ofClaim, result: nested(5_000) }],
    [
      'a wait with more than anybody can write',
      { type: 'ask', ...ofClaim, ask: 1, wait: { kind: 'input', x: nested(256) } },
    ],
    ['a failure without end', { type: 'fail', ...ofClaim, error: failure(300) }],
    ['a failure without a code', { type: 'fail', ...ofClaim, error: { message: 'm' } }],
    ['a failure whose cause is none', { type: 'fail', ...ofClaim, error: { code: 'E', message: 'm', cause: 'x' } }],
    ['a timeout of nothing', { type: 'timeout', ...ofClaim }],
    ['a timeout of an attempt without a claim', { type: 'timeout', scope: 'attempt', ...of }],
    ['a header without numbers', { type: 'header', storeId: 's' }],
  ])('is damaged: %s', (_what, line) => {
    expect(readRecord(line)).toBeUndefined()
  })

  it('says the last thing that it says twice', () => {
    const line = JSON.parse('{"type":"forget","task":1,"task":"t","at":1}')
    expect(readRecord(line)).toEqual({ type: 'forget', task: 't', at: 1 })
  })
})

describe('a forged record', () => {
  /** Folds what is a record, and tells how many were. */
  function foldAll(state: StoreState, lines: readonly unknown[]): number {
    let folded = 0
    for (const line of lines) {
      const record = readRecord(line)
      if (typeof record !== 'object' || record.type === 'header') continue
      foldStore(state, record)
      folded += 1
    }
    return folded
  }

  it('is damaged, or is folded like any other, and leaves all indexes as they follow from the tasks', {
    timeout,
  }, () => {
    let lines = 0
    let folded = 0
    for (let seed = 0; seed < 150; seed += 1) {
      const { log } = worldAfter(machines, seed, 150)
      const forged = log.flatMap((record, i) =>
        i % 3 === 0 ? [damage(record, seed * 1_000 + i, log), record] : [record],
      )
      const state = emptyStore()
      lines += forged.length
      folded += foldAll(state, JSON.parse(JSON.stringify(forged)) as StoreRecord[])
      const text = write(state)
      const again = read(text)
      expect(write(again), `seed ${seed}`).toBe(text)
      expect(indexesOf(again), `seed ${seed}`).toEqual(indexesOf(state))
    }
    expect(lines - folded).toBeGreaterThan(500)
  })

  it('at the edge of what is allowed can be written and read again', () => {
    const most = Number.MAX_SAFE_INTEGER
    const state = emptyStore()
    const lines = [
      { ...submit, at: most, delay: most, input: nested(255), keys: [{ key: 'k', limit: 1, x: nested(253) }] },
      { ...submit, task: 'a' },
      { type: 'start', ...ofClaim, task: 'a', run: 1, worker: '' },
      { type: 'ask', ...ofClaim, task: 'a', ask: 1, wait: { kind: 'input', x: nested(254) } },
      { ...submit, task: 'b' },
      { type: 'start', ...ofClaim, task: 'b', claim: '', run: 1, worker: '' },
      {
        type: 'complete',
        ...ofClaim,
        task: 'b',
        claim: '',
        result: nested(255),
        resultBlob: { ...blob, x: nested(254) },
      },
      { ...submit, task: 'c', limits: { ...limits, maxAttempts: 2 } },
      { type: 'start', ...ofClaim, task: 'c', claim: 'd', run: 1, worker: 'w' },
      { type: 'fail', ...ofClaim, task: 'c', claim: 'd', error: failure(255), retryAt: -most },
    ]
    expect(foldAll(state, lines)).toBe(lines.length)
    expect(Array.from(state.tasks.values(), (task) => task.state)).toEqual([
      'pending.delayed',
      'running.waiting',
      'completed',
      'pending.delayed',
    ])
    expect(write(read(write(state)))).toBe(write(state))
  })

  it('that gives an empty id does not answer for others', () => {
    const state = emptyStore()
    foldAll(state, [{ ...submit, task: '' }])
    expect(foldAll(state, [{ ...submit, idempotencyKey: 'i' }])).toBe(1)
    expect(state.tasks.has('t')).toBe(true)
  })

  it('that uses a claim again is not answered for what the attempt before waited for', () => {
    const state = emptyStore()
    const ask = { type: 'ask', ...ofClaim, ask: 1 }
    foldAll(state, [
      { ...submit, limits: { ...limits, maxAttempts: 3 } },
      { ...submit, task: 'x' },
      { type: 'start', ...ofClaim, run: 1, worker: 'w' },
      { ...ask, wait: { kind: 'child', child: 'x' } },
      { type: 'release', ...ofClaim },
      { type: 'start', ...ofClaim, run: 2, worker: 'w' },
      { ...ask, wait: { kind: 'input' } },
    ])
    expect(state.waiters.size).toBe(0)
    foldAll(state, [{ type: 'cancel', task: 'x', at: 2 }])
    expect(state.tasks.get('t')?.state).toBe('running.waiting')
  })
})
