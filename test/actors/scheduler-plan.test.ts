import { describe, expect, it } from 'vitest'
import { jitterOf, type Plan, planSchedule, type Slots, slotToCome } from '../../src/actors/scheduler-plan.ts'
import type { Misfire } from '../../src/machines/schedule-records.ts'

/** Slots at every tenth moment, up to `last`. */
const tens = (last = Number.POSITIVE_INFINITY): Slots => ({
  next: (_when, after) => {
    const slot = (Math.floor(after / 10) + 1) * 10
    return slot > last ? undefined : slot
  },
  previous: (_when, before) => Math.min((Math.ceil(before / 10) - 1) * 10, last),
  between: (_when, after, until, limit) => {
    const slots: number[] = []
    for (let slot = (Math.floor(after / 10) + 1) * 10; slot <= Math.min(until, last); slot += 10)
      if (slots.length < limit) slots.push(slot)
    return slots
  },
})
const patience = 5
const plan = (misfire: Misfire, lastSlot: number, now: number, until?: number, slots = tens()): Plan =>
  planSchedule({ when: {}, misfire, ...(until !== undefined && { until }) }, lastSlot, now, slots, patience)

describe('a slot that is due', () => {
  it.each(['once', 'skip', 'all'] as const)('fires under misfire %s, as long as it is in time', (misfire) => {
    expect(plan(misfire, 0, 12)).toEqual({ fire: [{ slot: 10, missed: 1 }], skip: undefined, next: 20, isOver: false })
  })

  it('fires at its very moment, and not before', () => {
    expect(plan('once', 0, 9)).toEqual({ fire: [], skip: undefined, next: 10, isOver: false })
    expect(plan('once', 0, 10).fire).toEqual([{ slot: 10, missed: 1 }])
  })

  it('fires no more when it was used up, though the clock goes back', () => {
    expect(plan('all', 50, 12)).toEqual({ fire: [], skip: undefined, next: 60, isOver: false })
  })
})

describe('slots that were missed', () => {
  it('fire as one under misfire once, which says how many they are', () => {
    expect(plan('once', 0, 47)).toMatchObject({ fire: [{ slot: 40, missed: 4 }], skip: undefined, next: 50 })
  })

  it('are used up under misfire skip', () => {
    expect(plan('skip', 0, 47)).toMatchObject({ fire: [], skip: { slot: 40, missed: 4 }, next: 50 })
  })

  it('are used up by the newest under misfire skip, when that is in time', () => {
    expect(plan('skip', 0, 43)).toMatchObject({ fire: [{ slot: 40, missed: 1 }], skip: undefined })
  })

  it('fire each under misfire all, the oldest first', () => {
    expect(plan('all', 0, 31).fire.map(({ slot }) => slot)).toEqual([10, 20, 30])
  })

  it('fire the newest hundred under misfire all, however many they are', () => {
    for (const now of [5_000, 5_000_000]) {
      const slots = plan('all', 0, now).fire.map(({ slot }) => slot)
      expect([slots.length, slots[0], slots.at(-1)]).toEqual([100, now - 990, now])
    }
  })

  it('are counted up to a thousand', () => {
    expect(plan('once', 0, 5_000_000).fire).toEqual([{ slot: 5_000_000, missed: 1_000 }])
  })
})

describe('the end of a schedule', () => {
  it('comes with its last slot', () => {
    expect(plan('once', 0, 30, undefined, tens(30))).toMatchObject({
      fire: [{ slot: 30 }],
      next: undefined,
      isOver: true,
    })
    expect(plan('once', 30, 99, undefined, tens(30))).toEqual({
      fire: [],
      skip: undefined,
      next: undefined,
      isOver: true,
    })
  })

  it('comes with the last slot before until', () => {
    expect(plan('all', 0, 99, 25)).toMatchObject({ fire: [{ slot: 10 }, { slot: 20 }], next: undefined, isOver: true })
    expect(plan('all', 20, 21, 25)).toMatchObject({ fire: [], isOver: true })
  })

  it('takes in a slot at until', () => {
    expect(slotToCome({ when: {}, until: 20 }, 10, tens())).toBe(20)
    expect(slotToCome({ when: {}, until: 19 }, 10, tens())).toBeUndefined()
  })

  it('never comes where nobody here can read its slots', () => {
    const unknown: Slots = { next: () => Number.POSITIVE_INFINITY, previous: () => undefined, between: () => [] }
    expect(plan('once', 0, 99, 25, unknown)).toMatchObject({ fire: [], isOver: false })
  })
})

describe('jitter', () => {
  it('is drawn by schedule and slot, so that all who fire it agree', () => {
    expect(jitterOf('a', 10, 1_000)).toBe(jitterOf('a', 10, 1_000))
    expect(new Set([jitterOf('a', 10, 1e6), jitterOf('b', 10, 1e6), jitterOf('a', 20, 1e6)]).size).toBe(3)
  })

  it('spreads evenly over its span', () => {
    const tenths = new Array<number>(10).fill(0)
    for (let slot = 0; slot < 10_000; slot += 1) {
      const tenth = Math.floor(jitterOf('uid', 1_900_000_000_000 + slot * 60_000, 10_000) / 1_000)
      tenths[tenth] = (tenths[tenth] ?? 0) + 1
    }
    expect(Math.min(...tenths)).toBeGreaterThan(800)
    expect(Math.max(...tenths)).toBeLessThan(1_200)
  })
})
