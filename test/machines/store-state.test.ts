import { describe, expect, it } from 'vitest'
import {
  addTo,
  emptyStore,
  idempotencyName,
  Memory,
  remembered,
  removeFrom,
  type StoreState,
  statusOf,
} from '../../src/machines/store-state.ts'
import { Journal, limits, one } from './sim/journal.ts'

describe('a task', () => {
  it('has the first part of its state as its status', () => {
    const journal = new Journal()
    journal.run('a')
    const { snapshot, status } = journal.task('a')
    expect([snapshot.state, status, statusOf(snapshot)]).toEqual(['running.executing', 'running', 'running'])
    journal.complete('a')
    expect(journal.task('a').status).toBe('completed')
  })

  it('stays the same object through its life, under ever new snapshots', () => {
    const journal = new Journal()
    journal.submit('a')
    const task = journal.task('a')
    const first = task.snapshot
    journal.start('a')
    expect(journal.task('a')).toBe(task)
    expect(task.snapshot).not.toBe(first)
    expect(first.state).toBe('pending.queued')
  })

  it('is settled in a final state, zombie or not', () => {
    const journal = new Journal()
    journal.run('a')
    expect(journal.task('a').settled).toBe(false)
    journal.abandon('a')
    expect([journal.task('a').settled, journal.task('a').zombie]).toEqual([true, 'a#1'])
  })

  it('is numbered in submit order; a refused submit takes no number', () => {
    const journal = new Journal()
    journal.submit('a')
    journal.submit('a')
    journal.submit('b')
    expect([journal.task('a').seq, journal.task('b').seq]).toEqual([1, 2])
  })
})

describe('the name of an idempotency key', () => {
  const spec = { type: 'submit', task: 'a', at: 0, name: 'a', limits } as const

  it('is absent without a key', () => {
    expect(idempotencyName(spec)).toBeUndefined()
  })

  it('cannot be forged from parts of another', () => {
    const names = [
      { recipe: 'a', owner: 'b', idempotencyKey: 'c' },
      { recipe: 'a', owner: 'b","c', idempotencyKey: '' },
      { recipe: 'a', idempotencyKey: 'c' },
      { recipe: 'a', owner: 'null', idempotencyKey: 'c' },
      { owner: 'a', idempotencyKey: 'c' },
    ].map((part) => idempotencyName({ ...spec, ...part }))
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('what is remembered', () => {
  it('is bounded, and the oldest goes first', () => {
    const memory = new Memory()
    const have = (...values: string[]) => values.map((value) => memory.has(value))
    for (let i = 0; i <= remembered; i += 1) memory.add(`w${i}`)
    expect([memory.size, ...have('w0', 'w1', `w${remembered}`)]).toEqual([remembered, false, true, true])
    for (let i = 1; i <= remembered; i += 1) memory.add(`v${i}`)
    expect([memory.size, ...have(`w${remembered}`, 'v1', `v${remembered}`)]).toEqual([remembered, false, true, true])
  })
})

describe('a set inside a map', () => {
  it('is made by the first value and goes with the last', () => {
    const map = new Map<string, Set<number>>()
    addTo(map, 'a', 1)
    addTo(map, 'a', 2)
    removeFrom(map, 'a', 1)
    removeFrom(map, 'a', 7)
    removeFrom(map, 'b', 1)
    expect(map).toEqual(new Map([['a', new Set([2])]]))
    removeFrom(map, 'a', 2)
    expect(map.size).toBe(0)
  })
})

describe('the indexes', () => {
  const indexesOf = ({ tasks, lastSeq, expired, forgotten, ...indexes }: StoreState) => indexes
  const sizes = (journal: Journal) => indexesOf(journal.state)
  const empty = indexesOf(emptyStore())

  it('name whatever spans tasks while it lasts', () => {
    const journal = new Journal()
    journal.run('p', { keys: one('k'), idempotencyKey: 'i' })
    journal.submit('c', { under: 'p' })
    journal.submit('n', { needs: ['p', 'c'] })
    journal.ask('p', 'c')
    const { claims, workers, keys, idempotent, dependants, openNeeds, children, waiters } = journal.state
    expect([...claims.keys()]).toEqual(['p#1'])
    expect([...workers.keys()]).toEqual(['w1'])
    expect([...keys.keys()]).toEqual(['k'])
    expect([...idempotent.values()]).toEqual(['p'])
    expect(dependants).toEqual(
      new Map([
        ['p', new Set(['n'])],
        ['c', new Set(['n'])],
      ]),
    )
    expect(openNeeds).toEqual(new Map([['n', 2]]))
    expect(children).toEqual(new Map([['p', new Set(['c'])]]))
    expect(waiters).toEqual(new Map([['c', [{ task: 'p', claim: 'p#1', ask: 1 }]]]))
  })

  it('name only unfinished children of unfinished parents', () => {
    const journal = new Journal()
    journal.run('p')
    journal.run('c1', { under: 'p' })
    journal.submit('c2', { under: 'p' })
    journal.complete('c1')
    expect(journal.state.children).toEqual(new Map([['p', new Set(['c2'])]]))
    journal.complete('p')
    expect(journal.state.children.size).toBe(0)
  })

  it.each(['complete', 'fail', 'cancel'] as const)(
    'are empty once every task has ended by %s and is forgotten',
    (way) => {
      const journal = new Journal()
      journal.run('p', { keys: one('k'), idempotencyKey: 'i' })
      journal.run('c', { under: 'p' })
      journal.submit('n', { needs: ['p', 'c'] })
      journal.ask('p', 'c')
      journal.end('p', 'release')
      journal.start('p')
      for (const id of ['c', 'p']) {
        journal[way](id)
        if (way === 'cancel') journal.end(id, 'ended')
      }
      if (way === 'complete') {
        journal.start('n')
        journal.complete('n')
      }
      for (const id of ['n', 'p', 'c']) expect(journal.forget(id).accepted).toBe(true)
      expect(sizes(journal)).toEqual(empty)
      expect([journal.state.tasks.size, journal.state.claims.size]).toEqual([0, 0])
    },
  )
})
