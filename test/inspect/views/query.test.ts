import { describe, expect, it } from 'vitest'
import { readQuery } from '../../../src/inspect/views/query.ts'

const read = (text: string) => readQuery(new URLSearchParams(text))

describe('a query', () => {
  it('is read with all that it may say', () => {
    expect(read('')).toEqual({ view: 'chart' })
    expect(read('view=tasks&status=failed&recipe=a&search=b&from=10&size=200&at=0')).toEqual({
      view: 'tasks',
      status: 'failed',
      recipe: 'a',
      search: 'b',
      from: 10,
      size: 200,
      at: 0,
    })
    expect(read('view=timeline&since=-5.25&until=1e3'.replace('1e3', '1000'))).toMatchObject({
      since: -5.25,
      until: 1000,
    })
    expect(read('view=task&task=a.b@c-1')).toEqual({ view: 'task', task: 'a.b@c-1' })
  })

  it.each([
    ['view=nonsense', 'view'],
    ['view=chart&view=tasks', 'view'],
    ['at=-1', 'at'],
    ['at=1.5', 'at'],
    ['at=99999999999999999999', 'at'],
    ['size=201', 'size'],
    ['size=NaN', 'size'],
    ['task=../x', 'task'],
    ['task=%3Cimg%3E', 'task'],
    ['status=running&status=failed', 'status'],
    ['status=done', 'status'],
    ['since=1e400', 'since'],
    ['until=8640000000000001', 'until'],
    [`search=${'x'.repeat(201)}`, 'search'],
    ['__proto__=1', 'a parameter'],
    ['nobody=1', 'a parameter'],
  ])('%s is refused, and says what is wrong', (text, name) => {
    expect(() => read(text)).toThrow(new RegExp(`^${name} must be`))
  })
})
