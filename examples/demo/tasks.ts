/** @module The table of all tasks: how each ended, its attempts, and which workers made them. */
import type { BackgroundTask, Schedule } from 'offstage'
import type { Crew } from './crew.ts'
import type { Account } from './journal.ts'
import type { Death } from './scenes.ts'
import { bold, count, safe, table } from './text.ts'
import { endingOf } from './troubles.ts'

/** What else is known of the tasks. */
export interface Facts {
  readonly account: Account
  readonly crew: Crew
  /** What the kill did. */
  readonly death: Death
  /** The schedule that fired meanwhile. */
  readonly beat: Schedule
}

export function tell(tasks: readonly BackgroundTask<unknown>[], { account, crew, death, beat }: Facts): void {
  const beats = new Set(beat.history.map(({ task }) => task))
  const rows = tasks.flatMap((task) => {
    if (beats.has(task.id)) return []
    const workers = account.workers.get(task.id) ?? []
    const fatal = death.orphans.some(({ id }) => id === task.id) ? workers.lastIndexOf(death.worker) : -1
    const names = workers.map((worker, i) => crew.nameOf(worker) + (i === fatal ? ' (killed)' : ''))
    return [[safe(task.name), endingOf(task.outcome), String(workers.length), names.join(', ')]]
  })
  console.log(`\n${bold('All tasks')}\n${table(['task', 'ended', 'attempts', 'workers'], rows, [26, 22, 10])}`)
  const by = [...new Set(tasks.filter(({ id }) => beats.has(id)).flatMap(({ id }) => account.workers.get(id) ?? []))]
  const [first, last] = [beat.history[0], beat.history.at(-1)].map((each) => each?.scheduledAt?.slice(11, 19))
  console.log(
    `\n${bold('The schedule')} "${beat.name}", ${beat.description}: fired ${count(beat.runs)} times, from ${first} to ${last}; ` +
      `its tasks ran on ${by.map((worker) => crew.nameOf(worker)).join(' and ')}`,
  )
}
