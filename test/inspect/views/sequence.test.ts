import { describe, expect, it } from 'vitest'
import { sequenceView } from '../../../src/inspect/views/sequence.ts'
import { cancel, complete, hostOf, progress, recorded, start, submit } from './kit.ts'

const words = (view: ReturnType<typeof sequenceView>) =>
  view.messages.map(({ from, to, label }) => `${from} → ${to}: ${label}`)

describe('the sequence', () => {
  it('says who said what to whom, in order', () => {
    const recording = recorded([
      submit('p', 1),
      start('p', 2),
      submit('c', 3, { parent: { task: 'p', claim: 'p.1' } }),
      { type: 'ask', task: 'p', at: 4, claim: 'p.1', ask: 1, wait: { kind: 'child', child: 'c' } },
      start('c', 5, 1, 'w2'),
      complete('c', 6),
      complete('p', 7),
      cancel('p', 8),
      { type: 'expire', worker: 'w2', at: 9 },
    ])
    const view = sequenceView({ view: 'sequence' }, recording.last, hostOf(recording))
    expect(words(view)).toEqual([
      'client → task:p: submit',
      'worker:w → task:p: start',
      'task:p → task:c: submit',
      'task:p → task:c: ask: wait for the child',
      'worker:w2 → task:c: start',
      'worker:w2 → task:c: complete',
      'task:c → task:p: answer',
      'worker:w → task:p: complete',
      'client → task:p: cancel (void: STATE)',
      'runner → worker:w2: expire',
    ])
    expect(view.lifelines.map(({ id }) => id)).toEqual([
      'client',
      'runner',
      'worker:w',
      'worker:w2',
      'task:p',
      'task:c',
    ])
    expect(view.messages[5]?.state).toBe('completed')
  })

  it('tells of progress that nothing came between only the latest', () => {
    const recording = recorded([
      submit('a', 1),
      start('a', 2),
      progress('a', 3, 0.1),
      progress('a', 4, 0.9),
      complete('a', 5),
    ])
    const said = words(sequenceView({ view: 'sequence' }, recording.last, hostOf(recording)))
    expect(said.filter((each) => each.includes('progress'))).toEqual(['worker:w → task:a: progress 90 %'])
  })

  it('is of one task and its relatives where one was chosen', () => {
    const recording = recorded([submit('a', 1), submit('b', 2), submit('n', 3, { needs: ['a'] }), start('b', 4)])
    const view = sequenceView({ view: 'sequence', task: 'n' }, recording.last, hostOf(recording))
    expect(new Set(view.messages.map(({ task }) => task))).toEqual(new Set(['a', 'n']))
  })

  it('finds what happened to a chosen task long ago, and what was refused to it lately', () => {
    const others = Array.from({ length: 11_000 }, (_, i) => [submit(`t${i}`, 10), start(`t${i}`, 10)]).flat()
    const recording = recorded([submit('a', 1), start('a', 2), complete('a', 3), ...others, cancel('a', 11)])
    const view = sequenceView({ view: 'sequence', task: 'a' }, recording.last, hostOf(recording))
    expect(words(view)).toEqual([
      'client → task:a: submit',
      'worker:w → task:a: start',
      'worker:w → task:a: complete',
      'client → task:a: cancel (void: STATE)',
    ])
    expect(view.cut).toBe(0)
  })

  it('is of a window of time, however long ago', () => {
    const later = Array.from({ length: 25_000 }, (_, i) => progress('a', 100, i / 25_000))
    const recording = recorded([submit('a', 1), start('a', 2), submit('b', 5), cancel('b', 8), start('z', 9), ...later])
    const within = (since?: number, until?: number) =>
      words(
        sequenceView(
          { view: 'sequence', ...(since !== undefined && { since }), ...(until !== undefined && { until }) },
          recording.last,
          hostOf(recording),
        ),
      )
    expect(within(2, 8)).toEqual(['worker:w → task:a: start', 'client → task:b: submit', 'client → task:b: cancel'])
    expect(within(undefined, 1)).toEqual(['client → task:a: submit'])
    expect(within(101)).toEqual([])
    expect(within(8, 2)).toEqual([])
  })

  it('says which task unblocked another, or was the reason that it failed', () => {
    const recording = recorded([
      submit('a', 1),
      submit('n', 2, { needs: ['a'] }),
      submit('m', 2, { needs: ['a'] }),
      start('a', 3),
      complete('a', 4),
      submit('b', 5),
      submit('o', 6, { needs: ['b'] }),
      cancel('b', 7),
    ])
    const said = words(sequenceView({ view: 'sequence' }, recording.last, hostOf(recording)))
    expect(said).toContain('task:a → task:n: unblock')
    expect(said).toContain('task:a → task:m: unblock')
    expect(said).toContain('task:b → task:o: need failed')
  })

  it('counts what is older than what it tells', () => {
    const records = Array.from({ length: 300 }, (_, i) => [cancel('a', i), progress('a', i, 0.5)]).flat()
    const recording = recorded([submit('a', 0), start('a', 0), ...records])
    const view = sequenceView({ view: 'sequence' }, recording.last, hostOf(recording))
    expect([view.messages.length, view.cut]).toEqual([200, recording.last - 200])
  })

  it('is bounded in messages and lifelines, the newest kept', () => {
    const records = Array.from({ length: 500 }, (_, i) => [submit(`t${i}`, i), start(`t${i}`, i)]).flat()
    const recording = recorded(records)
    const view = sequenceView({ view: 'sequence' }, recording.last, hostOf(recording))
    expect(view.messages.length).toBeLessThanOrEqual(200)
    expect(view.lifelines.length).toBeLessThanOrEqual(40)
    expect(view.cut).toBeGreaterThan(0)
    expect(view.messages.at(-1)?.task).toBe('t499')
    expect(sequenceView({ view: 'sequence' }, 4, hostOf(recording)).messages).toHaveLength(4)
  })

  it('shows long and secret names cut and hidden', () => {
    const recording = recorded([submit('a', 1, { name: `s3cret ${'x'.repeat(300)}` })])
    const view = sequenceView({ view: 'sequence' }, 1, hostOf(recording))
    expect(view.lifelines.at(-1)?.label).toMatch(/^\*\*\* x{50,}…$/)
  })
})
