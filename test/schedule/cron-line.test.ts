import { describe, expect, it } from 'vitest'
import { cronLine, looksLikeCron } from '../../src/schedule/cron-line.ts'

describe('a cron line', () => {
  it('is told from words by its first fields', () => {
    expect(['0 9 * * *', '* * * *', '*/5 * * * *', '@daily', '1,2 3 4 5 6'].map(looksLikeCron)).not.toContain(false)
    expect(['30m', '*/30m', '5 minutes', '9 am', 'every day', '3600'].map(looksLikeCron)).not.toContain(true)
  })

  it('is put into one spelling', () => {
    expect(cronLine('  0   9 * * mon ', 0)).toBe('0 9 * * mon')
  })

  it.each([
    ['0 9 x * *', 4, 5],
    ['0 9 * * 8', 8, 9],
    ['* 60 9 * * *', 2, 4],
    ['0 0 30 2 *', 4, 6],
  ])('names the field of %j that is wrong', (line, start, end) => {
    expect(() => cronLine(line, 0)).toThrow(expect.objectContaining({ start, end }))
  })

  it.each(['0 0 31 2 1', '0 0 29 2 *', '0 0 30,31 1,2 *', '0 0 31 */2 *', '0 0 L 2 *', '0 0 5-31 2 *'])(
    'is taken if it can fire: %s',
    (line) => {
      expect(cronLine(line, 0)).toBe(line)
    },
  )

  it.each(['0 0 31 4,6,9,11 *', '0 0 30-31 feb *', '0 0 31W 6 ?', '0 0 31 4-6/2 *'])(
    'is refused if it never can: %s',
    (line) => {
      expect(() => cronLine(line, 0)).toThrow('never comes')
    },
  )
})
