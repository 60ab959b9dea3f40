/** @module Damage done to JSON values at random places, as somebody might who can make a valid checksum. */
import { Dice } from './sim/dice.ts'

/** `depth` arrays in each other. */
export const nested = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))

const junk: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  '',
  'x',
  '__proto__',
  'constructor',
  [],
  [null],
  ['x', 'x'],
  [[]],
  {},
  JSON.parse('{"__proto__":{"kind":"child","child":"x"}}'),
  { code: 'x', message: 'x', cause: { code: 1 } },
  { status: 'completed' },
  { key: 'k1', limit: 0 },
  nested(200),
  nested(300),
]

/** A copy with one member, however deep, replaced by junk, by a member of another one, taken out, or added. */
export function damage<T>(value: T, seed: number, others: readonly unknown[]): T {
  const dice = new Dice(seed)
  const copy = structuredClone(value)
  let place = copy as Record<string, unknown>
  for (;;) {
    const key = dice.pick(Object.keys(place))
    if (key === undefined) return copy
    const inner = place[key]
    if (typeof inner === 'object' && inner !== null && Object.keys(inner).length > 0 && !dice.in(3)) {
      place = inner as Record<string, unknown>
      continue
    }
    if (dice.in(6)) place.more = dice.pick(junk)
    else if (dice.in(5)) delete place[key]
    else if (dice.in(4)) place[key] = (dice.pick(others) as Record<string, unknown> | undefined)?.[key]
    else place[key] = dice.pick(junk)
    return copy
  }
}
