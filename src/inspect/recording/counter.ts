/**
 * @module How many tasks are where, and how often they went which way. It is kept at every change of a store that is looked
 * at: states and ways are numbers, and nothing is allocated.
 */
import type { Leaf } from '../../machines/snapshot.ts'
import { type TaskSnapshot, taskChart } from '../../machines/store-state.ts'
import type { Tally } from '../protocol.ts'

const leaves = [...taskChart.leaves.values()]
const leafNumbers = new Map<Leaf, number>(leaves.map((leaf, number) => [leaf, number]))
const failedLeaf = leaves.findIndex(({ name }) => name === 'failed')

/** One way through the chart. */
interface Way {
  readonly key: string
  /** The number of a leaf. */
  readonly to: number
  /** Whether it leads back to where it began: nobody arrives. */
  readonly isLoop: boolean
}

/** The ways that were ever gone, and their numbers by event, from and to. */
const ways: Way[] = []
const wayNumbers = new Map<string, (number | undefined)[]>()

function wayNumber(from: number, event: string, to: number): number {
  let numbers = wayNumbers.get(event)
  if (numbers === undefined) {
    numbers = Array.from({ length: leaves.length ** 2 })
    wayNumbers.set(event, numbers)
  }
  const place = from * leaves.length + to
  const known = numbers[place]
  if (known !== undefined) return known
  numbers[place] = ways.length
  return ways.push({ key: `${leaves[from]?.name} ${event} ${leaves[to]?.name}`, to, isLoop: from === to }) - 1
}

/** How many claims a worker holds. */
interface Held {
  readonly worker: string
  count: number
}

/** How many workers without a claim are carried along, beside as many as have one. */
const idleCarried = 256

export class Counter {
  #states: number[] = leaves.map(() => 0)
  #ways: number[] = []
  #claims = new Map<string, Held>()
  #working = 0
  /** Most often it is the same worker again. */
  #held: Held | undefined
  #failed = 0

  /** How many tasks have failed, forgotten ones too. */
  get failed(): number {
    return this.#failed
  }

  /** A task is there from the beginning. */
  begin({ leaf, context }: TaskSnapshot): void {
    this.#add(numberOf(leaf), 1)
    if (context.worker !== undefined) this.#hold(context.worker, 1)
  }

  /** A task moved; `after` is undefined for one that was forgotten. */
  move(before: TaskSnapshot, event: string, after: TaskSnapshot | undefined): void {
    const from = numberOf(before.leaf)
    const isNew = before === taskChart.initial
    if (!isNew) this.#add(from, -1)
    if (after !== undefined) {
      const to = numberOf(after.leaf)
      this.#add(to, 1)
      const way = wayNumber(from, event, to)
      this.#ways[way] = (this.#ways[way] ?? 0) + 1
      if (to === failedLeaf && from !== to) this.#failed += 1
    }
    const had = isNew ? undefined : before.context.worker
    const has = after?.context.worker
    if (had === has) return
    if (had !== undefined) this.#hold(had, -1)
    if (has !== undefined) this.#hold(has, 1)
  }

  copy(): Counter {
    const copy = new Counter()
    copy.#states = this.#states.slice()
    copy.#ways = this.#ways.slice()
    for (const { worker, count } of this.#claims.values()) if (count > 0) copy.#hold(worker, count)
    copy.#failed = this.#failed
    return copy
  }

  /** Begins anew with other tasks; the ways that were gone stay counted. */
  reset(): void {
    this.#states.fill(0)
    this.#claims.clear()
    this.#working = 0
    this.#held = undefined
  }

  /** @param since What was counted some seconds before: rates are what came to it. */
  tally(since: Counter | undefined, seconds: number): Omit<Tally, 'slots'> {
    const states: Record<string, number> = {}
    let tasks = 0
    let running = 0
    this.#states.forEach((count, leaf) => {
      if (count === 0) return
      const { name } = leaves[leaf] as Leaf
      states[name] = count
      tasks += count
      if (name.startsWith('running')) running += count
    })
    const edges: Record<string, number> = {}
    const arrivals: number[] = []
    this.#ways.forEach((count, way) => {
      if (count === 0) return
      const { key, to, isLoop } = ways[way] as Way
      edges[key] = count
      const more = since === undefined || isLoop ? 0 : count - (since.#ways[way] ?? 0)
      if (more > 0) arrivals[to] = (arrivals[to] ?? 0) + more
    })
    const rates: Record<string, number> = {}
    arrivals.forEach((count, leaf) => {
      rates[(leaves[leaf] as Leaf).name] = Math.round((count / seconds) * 100) / 100
    })
    return { states, edges, rates, tasks, running, workers: this.#working }
  }

  #add(leaf: number, by: 1 | -1): void {
    this.#states[leaf] = (this.#states[leaf] as number) + by
  }

  #hold(worker: string, by: number): void {
    let held = this.#held
    if (held?.worker !== worker) {
      held = this.#claims.get(worker)
      if (held === undefined) {
        held = { worker, count: 0 }
        this.#claims.set(worker, held)
      }
      this.#held = held
    }
    if (held.count === 0) this.#working += 1
    held.count += by
    if (held.count > 0) return
    // kept with its zero: a map whose entries come and go makes garbage
    this.#working -= 1
    if (this.#claims.size > idleCarried + 2 * this.#working) this.#forgetIdle()
  }

  #forgetIdle(): void {
    for (const [worker, { count }] of this.#claims) if (count === 0) this.#claims.delete(worker)
    this.#held = undefined
  }
}

const numberOf = (leaf: Leaf): number => leafNumbers.get(leaf) as number
