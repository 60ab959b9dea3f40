import { describe, expect, it } from 'vitest'
import { workerMachine } from '../../src/machines/worker.ts'
import { explore, waysOf } from './agree.ts'

const events = ['ready', 'drain', 'stopped', 'expire', 'other'].map((type) => ({ type }))

describe('the worker chart', () => {
  it('takes these ways and no others, and XState agrees: whoever has not stopped can be lost, and stays so', () => {
    expect(waysOf(explore(workerMachine, () => events))).toEqual([
      'alive.draining expire lost',
      'alive.draining stopped stopped',
      'alive.ready drain alive.draining',
      'alive.ready expire lost',
      'alive.starting drain alive.draining',
      'alive.starting expire lost',
      'alive.starting ready alive.ready',
    ])
  })
})
