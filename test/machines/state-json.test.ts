import { describe, expect, it } from 'vitest'
import { OffstageError } from '../../src/errors.ts'
import { foldStore } from '../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../src/machines/records.ts'
import { emptyStore, remembered, type StoreState } from '../../src/machines/store-state.ts'
import { damage } from './junk.ts'
import { Dice } from './sim/dice.ts'
import { worldAfter } from './sim/simulate.ts'
import { indexesOf, read, tasksOf, told, write } from './state-dump.ts'

const machines = { foldStore, emptyStore }
const steps = 150
const timeout = 60_000

const record = (id: string, more: object = {}): StoreRecord => ({
  type: 'submit',
  task: id,
  at: 1,
  name: id,
  limits: { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 },
  ...more,
})
const parsed = (each: StoreRecord): StoreRecord => JSON.parse(JSON.stringify(each)) as StoreRecord
const folded = (records: readonly StoreRecord[]): StoreState => {
  const state = emptyStore()
  for (const each of records) foldStore(state, each)
  return state
}
const logs: (readonly StoreRecord[])[] = []
/** What was recorded in as many worlds, each made once. */
function* worlds(seeds: number): Generator<[seed: number, log: readonly StoreRecord[]]> {
  for (let seed = 0; seed < seeds; seed += 1) {
    const log = logs[seed] ?? worldAfter(machines, seed, steps).log
    logs[seed] = log
    yield [seed, log]
  }
}

describe('a state as text', () => {
  it('goes on like the state itself when it was read again, at any moment, and ends in the same bytes', {
    timeout,
  }, () => {
    let count = 0
    for (const [seed, log] of worlds(200)) {
      const cut = new Dice(seed).below(log.length)
      const state = folded(log.slice(0, cut))
      const text = write(state)
      const again = read(text)
      expect(write(again), `seed ${seed}`).toBe(text)
      expect(tasksOf(again), `seed ${seed}`).toEqual(tasksOf(state))
      expect(indexesOf(again), `seed ${seed}`).toEqual(indexesOf(state))
      for (const each of log.slice(cut)) {
        count += 1
        const verdict = told(foldStore(state, each))
        if (told(foldStore(again, each)) !== verdict) expect.unreachable(`seed ${seed}: not ${verdict}`)
      }
      expect(write(again), `seed ${seed}`).toBe(write(state))
      expect(indexesOf(again), `seed ${seed}`).toEqual(indexesOf(state))
    }
    expect(count).toBeGreaterThan(3_000)
  })

  it('goes on after every single record', () => {
    const { log } = worldAfter(machines, 3, 200)
    let again = emptyStore()
    const state = emptyStore()
    for (const each of log) {
      expect(told(foldStore(again, each))).toBe(told(foldStore(state, each)))
      again = read(write(again))
    }
    expect(write(again)).toBe(write(state))
  })

  it('is the same for who folded the records themselves and who read them from a journal', { timeout }, () => {
    for (const [seed, log] of worlds(100))
      expect(write(folded(log.map(parsed))), `seed ${seed}`).toBe(write(folded(log)))
  })

  it('does not depend on the order of members in a record, nor on members that nobody knows', () => {
    const limits = { maxOrphans: 1, x: 1, maxAttempts: 1, grace: 0, timeout: 5 }
    const turned = Object.fromEntries(Object.entries(record('a', { limits, owner: 'ann', e: 'w1' })).reverse())
    const text = write(folded([turned as unknown as StoreRecord]))
    expect(text).toBe(
      write(folded([record('a', { limits: { timeout: 5, grace: 0, maxAttempts: 1, maxOrphans: 1 }, owner: 'ann' })])),
    )
    expect(write(read(text))).toBe(text)
  })

  it('keeps dead workers and forgotten ids in their order, also when the oldest have been dropped', () => {
    const state = emptyStore()
    for (let i = 0; i < remembered + 10; i += 1) foldStore(state, { type: 'expire', worker: `w${i}`, at: i })
    const again = read(write(state))
    for (let i = 0; i < 5; i += 1)
      for (const each of [state, again]) foldStore(each, { type: 'expire', worker: `v${i}`, at: i })
    expect([...again.expired]).toEqual([...state.expired])
    expect(again.expired.has('w14')).toBe(false)
    expect(again.expired.has('w15')).toBe(true)
  })

  it('holds nothing that only a process can hold', () => {
    expect(write(folded([record('a', { local: { fn: () => 1 } })]))).not.toContain('local')
  })

  it('keeps members named like those that every object inherits', () => {
    const input: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":2}')
    const again = read(write(folded([record('__proto__', { input })])))
    expect(JSON.stringify(again.tasks.get('__proto__')?.spec.input)).toBe('{"__proto__":{"a":1},"constructor":2}')
  })

  it('shares what most tasks have in common', () => {
    const { tasks } = read(write(folded(['a', 'b'].map((id) => parsed(record(id))))))
    const [a, b] = [tasks.get('a'), tasks.get('b')]
    expect(a?.spec.limits).toBe(b?.spec.limits)
    expect(a?.snapshot.context.limits).toBe(b?.spec.limits)
  })
})

