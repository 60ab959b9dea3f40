import { describe, expect, it } from 'vitest'
import { leavesOf, treeOf } from '../../../../../src/inspect/page/views/parts/actor-tree.ts'
import type { ActorRow } from '../../../../../src/inspect/protocol.ts'

const actor = (session: string, parent?: string): ActorRow => ({
  ...{ session, id: session, status: 'active', events: 0 },
  ...(parent === undefined ? {} : { parent }),
})
const drawn = (...actors: ActorRow[]): string[] =>
  treeOf(actors).map(({ actor: { session }, depth }) => `${' '.repeat(depth)}${session}`)

describe('the tree of actors', () => {
  it('has each under the one that made it, in the order in which they came', () => {
    expect(
      drawn(actor('a'), actor('b'), actor('a1', 'a'), actor('b1', 'b'), actor('a2', 'a'), actor('a11', 'a1')),
    ).toEqual(['a', ' a1', '  a11', ' a2', 'b', ' b1'])
  })

  it('has one at the root whose parent nobody knows', () => {
    expect(drawn(actor('a', 'gone'), actor('b', 'b'))).toEqual(['a', 'b'])
  })

  it('has each once, also where they are each other’s parent', () => {
    expect(drawn(actor('a', 'b'), actor('b', 'a'), actor('c')).sort()).toEqual([' b', 'a', 'c'])
  })

  it('is drawn no deeper than there is room for', () => {
    const chain = Array.from({ length: 100 }, (_, i) => actor(`s${i}`, i === 0 ? undefined : `s${i - 1}`))
    expect(Math.max(...treeOf(chain).map(({ depth }) => depth))).toBe(12)
    expect(treeOf(chain)).toHaveLength(100)
  })
})

describe('the leaves of a state value', () => {
  it('are dotted paths, one of each region', () => {
    expect(leavesOf('idle')).toEqual(['idle'])
    expect(leavesOf({ payment: { card: 'authorising' }, cart: 'open' })).toEqual([
      'payment.card.authorising',
      'cart.open',
    ])
    expect(leavesOf({ empty: {} })).toEqual(['empty'])
  })

  it('are none of what is no state value', () => {
    expect([leavesOf(undefined), leavesOf(7), leavesOf(null)]).toEqual([[], [], []])
  })
})
