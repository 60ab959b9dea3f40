/** @module Runs a world from a seed to its end, and says which rule was broken on the way. */
import type { StoreRecord } from '../../../src/machines/records.ts'
import { settled, Violation } from './life.ts'
import { type Machines, World } from './world.ts'

export interface Broken {
  readonly seed: number
  readonly rule: string
  /** The seed, the rule and the last records, for people. */
  readonly story: string
}

const shown = 40

/** A world after so many steps. @throws {Violation} */
export function worldAfter(machines: Machines, seed: number, steps: number): World {
  const world = new World(machines, seed)
  for (let step = 0; step < steps; step += 1) world.step()
  return world
}

/** Undefined when no rule was broken. */
export function simulate(
  machines: Machines,
  seed: number,
  steps: number,
  seen = new Map<string, number>(),
): Broken | undefined {
  const world = new World(machines, seed, seen)
  try {
    for (let step = 0; step < steps; step += 1) world.step()
    allDie(world)
    oneFreshWorker(world)
    nothingIsLeft(world)
    allAgain(world)
    return undefined
  } catch (thrown) {
    const rule = thrown instanceof Violation ? thrown.rule : 'nothing throws'
    const what = thrown instanceof Violation ? thrown.message : (thrown as Error).stack
    const records = world.log.slice(-shown).map((record) => JSON.stringify(record))
    return { seed, rule, story: [`seed ${seed}, after ${world.log.length} records: ${what}`, ...records].join('\n') }
  }
}

function allDie(world: World): void {
  for (const { id } of world.workers) {
    if (!world.books.expired.has(id)) world.fold({ type: 'expire', worker: id, at: world.now })
  }
}

/** One worker that does its work at once must be able to settle everything. */
function oneFreshWorker(world: World): void {
  for (let round = 0; ; round += 1) {
    const task = next(world)
    if (task === undefined) break
    if (round > 1_000) throw new Violation('a fresh worker settles everything', `goes round and round at ${task.id}`)
    const { run, dueAt, deadline } = task.snapshot.context
    world.now = Math.max(world.now, dueAt ?? 0)
    if (deadline !== undefined && world.now >= deadline) {
      world.fold({ type: 'timeout', scope: 'deadline', task: task.id, at: world.now })
      continue
    }
    const of = { task: task.id, at: world.now, claim: `fresh${round}` }
    const { accepted, reason } = world.fold({ ...of, type: 'start', run: run + 1, worker: 'fresh' })
    if (!accepted) throw new Violation('a fresh worker settles everything', `${task.id} does not start: ${reason}`)
    world.fold({ ...of, type: 'complete', result: 'done' })
  }
  const left = world.tasks().find(({ state }) => !settled(state))
  if (left !== undefined) throw new Violation('a fresh worker settles everything', `${left.id} is ${left.state}`)
}

function next(world: World) {
  return world.tasks().find(({ state }) => state === 'pending.queued' || state === 'pending.delayed')
}

/** Every key is free and no index holds garbage; then everything can be forgotten. */
function nothingIsLeft(world: World): void {
  const { claims, workers, keys, dependants, openNeeds, children, waiters, idempotent, tasks } = world.state
  const indexes = { claims, workers, keys, dependants, openNeeds, children, waiters }
  for (const [name, index] of Object.entries(indexes)) {
    if (index.size > 0) throw new Violation('no garbage in the indexes', `${name}: ${[...index.keys()]}`)
  }
  for (const task of [...tasks.keys()]) {
    const { accepted, reason } = world.fold({ type: 'forget', task, at: world.now })
    if (!accepted) throw new Violation('whatever has ended can be forgotten', `${task}: ${reason}`)
  }
  if (idempotent.size > 0) throw new Violation('no garbage in the indexes', `idempotent: ${[...idempotent.keys()]}`)
}

/** The whole journal, delivered once more. */
function allAgain(world: World): void {
  const records: StoreRecord[] = [...world.log]
  for (const record of records) if (world.books.hasCounted(record)) world.fold(record)
}