describe('the comparison', () => {
  const names = ['claims', 'workers', 'keys', 'idempotent', 'dependants', 'openNeeds', 'children', 'waiters'] as const

  it.each([...names, 'expired', 'forgotten'] as const)(
    'notices in what is folded next that %s is missing',
    { timeout },
    (name) => {
      const isNoticed = (seed: number, log: readonly StoreRecord[]): boolean => {
        const cut = new Dice(seed).below(log.length)
        const state = folded(log.slice(0, cut))
        const again = read(write(state))
        if (name === 'expired' || name === 'forgotten') Object.assign(again, { [name]: emptyStore()[name] })
        else again[name].clear()
        try {
          return log.slice(cut).some((each) => told(foldStore(again, each)) !== told(foldStore(state, each)))
        } catch {
          return true
        }
      }
      let noticed = false
      for (const [seed, log] of worlds(200)) noticed ||= isNoticed(seed, log)
      expect(noticed).toBe(true)
    },
  )
})

describe('a task that somebody holds', () => {
  it('is changed rather than made again', () => {
    const state = folded([record('a'), record('b', { needs: ['a'] })])
    const text = write(state)
    foldStore(state, { type: 'start', task: 'a', at: 2, run: 1, claim: 'c', worker: 'w' })
    foldStore(state, { type: 'complete', task: 'a', at: 3, claim: 'c' })
    const [a, b] = [state.tasks.get('a'), state.tasks.get('b')]
    const again = read(text, (id) => state.tasks.get(id))
    expect([...again.tasks.values()]).toEqual([a, b])
    expect(again.tasks.get('a')).toBe(a)
    expect([a?.state, a?.transitions, b?.state]).toEqual(['pending.queued', undefined, 'pending.blocked'])
    expect(again.openNeeds.get('b')).toBe(1)
    expect(write(again)).toBe(text)
  })

  it('is what it was when the text turns out to be damaged', () => {
    const state = folded([record('a')])
    const text = write(state)
    foldStore(state, { type: 'cancel', task: 'a', at: 2 })
    expect(() => read(text.replace('"lines":3', '"lines":4'), (id) => state.tasks.get(id))).toThrow('the snapshot')
    expect(state.tasks.get('a')?.state).toBe('cancelled')
  })

  it('is not taken for one that was given its id later', () => {
    const old = folded([record('a')]).tasks.get('a')
    const text = write(folded([record('b'), record('a')]))
    expect(read(text, (id) => (id === 'a' ? old : undefined)).tasks.get('a')).not.toBe(old)
  })
})

describe('a text that is not what was written', () => {
  it.each([
    ['a line is missing', (lines: string[]) => lines.toSpliced(1, 1)],
    ['the end is missing', (lines: string[]) => lines.slice(0, -1)],
    ['the head is missing', (lines: string[]) => lines.slice(1)],
    ['a line is there twice', (lines: string[]) => lines.toSpliced(1, 0, lines[1] ?? '')],
    ['two lines changed places', (lines: string[]) => lines.with(1, lines[2] ?? '').with(2, lines[1] ?? '')],
    ['something follows', (lines: string[]) => [...lines, '{"expired":[]}']],
    ['a line is no JSON', (lines: string[]) => lines.with(1, '{')],
    ['a line is no object', (lines: string[]) => lines.with(1, '3')],
    ['a line says nothing known', (lines: string[]) => lines.with(1, '{"x":1}')],
    ['a task has no spec', (lines: string[]) => lines.with(1, '{"seq":1}')],
    ['a state is unknown', (lines: string[]) => lines.with(1, (lines[1] ?? '').replace('pending.queued', 'gone'))],
    ['an id is a number', (lines: string[]) => lines.with(5, '{"expired":[1]}')],
    ['an id is there twice', (lines: string[]) => lines.with(5, '{"expired":["w","w"]}')],
    ['a running task has no claim', (lines: string[]) => lines.map((line) => line.replace('"claim":"c",', ''))],
    ['two tasks have one claim', (lines: string[]) => lines.map((line) => line.replace('"d"', '"c"'))],
  ])('is refused when %s', (_what, damaged) => {
    const start = { type: 'start', at: 2, run: 1 } as const
    const lines = write(
      folded([
        record('a'),
        record('b', { needs: ['a'] }),
        { type: 'expire', worker: 'w', at: 1 },
        record('x'),
        record('y'),
        { ...start, task: 'x', claim: 'c', worker: 'v' },
        { ...start, task: 'y', claim: 'd', worker: 'v' },
      ]),
    ).split('\n')
    const wrong = () => read(damaged(lines).join('\n'))
    expect(wrong).toThrow('the snapshot')
    expect(wrong).toThrow(expect.objectContaining({ code: 'STORE' }))
  })

  it('is refused, or goes on as any state does, wherever it was changed', { timeout }, () => {
    let refused = 0
    for (const [seed, log] of worlds(200)) {
      const lines = write(folded(log)).split('\n')
      const place = new Dice(seed).below(lines.length)
      const others = lines.map((line): unknown => JSON.parse(line))
      const text = lines.with(place, JSON.stringify(damage(others[place], seed, others))).join('\n')
      try {
        const again = read(text)
        for (const each of log) foldStore(again, each)
        expect(write(read(write(again)))).toBe(write(again))
      } catch (error) {
        if (!OffstageError.is(error, 'STORE')) throw error
        refused += 1
      }
    }
    expect(refused).toBeGreaterThan(50)
  })
})
