import { describe, expect, it } from 'vitest'
import { type SchedulerContext, schedulerMachine } from '../../src/machines/scheduler.ts'
import { explore, waysOf } from './agree.ts'

const events = ['start', 'tick', 'ticked', 'stop', 'other'].map((type) => ({ type }))
const steps = explore<SchedulerContext>(schedulerMachine, () => events)

describe('the scheduler chart', () => {
  it('takes these ways and no others, and XState agrees: a tick is never cut short', () => {
    expect(waysOf(steps)).toEqual([
      'stopped start waiting',
      'stopping ticked stopped',
      'ticking stop stopping',
      'ticking ticked waiting',
      'waiting stop stopped',
      'waiting tick ticking',
    ])
  })

  it('counts its ticks', () => {
    for (const { from, event, to } of steps) {
      const ticks = event.type === 'tick' && from !== to ? 1 : 0
      expect(to.context.ticks - from.context.ticks).toBe(ticks)
    }
  })
})
