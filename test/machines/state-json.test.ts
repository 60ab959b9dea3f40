import { describe, expect, it } from 'vitest'
import { foldStore, type Verdict } from '../../src/machines/fold-store.ts'
import type { StoreRecord } from '../../src/machines/records.ts'
import { StateReader, writeState } from '../../src/machines/state-json.ts'
import { emptyStore, type StoreState } from '../../src/machines/store-state.ts'
import { seededRandom } from '../../src/random.ts'
import { worldAfter } from './sim/simulate.ts'

const seeds = 400
const steps = 150

const write = (state: StoreState): string => [...writeState(state)].join('\n')
function read(text: string): StoreState {
  const reader = new StateReader()
  for (const line of text.split('\n')) reader.line(line)
  return reader.end()
}
const told = ({ accepted, reason, detail, task, changes }: Verdict): unknown => [
  accepted,
  reason,
  detail,
  task?.id,
  changes.map((change) => [change.task.id, change.event.type, change.before.leaf.name, change.task.state]),
]
const record = (id: string, more: object = {}): StoreRecord => ({
  type: 'submit',
  task: id,
  at: 1,
  name: id,
  limits: { timeout: undefined, grace: 0, maxAttempts: 1, maxOrphans: 1 },
  ...more,
})

describe('a state as text', () => {
  it('goes on like the state itself when it was read again, at any moment, and ends in the same bytes', () => {
    let folded = 0
    for (let seed = 0; seed < seeds; seed += 1) {
      const { log } = worldAfter({ foldStore, emptyStore }, seed, steps)
      const cut = Math.floor(seededRandom(seed).next() * log.length)
      const state = emptyStore()
      for (const each of log.slice(0, cut)) foldStore(state, each)
      const text = write(state)
      const again = read(text)
      expect(write(again), `seed ${seed}`).toBe(text)
      for (const each of log.slice(cut)) {
        folded += 1
        expect(told(foldStore(again, each)), `seed ${seed}`).toEqual(told(foldStore(state, each)))
      }
      expect(write(again), `seed ${seed}`).toBe(write(state))
    }
    expect(folded).toBeGreaterThan(10_000)
  })

  it('is the same for who folded the records themselves and who read them from a journal', () => {
    for (let seed = 0; seed < seeds; seed += 1) {
      const { log, state } = worldAfter({ foldStore, emptyStore }, seed, steps)
      const other = emptyStore()
      for (const each of log) foldStore(other, JSON.parse(JSON.stringify(each)) as StoreRecord)
      expect(write(other), `seed ${seed}`).toBe(write(state))
    }
  })

  it('changes the tasks that somebody holds, rather than making others', () => {
    const state = emptyStore()
    foldStore(state, record('a'))
    const held = state.tasks.get('a')
    const text = write(state)
    foldStore(state, { type: 'cancel', task: 'a', at: 2 })
    const reader = new StateReader((id) => state.tasks.get(id))
    for (const line of text.split('\n')) reader.line(line)
    expect(reader.end().tasks.get('a')).toBe(held)
    expect(held?.state).toBe('pending.queued')
  })

  it('holds no function', () => {
    const state = emptyStore()
    foldStore(state, record('a', { local: { fn: () => 1 } }))
    expect(write(state)).not.toContain('local')
  })

  it('shares the limits that most tasks have in common', () => {
    const state = emptyStore()
    for (const id of ['a', 'b']) foldStore(state, JSON.parse(JSON.stringify(record(id))) as StoreRecord)
    const { tasks } = read(write(state))
    expect(tasks.get('a')?.spec.limits).toBe(tasks.get('b')?.spec.limits)
    expect(tasks.get('a')?.snapshot.context.limits).toBe(tasks.get('b')?.spec.limits)
  })

  it.each([
    ['a line is missing', (lines: string[]) => lines.toSpliced(1, 1)],
    ['the end is missing', (lines: string[]) => lines.slice(0, -1)],
    ['the head is missing', (lines: string[]) => lines.slice(1)],
    ['a line is there twice', (lines: string[]) => lines.toSpliced(1, 0, lines[1] ?? '')],
    ['something follows', (lines: string[]) => [...lines, '{"expired":[]}']],
    ['a line is no JSON', (lines: string[]) => lines.with(1, '{')],
    ['a line is no object', (lines: string[]) => lines.with(1, '3')],
    ['a line says nothing known', (lines: string[]) => lines.with(1, '{"x":1}')],
  ])('is refused when %s', (_what, damage) => {
    const state = emptyStore()
    foldStore(state, record('a'))
    foldStore(state, record('b'))
    const lines = damage(write(state).split('\n'))
    expect(() => read(lines.join('\n'))).toThrow('the snapshot')
  })
})
