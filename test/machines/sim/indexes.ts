/** @module Compares the indexes of a store with what the books say they should hold. */
import type { StoreState } from '../../../src/machines/store-state.ts'
import { type Holder, type Life, settled, Violation } from './life.ts'

/** The part of the books that is needed here. */
export interface Booked {
  readonly lives: ReadonlyMap<string, Life>
  readonly holders: ReadonlyMap<string, Holder>
}

type Names = Map<string, Set<string>>

function put(map: Names, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value))
}

function compare(name: string, actual: ReadonlyMap<string, Iterable<string>>, wanted: Names): void {
  if (actual.size !== wanted.size)
    throw new Violation(`${name} are as booked`, `${[...actual.keys()]} for ${[...wanted.keys()]}`)
  for (const [key, values] of wanted) {
    const found = [...(actual.get(key) ?? [])]
    if (found.length !== values.size || !found.every((value) => values.has(value))) {
      throw new Violation(`${name} are as booked`, `${key}: ${found} for ${[...values]}`)
    }
  }
}

/** @throws {Violation} when an index lacks something or holds garbage. */
export function checkIndexes(books: Booked, state: StoreState): void {
  checkClaims(books, state)
  const dependants: Names = new Map()
  const children: Names = new Map()
  const idempotent = new Map<string, string>()
  let blocked = 0
  for (const [id, { spec, state: at, waits, claim }] of books.lives) {
    if (spec.idempotencyKey !== undefined && at !== 'failed' && at !== 'cancelled') {
      const name = `${spec.recipe} ${spec.owner} ${spec.idempotencyKey}`
      if (idempotent.has(name)) throw new Violation('one task per idempotency key', `${id} and ${idempotent.get(name)}`)
      idempotent.set(name, id)
    }
    if (settled(at)) continue
    for (const need of spec.needs ?? []) put(dependants, need, id)
    const parent = books.lives.get(spec.parent?.task ?? '')
    if (parent !== undefined && !settled(parent.state)) put(children, parent.spec.task, id)
    if (at === 'pending.blocked') {
      blocked += 1
      const open = new Set(spec.needs?.filter((need) => books.lives.get(need)?.state !== 'completed')).size
      if (state.openNeeds.get(id) !== open)
        throw new Violation('openNeeds are as booked', `${id}: ${state.openNeeds.get(id)} for ${open}`)
    }
    for (const [ask, child] of waits) {
      const known =
        child === undefined ||
        state.waiters.get(child)?.some((one) => one.task === id && one.claim === claim && one.ask === ask)
      if (!known) throw new Violation('waiters are as booked', `${id} waits for ${child}`)
    }
  }
  if (state.openNeeds.size !== blocked)
    throw new Violation('openNeeds are as booked', `${state.openNeeds.size} for ${blocked}`)
  compare('dependants', state.dependants, dependants)
  compare('children', state.children, children)
  const named = [...state.idempotent.values()].sort()
  if (named.join() !== [...idempotent.values()].sort().join())
    throw new Violation('idempotency keys are as booked', `${named}`)
  for (const child of state.waiters.keys()) {
    if (settled(books.lives.get(child)?.state ?? 'completed'))
      throw new Violation('waiters are as booked', `for ${child}, which ended`)
  }
}

function checkClaims(books: Booked, state: StoreState): void {
  const workers: Names = new Map()
  const keys: Names = new Map()
  for (const { claim, worker, life } of books.holders.values()) {
    put(workers, worker, claim)
    for (const { key } of life.spec.keys ?? []) put(keys, key, claim)
    if (state.claims.get(claim)?.task.id !== life.spec.task) throw new Violation('claims are as booked', claim)
  }
  if (state.claims.size !== books.holders.size)
    throw new Violation('claims are as booked', `${[...state.claims.keys()]}`)
  compare('workers', ids(state.workers), workers)
  compare('keys', ids(new Map([...state.keys].map(([key, { holders }]) => [key, holders]))), keys)
  for (const { limits, holders } of state.keys.values()) {
    let count = 0
    for (const each of limits.values()) count += each
    if (count !== holders.size) throw new Violation('limits are as booked', `${count} for ${holders.size}`)
  }
}

function ids(map: ReadonlyMap<string, Iterable<{ readonly id: string }>>): Map<string, string[]> {
  return new Map([...map].map(([key, claims]) => [key, [...claims].map(({ id }) => id)]))
}
