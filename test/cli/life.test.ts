import { describe, expect, it } from 'vitest'
import { Life, type Told } from '../../src/cli/life.ts'
import type { HistoryStep, StreamEntry } from '../../src/index.ts'
import { foldStore } from '../../src/machines/fold-store.ts'
import type { StoreRecord, SubmitRecord } from '../../src/machines/records.ts'
import { emptyStore } from '../../src/machines/store-state.ts'

const limits = { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 }
const submitOf = (task: string, rest: Partial<SubmitRecord> = {}): SubmitRecord => {
  return { type: 'submit', task, at: 0, name: task, limits, ...rest }
}
const startOf = (task: string): StoreRecord => ({ type: 'start', task, at: 1, run: 1, claim: `c-${task}`, worker: 'w' })
const completeOf = (task: string): StoreRecord => ({ type: 'complete', task, at: 9, claim: `c-${task}` })
const reportOf = (fraction: number): StoreRecord => ({ type: 'progress', task: 'a', at: 2, claim: 'c-a', fraction })
const logOf = (version: number, message: string): StreamEntry => {
  return { type: 'log', at: 5, level: 'info', message, version, n: version }
}

/** The life of task a; `'damage'` stands for a line that cannot be read. */
function lifeOf(records: readonly (StoreRecord | 'damage')[], lines: readonly StreamEntry[] = [], base = 0): Told[] {
  const life = new Life('a', lines)
  const state = emptyStore()
  const steps = records.map((record, i): (() => HistoryStep) => {
    const where = { segment: 1, line: i + 1 }
    if (record === 'damage') return () => ({ type: 'damage', lines: 1, where })
    return () => ({ type: 'record', record, verdict: foldStore(state, record), where })
  })
  for (const step of steps.slice(0, base)) step()
  const told = [...life.step({ type: 'base', state, complete: base === 0 })]
  for (const step of steps.slice(base)) told.push(...life.step(step()))
  return [...told, ...life.step({ type: 'level' }), ...life.end()]
}

const wordsOf = (told: readonly Told[]): string[] =>
  told.map((each) => {
    if (each.type === 'step') return `${each.event}: ${each.from} → ${each.to}, ${each.version}`
    if (each.type === 'kept') return `kept ${each.step.type}`
    if (each.type === 'progress') return `progress ${each.first} → ${each.last}`
    if (each.type === 'log') return each.message
    return each.type
  })

describe('the life of a task', () => {
  it('has each move of a record that makes more than one', () => {
    const need = [submitOf('need'), startOf('need'), completeOf('need')]
    expect(wordsOf(lifeOf([...need, submitOf('a', { needs: ['need'] })]))).toEqual([
      'submit: new → pending.blocked, 1',
      'unblock: pending.blocked → pending.queued, 2',
    ])
  })

  it('has its lines where they were written, between reports of progress too', () => {
    const records = [submitOf('a'), startOf('a'), reportOf(0.1), reportOf(0.2), reportOf(0.3), completeOf('a')]
    expect(wordsOf(lifeOf(records, [logOf(2, 'first'), logOf(4, 'second'), logOf(6, 'last')]))).toEqual([
      'submit: new → pending.queued, 1',
      'start: pending.queued → running.executing, 2',
      'first',
      'progress 0.1 → 0.2',
      'second',
      'progress 0.3 → 0.3',
      'complete: running.executing → completed, 6',
      'last',
    ])
  })

  it('has the damage within it, and none that came before or after', () => {
    const told = lifeOf(['damage', submitOf('a'), 'damage', startOf('a'), 'damage', completeOf('a'), 'damage'])
    expect(told.map(({ type }) => type)).toEqual(['step', 'damage', 'step', 'damage', 'step'])
  })

  it('begins with the steps that are kept of it', () => {
    const records = [submitOf('a'), startOf('a'), reportOf(0.5), completeOf('a')]
    expect(wordsOf(lifeOf(records, [logOf(2, 'hello')], 3))).toEqual([
      'gone',
      'kept submit',
      'kept start',
      'hello',
      'complete: running.executing → completed, 4',
    ])
  })

  it('says nothing of others', () => {
    expect(lifeOf([submitOf('b'), startOf('b'), submitOf('a'), completeOf('b')])).toHaveLength(1)
  })
})
