import { describe, expect, it } from 'vitest'
import { byStatus, isWithin, statesOf, statusOf, sumWithin } from '../../../../../src/inspect/page/views/parts/sums.ts'

const counts = { 'pending.queued': 3, 'pending.delayed': 2, 'running.stopping.cancel': 1, completed: 7, pendingly: 100 }

describe('sums over states', () => {
  it('count a parent with all that is inside of it, and nothing that is only called alike', () => {
    expect(sumWithin(counts, 'pending')).toBe(5)
    expect(sumWithin(counts, 'running')).toBe(1)
    expect(sumWithin(counts, 'running.stopping')).toBe(1)
    expect(isWithin('pendingly', 'pending')).toBe(false)
  })

  it('count every status, also one in which nothing is', () => {
    expect(byStatus(counts)).toEqual({ pending: 5, running: 1, completed: 7, failed: 0, cancelled: 0 })
  })

  it('tell the status of a state, if a task can be seen in it', () => {
    expect(statusOf('running.stopping.cancel')).toBe('running')
    expect(statusOf('new')).toBeUndefined()
  })

  it('name the states that are counted where there is no chart, each after those around it', () => {
    const states = statesOf({ 'running.stopping.cancel': 1, completed: 2, 'running.executing': 3 })
    expect(states.map(({ id }) => id)).toEqual([
      'completed',
      'running',
      'running.executing',
      'running.stopping',
      'running.stopping.cancel',
    ])
    expect(states.at(-1)?.label).toBe('cancel')
  })
})
