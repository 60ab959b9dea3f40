import { describe, expect, it } from 'vitest'
import { tasksView } from '../../../src/inspect/views/tasks.ts'
import { complete, fail, hostOf, progress, recorded, start, submit } from './kit.ts'

const hundred = function* () {
  for (let i = 0; i < 100; i += 1) {
    yield submit(`t${i}`, i, { recipe: i % 2 === 0 ? 'even' : 'odd', tags: i === 7 ? ['Lucky'] : [] })
    if (i < 60) yield start(`t${i}`, i)
    if (i < 50) yield i % 10 === 0 ? fail(`t${i}`, i) : complete(`t${i}`, i)
  }
}

describe('the list of tasks', () => {
  it('is a window of the newest first, and knows how many there are', () => {
    const recording = recorded(hundred())
    const view = tasksView({ view: 'tasks', from: 5, size: 3 }, recording.last, hostOf(recording))
    expect(view).toMatchObject({ from: 5, total: 100, recipes: ['even', 'odd'] })
    expect(view.rows.map(({ id }) => id)).toEqual(['t94', 't93', 't92'])
  })

  it('is narrowed by status, recipe and text, without regard to case', () => {
    const recording = recorded(hundred())
    const find = (query: object) => tasksView({ view: 'tasks', ...query }, recording.last, hostOf(recording))
    expect(find({ status: 'failed' }).rows.map(({ id }) => id)).toEqual(['t40', 't30', 't20', 't10', 't0'])
    expect(find({ status: 'running' }).total).toBe(10)
    expect(find({ recipe: 'odd', status: 'completed', size: 200 }).total).toBe(25)
    expect(find({ search: 'lucky' }).rows.map(({ id }) => id)).toEqual(['t7'])
    expect(find({ search: 'T9', recipe: 'even' }).total).toBe(5)
    expect(find({ search: 'nothing' })).toMatchObject({ total: 0, rows: [] })
  })

  it.each(['a.b', '(', '[x]', '^', '$&', 'a|b', '\\d', '*', '/', '-', '<img onerror>', 'ÄÖ', '😀', '\n'])(
    'looks for %j as it stands',
    (search) => {
      const recording = recorded([submit('t1', 1, { name: `xy${search}z` }), submit('t2', 2, { name: 'aXb7' })])
      const { rows } = tasksView({ view: 'tasks', search: search.toLowerCase() }, 2, hostOf(recording))
      expect(rows.map(({ name }) => name)).toEqual([`xy${search}z`])
    },
  )

  it('shows what was there at an earlier moment, as it was then', () => {
    const recording = recorded([submit('a', 1), start('a', 2), progress('a', 3, 0.5), submit('b', 4), complete('a', 5)])
    const host = hostOf(recording, { live: false })
    const rows = (n: number) => tasksView({ view: 'tasks' }, n, host).rows.map(({ id, state }) => `${id} ${state}`)
    expect([0, 1, 2, 4, 5].map(rows)).toEqual([
      [],
      ['a pending.queued'],
      ['a running.executing'],
      ['b pending.queued', 'a running.executing'],
      ['b pending.queued', 'a completed'],
    ])
    expect(tasksView({ view: 'tasks' }, 3, host).rows[0]).toMatchObject({
      progress: 0.5,
      message: 'part 0.5',
      worker: 'w',
    })
  })

  it('says which attempt a task is in, and why it failed, without secrets', () => {
    const recording = recorded([
      submit('a', 1),
      start('a', 2),
      fail('a', 3, 4),
      start('a', 5, 2),
      fail('a', 6, undefined, 2),
    ])
    const at = (n: number) => tasksView({ view: 'tasks' }, n, hostOf(recording)).rows[0]
    expect([2, 3, 4, 5].map((n) => at(n)?.attempt)).toEqual([1, 2, 2, 2])
    expect(at(5)?.error).toBe('ERROR: it broke on ***')
  })
})
