import { describe, expect, it } from 'vitest'
import { nearestSchedule } from '../../src/schedule/nearest.ts'

const always = () => true
const never = () => false

describe('the schedule that was meant', () => {
  it('has its words mended where that makes it valid', () => {
    const isValid = (text: string) => text === 'every monday at 9am'
    expect(nearestSchedule('Evry  mondya  at 9am', isValid)).toBe('every monday at 9am')
  })

  it('gets the word that it lacks', () => {
    expect(nearestSchedule('9am', (text) => text === 'at 9am')).toBe('at 9am')
  })

  it('is otherwise the example that begins alike', () => {
    const isExample = (text: string) => !text.includes('frobnicate')
    expect(nearestSchedule('in frobnicate', isExample)).toBe('in 20 minutes')
    expect(nearestSchedule('cron:frobnicate', isExample)).toBe('cron:0 9 * * 1-5')
    expect(nearestSchedule('at:frobnicate', isExample)).toBe('at:2030-01-01T09:00')
  })

  it('is none that is not valid, if there is a choice', () => {
    expect(nearestSchedule('at:x', (text) => text === 'hourly')).toBe('hourly')
    expect(nearestSchedule('at:x', never)).toBe('cron:0 9 * * 1-5')
  })

  it('tries a bounded number of times, on a bounded piece', () => {
    let tries = 0
    let longest = 0
    nearestSchedule('x '.repeat(5_000), (text) => {
      tries += 1
      longest = Math.max(longest, text.length)
      return false
    })
    expect(tries).toBeLessThanOrEqual(20)
    expect(longest).toBeLessThan(100)
    expect(nearestSchedule('x'.repeat(10_000), always)).not.toBe('')
  })
})
