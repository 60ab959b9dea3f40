/** @module Which tasks a worker tries to claim. */
import type { StartRecord } from '../../machines/records.ts'
import type { StoredTask } from '../../machines/store-state.ts'
import type { Random } from '../../random.ts'
import type { Books } from '../books.ts'
import type { Claimed, ClaimRequest } from '../store.ts'

/** A task that is about to be claimed: out of the queue until it is known who has won. */
export interface Pick {
  readonly task: StoredTask
  readonly record: StartRecord
}

/** Among how many of the first tasks one is picked, for each worker there is. */
const amongPerWorker = 8

/**
 * Picks tasks for a worker: the first in order while it is alone, at random among the first when there are others,
 * for of those who pick the same task all but one do it in vain.
 */
export function pickTasks(books: Books, request: ClaimRequest, random: Random): Pick[] {
  const { at, worker, slots } = request
  const others = [...books.state.workers.keys()].filter((id) => id !== worker).length
  const picks: Pick[] = []
  const take = (fits: (task: StoredTask) => boolean): boolean => {
    const task = books.ready.take({ takes: (recipe) => request.takes(recipe), fits })
    if (task === undefined) return false
    books.ready.remove(task)
    request.picked?.(task)
    const run = task.snapshot.context.run + 1
    picks.push({ task, record: { type: 'start', task: task.id, at, run, claim: request.claim(), worker } })
    return true
  }
  if (others > 0) {
    let left = amongPerWorker * (others + 1)
    const chance = 1 / (others + 1)
    const lucky = (task: StoredTask): boolean => {
      left -= 1
      return left > 0 && random.next() < chance && request.fits(task)
    }
    while (picks.length < slots && left > 0 && take(lucky));
  }
  while (picks.length < slots && take((task) => request.fits(task)));
  return picks
}

/** Sorts out who was won; the others go back to where they belong. */
export function wonOf(books: Books, picks: readonly Pick[]): readonly Claimed[] {
  const won: Claimed[] = []
  for (const { task, record } of picks.toReversed()) {
    if (task.snapshot.context.claim === record.claim) won.push({ task, claim: record.claim })
    // out of all lists, and nobody else has moved it meanwhile
    else if (task.list === undefined && task.state === 'pending.queued') books.ready.restore(task)
    else if (task.list === undefined && task.state === 'pending.delayed') books.putOff(task)
  }
  return won.reverse()
}
