import { describe, expect, it } from 'vitest'
import { matcher, readPage } from '../../src/store/query.ts'
import type { TaskQuery } from '../../src/store/store.ts'
import { Journal } from '../machines/sim/journal.ts'

const journal = new Journal()
journal.run('a', { recipe: 'r', owner: 'ann', tags: ['x', 'y'] })
journal.submit('b', { name: 'a', tags: ['x'] })
journal.submit('c', { owner: 'ann' })
journal.cancel('c')

const matching = (query: TaskQuery): string[] =>
  [...journal.state.tasks.values()].filter(matcher(query)).map(({ id }) => id)

describe('matcher', () => {
  it.each<[TaskQuery, string[]]>([
    [{}, ['a', 'b', 'c']],
    [{ status: 'running' }, ['a']],
    [{ status: ['running', 'cancelled'] }, ['a', 'c']],
    [{ status: [] }, []],
    [{ recipe: 'r' }, ['a']],
    [{ name: 'a' }, ['a', 'b']],
    [{ owner: 'ann' }, ['a', 'c']],
    [{ owner: 'nobody' }, []],
    [{ tags: [] }, ['a', 'b', 'c']],
    [{ tags: ['x'] }, ['a', 'b']],
    [{ tags: ['x', 'y'] }, ['a']],
    [{ tags: ['z'] }, []],
    [{ owner: 'ann', status: 'cancelled', name: 'c' }, ['c']],
    [{ owner: 'ann', status: 'pending' }, []],
  ])('%j means %j', (query, ids) => {
    expect(matching(query)).toEqual(ids)
  })

  it('looks at the task as it is when asked, not as it was', () => {
    const own = new Journal()
    own.submit('a')
    const pending = matcher({ status: 'pending' })
    expect(pending(own.task('a'))).toBe(true)
    own.cancel('a')
    expect(pending(own.task('a'))).toBe(false)
  })

  it.each<[object, string]>([
    [
      { status: 'done' },
      "status must be 'pending' or 'running' or 'completed' or 'failed' or 'cancelled', got \"done\"",
    ],
    [{ status: ['pending', '__proto__'] }, 'status must be'],
    [{ status: ['pending', undefined] }, 'status must be'],
    [{ tags: 'x' }, 'tags must be an array, got "x"'],
  ])('refuses %j', (query, message) => {
    expect(() => matcher(query)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
    expect(() => matcher(query)).toThrow(message)
  })
})

describe('readPage', () => {
  it('falls back to the first 100 tasks', () => {
    expect(readPage({})).toEqual({ limit: 100, after: 0 })
    expect(readPage({ limit: 1_000, after: '42' })).toEqual({ limit: 1_000, after: 42 })
  })

  it.each([[0], [-1], [1.5], [1_001], [Number.NaN], [Number.POSITIVE_INFINITY], ['10']])(
    'refuses the limit %s',
    (limit) => {
      expect(() => readPage({ limit: limit as number })).toThrow('limit must be a whole number from 1 to 1000')
    },
  )

  it.each([[''], ['x'], ['-1'], ['1.5'], [' 1'], ['1e3'], ['0x1'], ['9'.repeat(16)], [1], [null]])(
    'refuses the cursor %j',
    (after) => {
      expect(() => readPage({ after: after as string })).toThrow('after must be the cursor of a page')
    },
  )
})
