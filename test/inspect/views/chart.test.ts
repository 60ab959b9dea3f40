import { describe, expect, it } from 'vitest'
import { chartView } from '../../../src/inspect/views/chart.ts'
import { complete, hostOf, progress, recorded, start, submit } from './kit.ts'

describe('the view of the charts', () => {
  it('knows where the chosen task was at a moment, and its last step', () => {
    const recording = recorded([submit('a', 1), start('a', 2), progress('a', 3, 0.5), complete('a', 4)])
    const at = (n: number) => chartView({ view: 'chart', task: 'a' }, n, hostOf(recording))
    expect(at(0)).toEqual({ view: 'chart', others: { schedule: {}, worker: {} } })
    expect(at(2)).toMatchObject({ chosen: { state: 'running.executing' }, last: { event: { type: 'start' }, n: 2 } })
    expect(at(4)).toMatchObject({
      chosen: { state: 'completed' },
      last: { from: 'running.executing', to: 'completed' },
    })
    expect(chartView({ view: 'chart', task: 'nobody' }, 4, hostOf(recording))).not.toHaveProperty('chosen')
  })

  it('counts workers that hold a claim, and the runner that works here', () => {
    const recording = recorded([submit('a', 1), submit('b', 1), start('a', 2), start('b', 2, 1, 'w2')])
    const { others } = chartView({ view: 'chart' }, 4, hostOf(recording, { runnerState: 'accepting.active' }))
    expect(others).toEqual({ schedule: {}, worker: { 'alive.ready': 2 }, runner: { 'accepting.active': 1 } })
  })
})
