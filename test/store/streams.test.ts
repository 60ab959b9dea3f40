import { describe, expect, it } from 'vitest'
import type { NewStreamEntry } from '../../src/store/store.ts'
import { Streams } from '../../src/store/streams.ts'
import { Journal } from '../machines/sim/journal.ts'

const journal = new Journal()
journal.run('a')
journal.run('b')
const [a, b] = [journal.task('a'), journal.task('b')]
const out = (chunk: string): NewStreamEntry => ({ type: 'output', at: 5, chunk })

describe('Streams', () => {
  it("gives an entry its number among the task's, and the version of the task", () => {
    const streams = new Streams()
    expect(streams.write(a, out('x'))).toEqual({ type: 'output', at: 5, chunk: 'x', version: 2, n: 1 })
    expect(streams.write(b, out('y'))).toMatchObject({ n: 1 })
    journal.progress('a', 0.5)
    const log = { type: 'log', at: 6, level: 'info', message: 'm' } as const
    expect(streams.write(a, log)).toEqual({ ...log, version: 3, n: 2 })
    expect(streams.write(a, { ...log, data: null })).toEqual({ ...log, data: null, version: 3, n: 3 })
  })

  it('keeps nothing but what belongs to an entry', () => {
    const given: object = { ...out('x'), secret: 1 }
    const entry = new Streams().write(a, given as NewStreamEntry)
    expect(Object.keys(entry)).not.toContain('secret')
  })

  it('keeps the newest 1,000 of a task, and their numbers', () => {
    const streams = new Streams()
    for (let i = 1; i <= 1_001; i += 1) streams.write(a, out(`${i}`))
    const entries = streams.read(a, 0)
    expect([entries.length, entries[0]?.n, entries.at(-1)?.n]).toEqual([1_000, 2, 1_001])
    expect(streams.read(a, 1_000).map(({ n }) => n)).toEqual([1_001])
  })

  it('hands out lists that later entries do not change', () => {
    const streams = new Streams()
    streams.write(a, out('1'))
    const before = streams.read(a, 0)
    streams.write(a, out('2'))
    expect(before).toHaveLength(1)
  })

  it('lets go of a task, and knows nothing of others', () => {
    const streams = new Streams()
    streams.write(a, out('1'))
    streams.delete(a)
    expect([streams.read(a, 0), streams.read(b, 0)]).toEqual([[], []])
  })
})
