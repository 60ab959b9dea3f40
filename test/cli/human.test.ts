import { describe, expect, it } from 'vitest'
import { age, bar, bytes, count, span } from '../../src/cli/human.ts'

describe('a span', () => {
  it.each([
    [0, '0ms'],
    [999, '999ms'],
    [1_000, '1.0s'],
    [2_449, '2.4s'],
    [9_949, '9.9s'],
    [9_950, '10s'],
    [59_499, '59s'],
    [59_500, '1m'],
    [185_000, '3m 5s'],
    [3_600_000, '1h'],
    [7_260_000, '2h 1m'],
    [187_200_000, '2d 4h'],
    [-1_500, '-1.5s'],
  ])('of %d ms is %s', (ms, text) => {
    expect(span(ms)).toBe(text)
  })
})

it.each([
  [-5, 'ahead'],
  [0, 'now'],
  [999, 'now'],
  [59_999, '59s'],
  [3_599_999, '59m'],
  [86_400_000 * 3, '3d'],
])('an age of %d ms is %s', (ms, text) => {
  expect(age(ms)).toBe(text)
})

it.each([
  [0, '0 B'],
  [1_023, '1023 B'],
  [1_536, '1.5 KiB'],
  [1024 ** 3, '1.0 GiB'],
])('%d bytes are %s', (n, text) => {
  expect(bytes(n)).toBe(text)
})

it('a bar is as full as the fraction says, and never longer', () => {
  expect([-1, 0, 0.5, 1, 7].map((fraction) => bar(fraction, 4))).toEqual(['░░░░', '░░░░', '██░░', '████', '████'])
})

it('counts in words', () => {
  expect([0, 1, 2].map((n) => count(n, 'task'))).toEqual(['0 tasks', '1 task', '2 tasks'])
})
