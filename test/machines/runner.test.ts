import { describe, expect, it } from 'vitest'
import { runnerMachine } from '../../src/machines/runner.ts'
import { explore, waysOf } from './agree.ts'

const events = ['pause', 'resume', 'stop', 'drained', 'other'].map((type) => ({ type }))

describe('the runner chart', () => {
  it('takes these ways and no others, and XState agrees', () => {
    expect(waysOf(explore(runnerMachine, () => events))).toEqual([
      'accepting.active pause accepting.paused',
      'accepting.active stop draining',
      'accepting.paused resume accepting.active',
      'accepting.paused stop draining',
      'draining drained stopped',
    ])
  })
})
