import { describe, expect, it } from 'vitest'
import { obsolete } from '../../../src/store/file/obsolete.ts'

const minute = 60_000
const segments = (...ages: number[]) =>
  ages.map((age, i) => ({ n: i + 1, bytes: 100, changedAt: 1_000 * minute - age * minute }))
const ask = { now: 1_000 * minute, keepFor: 60 * minute, keepBytes: 10_000, leastAge: 10 * minute }

describe('what nobody needs any more', () => {
  it('is nothing without two snapshots', () => {
    const old = segments(900, 800, 700)
    expect(obsolete({ ...ask, segments: old, snapshots: [] })).toEqual({ segments: [], snapshots: [] })
    expect(obsolete({ ...ask, segments: old, snapshots: [3] })).toEqual({ segments: [], snapshots: [] })
  })

  it('is what was replaced two generations ago and is older than the history that is kept', () => {
    const old = segments(900, 800, 700, 600, 500)
    expect(obsolete({ ...ask, segments: old, snapshots: [2, 3, 4, 5] })).toEqual({
      segments: [1, 2, 3],
      snapshots: [2, 3],
    })
  })

  it('is not what is young enough, nor the snapshot that its history begins with', () => {
    const some = segments(900, 800, 50, 40, 0)
    expect(obsolete({ ...ask, segments: some, snapshots: [2, 3, 4, 5] })).toEqual({ segments: [1, 2], snapshots: [2] })
    expect(obsolete({ ...ask, segments: some, snapshots: [2, 4, 5] })).toEqual({ segments: [1], snapshots: [] })
  })

  it('is what is above the bytes that are kept, though never younger than ten minutes', () => {
    const some = segments(50, 40, 30, 5, 0)
    expect(obsolete({ ...ask, keepBytes: 150, segments: some, snapshots: [2, 3, 4, 5] }).segments).toEqual([1, 2])
    const young = segments(9, 8, 7, 6, 0)
    expect(obsolete({ ...ask, keepBytes: 0, segments: young, snapshots: [2, 3, 4, 5] }).segments).toEqual([])
  })
})
