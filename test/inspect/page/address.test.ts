import { describe, expect, it } from 'vitest'
import { changed, hashOf, paramsOf, queryOf, viewNames } from '../../../src/inspect/page/address.ts'

describe('what is looked at, as an address', () => {
  it('begins with the chart', () => {
    for (const hash of ['', '#', '#/', '#/nonsense', '#javascript:alert(1)'])
      expect(queryOf(hash)).toEqual({ view: 'chart' })
  })

  it('comes back from the address as it went in', () => {
    const queries = [
      ...viewNames.map((view) => ({ view })),
      { view: 'tasks', status: 'failed', recipe: 'a b&c=d#e', search: 'ü / ?', from: 40, size: 120 },
      { view: 'timeline', since: 1_700_000_000_000, until: 1_700_000_060_000, task: 'x', at: 0 },
    ] as const
    for (const query of queries) expect(queryOf(hashOf(query))).toEqual(query)
  })

  it('leaves out what cannot be', () => {
    expect(queryOf('#/tasks?at=x&from=&size=Infinity&view=actors&__proto__=1&status=')).toEqual({ view: 'tasks' })
  })

  it('bounds texts that somebody put there', () => {
    expect(queryOf(`#/tasks?search=${'x'.repeat(10_000)}`).search).toHaveLength(200)
  })

  it('tells the server nothing that was not asked', () => {
    expect(paramsOf({ view: 'tasks', status: 'failed' }).toString()).toBe('view=tasks&status=failed')
  })

  it('keeps the moment and the task when the view changes, and nothing else', () => {
    const query = { view: 'tasks', at: 7, task: 'a', status: 'failed', from: 40, size: 80 } as const
    expect(changed(query, { view: 'chart' })).toEqual({ view: 'chart', at: 7, task: 'a' })
    expect(changed(query, { view: 'tasks', from: 0 })).toEqual({ ...query, from: 0 })
  })

  it('takes away what is changed to undefined', () => {
    expect(changed({ view: 'tasks', at: 7, task: 'a' }, { at: undefined })).toEqual({ view: 'tasks', task: 'a' })
  })
})
