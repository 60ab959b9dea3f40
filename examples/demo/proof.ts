/** @module The proof that nothing was lost: each sentence is counted, and the demo fails if one is not true. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { BackgroundRunner, type BackgroundTask, FileStore, type Schedule } from 'offstage'
import type { Digest } from './digest.ts'
import type { Account } from './journal.ts'
import { bold, count } from './text.ts'
import { endingOf } from './troubles.ts'

/** All that is compared. */
export interface Evidence {
  readonly dir: string
  readonly tasks: readonly BackgroundTask<unknown>[]
  readonly account: Account
  /** The documents, and what came back for them. */
  readonly paths: readonly string[]
  readonly results: readonly Digest[]
  /** Attempts that were started, as the events told. */
  readonly attempts: number
  /** The worker that was killed. */
  readonly dead: string
  /** The schedule that fired meanwhile. */
  readonly beat: Schedule
}

export async function prove({ dir, tasks, account, paths, results, attempts, dead, beat }: Evidence): Promise<void> {
  const { records, torn, types, submits, completes, workers, expired } = account
  const typesTold = [...types].sort(([, a], [, b]) => b - a).map(([type, times]) => `${count(times)} ${type}`)
  const torns = torn === 0 ? 'no torn line' : `${count(torn)} torn by the kill and skipped`
  console.log(`\n${bold('The journal')}, read line by line: ${count(records)} records, ${torns}`)
  console.log(`  ${typesTold.join(', ')}`)
  const said = (text: string): void => console.log(`  ok  ${text}`)

  assert.deepEqual([...submits.keys()].sort(), tasks.map(({ id }) => id).sort())
  assert.deepEqual(new Set(submits.values()), new Set([1]))
  said(`each of ${count(tasks.length)} tasks was submitted once, and has ended`)
  assert.ok(tasks.every(({ isSettled }) => isSettled))

  const slots = beat.history.map(({ scheduledAt = '' }) => Date.parse(scheduledAt))
  const seconds = slots.map((_, i) => (slots[0] ?? 0) + i * 1_000)
  assert.deepEqual(slots, seconds)
  assert.deepEqual(new Set(beat.history.map(({ status }) => status)), new Set(['completed']))
  said(`each of ${count(slots.length)} seconds fired the schedule once, also while a worker was killed`)

  const completed = tasks.filter(({ status }) => status === 'completed')
  assert.deepEqual([...completes.keys()].sort(), completed.map(({ id }) => id).sort())
  assert.deepEqual(new Set(completes.values()), new Set([1]))
  said(`each of the ${count(completed.length)} completed ones completed once`)

  const started = [...workers.values()].reduce((sum, { length }) => sum + length, 0)
  assert.equal(started, attempts)
  assert.deepEqual([...expired], [dead])
  said(`${count(started)} attempts were started, as this process heard from the others; only the dead worker expired`)

  for (const [i, path] of paths.entries()) {
    const hash = createHash('sha256')
      .update(await readFile(path, 'utf8'))
      .digest('base64url')
    assert.deepEqual([results[i]?.path, results[i]?.hash], [path, hash])
  }
  assert.equal(results.length, paths.length)
  said(`the results of all ${count(paths.length)} documents are there, and match the files`)

  await using store = new FileStore(dir)
  await using reader = new BackgroundRunner({ store, work: false, autoCleanup: false })
  for (const task of tasks) assert.equal(endingOf((await reader.get(task.id))?.outcome), endingOf(task.outcome))
  said('opened afresh, the store tells the same of every task')
}
