import { describe, expect, it } from 'vitest'
import { Gate } from '../../src/actors/gate.ts'
import type { Rate } from '../../src/actors/rate.ts'
import { Timers } from '../../src/actors/timer.ts'
import type { StoredTask } from '../../src/machines/store-state.ts'
import { VirtualClock } from '../../src/testing/virtual-clock.ts'
import { Journal } from '../machines/sim/journal.ts'

class Bench {
  readonly clock = new VirtualClock()
  readonly timers = new Timers(this.clock, () => {})
  readonly warnings: string[] = []
  opened: number[] = []
  readonly gate: Gate
  readonly #journal = new Journal()

  constructor(rates: Record<string, Rate | undefined>) {
    const recipes = {
      knows: (recipe: string | undefined) => recipe === undefined || Object.hasOwn(rates, recipe),
      rateOf: (recipe: string) => rates[recipe],
      inputOf: ({ spec }: StoredTask) => spec.input,
    }
    const reopened = (): void => void this.opened.push(this.clock.monotonic())
    const warn = (message: string, cause: unknown): void => void this.warnings.push(`${message}: ${cause}`)
    this.gate = new Gate(recipes, this.clock, this.timers, reopened, warn)
  }

  task(recipe: string | undefined, input?: unknown): StoredTask {
    const id = `t${this.#journal.tick()}`
    this.#journal.submit(id, recipe === undefined ? {} : { recipe, input })
    return this.#journal.task(id)
  }

  /** Whether a task may come in now; if so, it does. */
  enter(recipe: string | undefined, input?: unknown): boolean {
    const task = this.task(recipe, input)
    const may = this.gate.takes(recipe) && this.gate.fits(task)
    if (may) this.gate.started(task)
    return may
  }
}

const perUser = (max: number, per: number): Rate => ({
  max,
  per,
  key: (input) => String((input as { user: string }).user),
})

describe('the gate', () => {
  it('takes the recipes that are known, and functions', () => {
    const { gate } = new Bench({ known: undefined })
    expect([gate.takes('known'), gate.takes(undefined), gate.takes('other'), gate.takes('constructor')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('lets in as many of a limited recipe as its window has, and others all the same', () => {
    const bench = new Bench({ slow: { max: 2, per: 1_000, key: undefined }, free: undefined })
    expect([bench.enter('slow'), bench.enter('slow'), bench.enter('slow')]).toEqual([true, true, false])
    expect([bench.enter('free'), bench.enter(undefined)]).toEqual([true, true])
  })

  it('opens by itself when the window has room again, with one timer', async () => {
    const bench = new Bench({ slow: { max: 1, per: 1_000, key: undefined } })
    bench.enter('slow')
    for (let i = 0; i < 100; i += 1) bench.enter('slow')
    expect(bench.timers.size).toBe(1)
    await bench.clock.advance(999)
    expect(bench.opened).toEqual([])
    await bench.clock.advance(1)
    expect(bench.opened).toEqual([1_000])
    expect([bench.enter('slow'), bench.timers.size]).toEqual([true, 0])
  })

  it('opens for the first of several limits that has room', async () => {
    const bench = new Bench({
      long: { max: 1, per: 9_000, key: undefined },
      short: { max: 1, per: 1_000, key: undefined },
    })
    for (const recipe of ['long', 'short', 'long', 'short']) bench.enter(recipe)
    expect(bench.timers.size).toBe(1)
    await bench.clock.advance(1_000)
    expect(bench.opened).toEqual([1_000])
    bench.enter('long')
    await bench.clock.advance(8_000)
    expect(bench.opened).toEqual([1_000, 9_000])
  })

  it('limits each key of a recipe apart', () => {
    const bench = new Bench({ mail: perUser(1, 1_000) })
    const users = ['ann', 'bob', 'ann', 'bob', 'eve']
    expect(users.map((user) => bench.enter('mail', { user }))).toEqual([true, true, false, false, true])
  })

  it('asks for the key of a task once, however often it is looked at', () => {
    let asked = 0
    const key = (): string => {
      asked += 1
      return 'k'
    }
    const bench = new Bench({ mail: { max: 1, per: 1_000, key } })
    const task = bench.task('mail', {})
    for (let i = 0; i < 10; i += 1) bench.gate.fits(task)
    bench.gate.started(task)
    bench.gate.heldUntil(task)
    expect(asked).toBe(1)
  })

  it('limits inputs together whose key cannot be told, and warns once for each task', () => {
    const bench = new Bench({ mail: perUser(1, 1_000) })
    expect([bench.enter('mail', null), bench.enter('mail', null), bench.enter('mail', { user: 'ann' })]).toEqual([
      true,
      false,
      true,
    ])
    expect(bench.warnings).toHaveLength(2)
    expect(bench.warnings[0]).toContain('rateLimit.key of "mail" threw: TypeError')
  })

  it('tells until when a task is held back, and undefined when it is not', async () => {
    const bench = new Bench({ slow: { max: 1, per: 1_000, key: undefined }, mail: perUser(1, 500), free: undefined })
    bench.enter('slow')
    bench.enter('mail', { user: 'ann' })
    await bench.clock.advance(100)
    const until = (recipe: string | undefined, input?: unknown) => bench.gate.heldUntil(bench.task(recipe, input))
    expect([until('slow'), until('mail', { user: 'ann' }), until('mail', { user: 'bob' })]).toEqual([
      1_000,
      500,
      undefined,
    ])
    expect([until('free'), until(undefined)]).toEqual([undefined, undefined])
    await bench.clock.advance(900)
    expect(until('slow')).toBeUndefined()
  })

  it('heeds the monotonic clock: a step of the wall clock changes nothing', () => {
    const bench = new Bench({ slow: { max: 1, per: 1_000, key: undefined } })
    bench.enter('slow')
    bench.clock.step(3_600_000)
    expect(bench.enter('slow')).toBe(false)
    bench.clock.step(-7_200_000)
    expect(bench.enter('slow')).toBe(false)
  })
})
