import { describe, expect, it } from 'vitest'
import { Misread, Words } from '../../src/schedule/tokens.ts'
import { daysOfWeek, interval, longestInterval, numberOf, timeOfDay } from '../../src/schedule/units.ts'

const number = (text: string) => new Words(text).peek()

describe('a time of day', () => {
  it.each([
    ['at 9am', 9, 0],
    ['9:30 PM', 21, 30],
    ['12am', 0, 0],
    ['12pm', 12, 0],
    ['00:00', 0, 0],
    ['23:59', 23, 59],
    ['noon', 12, 0],
    ['midnight', 0, 0],
  ])('%s is read', (text, hour, minute) => {
    expect(timeOfDay(new Words(text))).toEqual({ hour, minute })
  })

  it.each(['9', '13pm', '0am', '24:00', '9:5', '9:60', '009:00', '9.5am', ''])('%j is none', (text) => {
    expect(() => timeOfDay(new Words(text))).toThrow(Misread)
  })
})

describe('days of the week', () => {
  it.each([
    ['mon', '1'],
    ['Sundays', '0'],
    ['weekdays', '1-5'],
    ['weekend', '0,6'],
    ['fri, mon and wed', '1,3,5'],
    ['mon,mon', '1'],
    ['day', undefined],
  ])('of %s are %s', (text, days) => {
    expect(daysOfWeek(new Words(text))).toBe(days)
  })
})

describe('an amount', () => {
  it('is from a second to ten years', () => {
    expect(interval(number('1'), 1_000)).toBe(1_000)
    expect(interval(number('3650'), 86_400_000)).toBe(longestInterval)
    expect(() => interval(number('0.9'), 1_000)).toThrow('one second')
    expect(() => interval(number('3651'), 86_400_000)).toThrow('ten years')
  })

  it('has at most twelve digits, and six after the point', () => {
    expect(numberOf(number('123456789012.5'))).toBe(123_456_789_012.5)
    for (const text of ['1234567890123', '1.1234567', 'x']) expect(() => numberOf(number(text))).toThrow(Misread)
  })
})
