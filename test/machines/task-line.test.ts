import { describe, expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import type { StoreRecord, SubmitRecord } from '../../src/machines/records.ts'
import { emptyStore, type StoredTask } from '../../src/machines/store-state.ts'
import { lineOf, TaskLines } from '../../src/machines/task-line.ts'

const of = { task: 't', at: 2, claim: 'c' } as const
const submit: SubmitRecord = {
  type: 'submit',
  task: 't',
  at: 1,
  name: 'research',
  limits: { timeout: 9, grace: 5, maxAttempts: 3, maxOrphans: 1 },
  recipe: 'r',
  owner: 'ann',
  delay: 1,
}
const start: StoreRecord = { type: 'start', ...of, run: 1, worker: 'w' }
const failed: StoreRecord = { type: 'fail', ...of, error: { code: 'E', message: 'm' } }

function taskAfter(...records: readonly StoreRecord[]): StoredTask {
  const state = emptyStore()
  for (const record of [submit, ...records]) foldStore(state, record)
  return state.tasks.get('t') as StoredTask
}

type Line = Record<string, unknown> & { readonly spec: SubmitRecord }
const parsed = (text: string): Line => JSON.parse(text) as Line
const read = (line: Line) => new TaskLines().read(line, line.spec)

describe('the line of a task', () => {
  it('says the submit record, and beside it only what that does not say', () => {
    expect(parsed(lineOf(taskAfter(start, failed), undefined))).toEqual({
      seq: 1,
      leaf: 'failed',
      spec: submit,
      context: {
        version: 3,
        run: 1,
        failures: 1,
        startedAt: 2,
        endedAt: 2,
        outcome: { status: 'failed', error: { code: 'E', message: 'm' } },
      },
      transitions: [
        ['start', 2, 'D', 'X', 2, 'w', 1],
        ['fail', 2, 'X', 'F', 3],
      ],
    })
  })

  it('is short for a task to which nothing has happened', () => {
    const { spec: _, ...rest } = parsed(lineOf(taskAfter(), undefined))
    expect(rest).toEqual({ seq: 1, leaf: 'pending.delayed', context: { version: 1, dueAt: 2 } })
  })

  it('gives the same task when it is read', () => {
    const task = taskAfter(start, failed)
    const { snapshot, transitions } = task
    expect(read(parsed(lineOf(task, undefined)))).toEqual({
      spec: submit,
      seq: 1,
      snapshot,
      transitions,
      zombie: undefined,
    })
  })

  it('says whose work still runs', () => {
    const task = taskAfter(start, { type: 'cancel', ...of }, { type: 'abandon', ...of })
    const line = parsed(lineOf(task, { claim: 'c', worker: 'w' }))
    expect(line.zombie).toEqual({ claim: 'c', worker: 'w' })
    expect(read(line)?.zombie).toEqual({ claim: 'c', worker: 'w' })
  })

  it('shares names and limits between tasks', () => {
    const lines = new TaskLines()
    const [one, two] = ['a', 'b'].map((task) => {
      const line = parsed(lineOf(taskAfter(), undefined))
      return lines.read(line, { ...line.spec, task })
    })
    expect(one?.spec.limits).toBe(two?.spec.limits)
    expect(one?.snapshot.context.limits).toBe(two?.spec.limits)
  })

  it.each<[string, Record<string, unknown>]>([
    ['no number', { seq: '1' }],
    ['no state', { leaf: 'running' }],
    ['a state before submit', { leaf: 'new' }],
    ['a state that its context does not fit', { leaf: 'running.executing' }],
    ['no context', { context: null }],
    ['work that still runs in a task that has not ended', { zombie: { claim: 'c', worker: 'w' } }],
    ['transitions that are no list', { transitions: {} }],
    ['a transition that is no list', { transitions: ['start'] }],
    ['a transition to nowhere', { transitions: [['start', 1, 'Q', 'Z', 2]] }],
    ['a start by nobody', { transitions: [['start', 1, 'Q', 'X', 2, undefined, 1]] }],
    ['a start that is not counted', { transitions: [['start', 1, 'Q', 'X', 2, 'w']] }],
  ])('says no task with %s', (_what, wrong) => {
    const line = parsed(lineOf(taskAfter(), undefined))
    expect(read(line)).toBeDefined()
    expect(read({ ...line, ...wrong })).toBeUndefined()
  })
})
