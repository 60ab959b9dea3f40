/** @module How many tasks are where, and how often they went which way: kept step by step, and undone as well. */
import type { Change } from '../../machines/fold-store.ts'
import type { Leaf } from '../../machines/snapshot.ts'
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { Tally } from '../protocol.ts'

/** One way through the chart. */
interface Way {
  readonly key: string
  readonly to: string
}

const ways = new Map<Leaf, Map<string, Map<Leaf, Way>>>()

/** The same object for the same way: its name is made once. */
function wayOf(from: Leaf, event: string, to: Leaf): Way {
  const events = ways.get(from) ?? new Map<string, Map<Leaf, Way>>()
  if (events.size === 0) ways.set(from, events)
  const targets = events.get(event) ?? new Map<Leaf, Way>()
  if (targets.size === 0) events.set(event, targets)
  let way = targets.get(to)
  if (way === undefined) {
    way = { key: `${from.name} ${event} ${to.name}`, to: to.name }
    targets.set(to, way)
  }
  return way
}

export class Counter {
  readonly #states = new Map<string, number>()
  readonly #ways = new Map<Way, number>()
  /** Claims by worker. */
  readonly #claims = new Map<string, number>()
  /** Tasks that have failed ever, forgotten ones too. */
  failed = 0

  /** A task is there from the beginning. */
  begin({ leaf, context }: TaskSnapshot): void {
    add(this.#states, leaf.name, 1)
    if (context.worker !== undefined) add(this.#claims, context.worker, 1)
  }

  /** A task moved; `after` is undefined for one that was forgotten. */
  move(before: TaskSnapshot, event: string, after: TaskSnapshot | undefined): void {
    this.#count(before, event, after, 1)
  }

  /** A change that is known. */
  apply({ change }: { readonly change: Change }): void {
    this.#count(change.before, change.event.type, afterOf(change), 1)
  }

  /** Takes a change back. */
  undo({ change }: { readonly change: Change }): void {
    this.#count(change.before, change.event.type, afterOf(change), -1)
  }

  copy(): Counter {
    const copy = new Counter()
    for (const [state, count] of this.#states) copy.#states.set(state, count)
    for (const [way, count] of this.#ways) copy.#ways.set(way, count)
    for (const [worker, count] of this.#claims) copy.#claims.set(worker, count)
    copy.failed = this.failed
    return copy
  }

  /** Begins anew with the tasks; the ways that were gone stay counted. */
  reset(): void {
    this.#states.clear()
    this.#claims.clear()
  }

  /** @param since What was counted some seconds before: rates are what came to it. */
  tally(since: Counter | undefined, seconds: number): Omit<Tally, 'slots'> {
    const states: Record<string, number> = {}
    let tasks = 0
    let running = 0
    for (const [state, count] of this.#states) {
      if (count === 0) continue
      states[state] = count
      tasks += count
      if (state.startsWith('running')) running += count
    }
    const edges: Record<string, number> = {}
    const arrivals = new Map<string, number>()
    for (const [way, count] of this.#ways) {
      if (count === 0) continue
      edges[way.key] = count
      const more = since === undefined ? 0 : count - (since.#ways.get(way) ?? 0)
      if (more > 0) add(arrivals, way.to, more)
    }
    const rates: Record<string, number> = {}
    for (const [state, count] of arrivals) rates[state] = Math.round((count / seconds) * 100) / 100
    return { states, edges, rates, tasks, running, workers: this.#claims.size }
  }

  #count(before: TaskSnapshot, event: string, after: TaskSnapshot | undefined, by: 1 | -1): void {
    const isNew = before === taskChart.initial
    if (!isNew) add(this.#states, before.leaf.name, -by)
    if (after !== undefined) {
      add(this.#states, after.leaf.name, by)
      if (after !== before) add(this.#ways, wayOf(before.leaf, event, after.leaf), by)
      if (after.leaf.name === 'failed' && before.leaf !== after.leaf) this.failed += by
    }
    const had = isNew ? undefined : before.context.worker
    const has = after?.context.worker
    if (had === has) return
    if (had !== undefined) add(this.#claims, had, -by)
    if (has !== undefined) add(this.#claims, has, by)
    for (const worker of [had, has])
      if (worker !== undefined && this.#claims.get(worker) === 0) this.#claims.delete(worker)
  }
}

const afterOf = ({ before, event }: Change): TaskSnapshot | undefined =>
  event.type === 'forget' ? undefined : taskChart.next(before, event)

function add<K>(map: Map<K, number>, key: K, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by)
}
