import { expect, it } from 'vitest'
import { foldStore } from '../../src/machines/fold-store.ts'
import { emptyStore } from '../../src/machines/store-state.ts'
import { simulate } from './sim/simulate.ts'

const seeds = 2_000
const steps = 150

it(`no rule is broken in ${seeds} worlds of ${steps} steps`, { timeout: 60_000 }, () => {
  const seen = new Map<string, number>()
  const t = performance.now()
  for (let seed = 1; seed <= seeds; seed += 1) {
    const broken = simulate({ foldStore, emptyStore }, seed, steps, seen)
    expect(broken?.story).toBeUndefined()
  }
  console.log(performance.now() - t, [...seen].sort())
})
