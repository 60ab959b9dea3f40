import { describe, expect, it } from 'vitest'
import { defineRecipe } from '../../src/runner/recipe.ts'
import { BackgroundRunner } from '../../src/runner/runner.ts'
import { defineSchedule } from '../../src/runner/schedule-declare.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import { testRunner } from '../../src/testing/runner.ts'
import { silent } from './work.ts'

const report = defineRecipe({ name: 'report', run: () => 'done' })
const daily = defineSchedule({ name: 'daily', when: 'every day at 9am', recipe: report })

function bench(options: {
  readonly store?: MemoryStore
  readonly name?: string
  readonly schedules?: (typeof daily)[]
}) {
  const told: string[] = []
  const warned: string[] = []
  const logger = {
    ...silent,
    info: (_: object, message: string) => void told.push(message),
    warn: (_: object, message: string) => void warned.push(message),
  }
  const made = testRunner({ recipes: [report], logger, schedules: [daily], name: 'shop', ...options })
  return { ...made, told, warned }
}

describe('schedules that a runner declares', () => {
  it('are added as it begins to work, and told of', async () => {
    const { runner, clock, told } = bench({})
    expect(await runner.schedules.list()).toEqual([])
    runner.start()
    await clock.advance('1d')
    expect(told).toEqual(['schedules of shop: added daily'])
    expect(await runner.schedules.list()).toMatchObject([{ name: 'daily', source: 'shop', runs: 1 }])
  })

  it('are changed by a later one, and stay when they are declared no more', async () => {
    const store = new MemoryStore()
    const { runner, clock } = bench({ store })
    runner.start()
    await clock.advance(0)
    await runner.stop()
    const next = bench({ store, schedules: [{ ...daily, overlap: 'queue' }] })
    next.runner.start()
    await next.clock.advance(0)
    expect(next.told).toEqual(['schedules of shop: changed daily'])
    await next.runner.stop()
    const last = bench({ store, schedules: [] })
    last.runner.start()
    await last.clock.advance(0)
    expect([last.told, (await last.runner.schedules.list()).length]).toEqual([[], 1])
  })

  it('are not taken from a config of another name, and the runner works on', async () => {
    const store = new MemoryStore()
    const first = bench({ store })
    first.runner.start()
    await first.clock.advance(0)
    const { runner, clock, warned } = bench({ store, name: 'other' })
    const task = await runner.submitRecipe(report)
    expect(await clock.until(task.wait())).toBe('done')
    expect(warned).toEqual(['the schedules of other could not be declared'])
  })
})

describe('defineSchedule', () => {
  it('freezes what it was given', () => {
    expect(Object.isFrozen(daily)).toBe(true)
    expect(daily).toEqual({ name: 'daily', when: 'every day at 9am', recipe: report })
  })

  it('refuses what add would refuse', () => {
    expect(() => defineSchedule({ ...daily, when: 'whenever' })).toThrow(
      expect.objectContaining({ code: 'INVALID_SCHEDULE' }),
    )
    expect(() => new BackgroundRunner({ schedules: 'all' as never })).toThrow()
  })
})
