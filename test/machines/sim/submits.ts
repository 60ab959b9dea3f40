/** @module Submits of every kind. */
import type { KeyLimit, SubmitRecord } from '../../../src/machines/records.ts'
import type { StoredTask } from '../../../src/machines/store-state.ts'
import type { Dice } from './dice.ts'
import type { Theme } from './themes.ts'

/** A new task: perhaps with needs, keys, a delay, a deadline, an idempotency key, or under an id that is taken. */
export function randomSubmit(
  dice: Dice,
  theme: Theme,
  fresh: string,
  now: number,
  tasks: readonly StoredTask[],
  parent: SubmitRecord['parent'],
): SubmitRecord {
  const task = dice.in(40) ? (dice.pick(tasks)?.id ?? fresh) : fresh
  const needs = dice.in(theme.needs) ? someNeeds(dice, task, tasks) : undefined
  const keys = dice.in(theme.keys) ? someKeys(dice, theme) : undefined
  return {
    type: 'submit',
    task,
    at: now,
    name: task,
    limits: { timeout: 100, grace: 10, maxAttempts: dice.of(1, 2, 3), maxOrphans: dice.of(1, 0, 2) },
    fingerprint: dice.in(4) ? 'other' : 'same',
    ...(needs && { needs }),
    ...(keys && { keys }),
    ...(parent && { parent }),
    ...(dice.in(5) && { delay: dice.below(60) }),
    ...(dice.in(4) && { deadline: now + 20 + dice.below(300) }),
    ...(dice.in(4) && { idempotencyKey: dice.of('i1', 'i2', 'i3') }),
    ...(dice.in(20) && { owner: 'ann' }),
  }
}

function someNeeds(dice: Dice, task: string, tasks: readonly StoredTask[]): string[] {
  if (dice.in(30)) return [dice.of('nobody', task)]
  const needs = [dice.pick(tasks)?.id, dice.in(2) ? dice.pick(tasks)?.id : undefined]
  return needs.filter((need) => need !== undefined)
}

function someKeys(dice: Dice, { names, limits }: Theme): KeyLimit[] {
  const first = { key: dice.pick(names) ?? 'k1', limit: dice.pick(limits) ?? 1 }
  return dice.in(4) ? [first, { key: 'k3', limit: dice.of(1, 2) }] : [first]
}
