import { describe, expect, it } from 'vitest'
import { withMutant } from './sim/mutant.ts'
import { further, type Mutation, named } from './sim/mutations.ts'
import { simulate } from './sim/simulate.ts'
import type { Machines } from './sim/world.ts'

const seeds = 600
const steps = 150
// each imports a copy of the sources and may need hundreds of worlds
const timeout = 60_000

function firstBroken(machines: Machines, upTo = seeds) {
  for (let seed = 1; seed <= upTo; seed += 1) {
    const broken = simulate(machines, seed, steps)
    if (broken !== undefined) return broken
  }
  return undefined
}

async function mustBeFound(_name: string, { edits, breaks }: Mutation): Promise<void> {
  const broken = await withMutant(edits, (machines) => firstBroken(machines))
  expect(breaks).toContain(broken?.rule)
}

describe('the simulation', () => {
  it('finds nothing in an unchanged copy', { timeout }, async () => {
    expect(await withMutant([], (machines) => firstBroken(machines, 50)?.story)).toBeUndefined()
  })

  it.each(Object.entries(named))('is red when %s', mustBeFound, timeout)

  it.each(Object.entries(further))('is red also when %s', mustBeFound, timeout)
})

describe('a mutation', () => {
  it.each(['no such text', 'import '])('whose text %j does not stand there once fails', async (find) => {
    const edit = { file: 'keys.ts', find, replace: '' }
    await expect(withMutant([edit], () => undefined)).rejects.toThrow(/has \d+ times, not once/)
  })
})
