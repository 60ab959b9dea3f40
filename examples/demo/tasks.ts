/** @module The table of all tasks: how each ended, its attempts, and which workers made them. */
import type { BackgroundTask } from 'offstage'
import type { Crew } from './crew.ts'
import type { Account } from './journal.ts'
import type { Death } from './scenes.ts'
import { bold, safe, table } from './text.ts'
import { endingOf } from './troubles.ts'

/** What else is known of the tasks. */
export interface Facts {
  readonly account: Account
  readonly crew: Crew
  /** What the kill did. */
  readonly death: Death
}

export function tell(tasks: readonly BackgroundTask<unknown>[], { account, crew, death }: Facts): void {
  const rows = tasks.map((task) => {
    const workers = account.workers.get(task.id) ?? []
    const fatal = death.orphans.some(({ id }) => id === task.id) ? workers.lastIndexOf(death.worker) : -1
    const names = workers.map((worker, i) => crew.nameOf(worker) + (i === fatal ? ' (killed)' : ''))
    return [safe(task.name), endingOf(task.outcome), String(workers.length), names.join(', ')]
  })
  console.log(`\n${bold('All tasks')}\n${table(['task', 'ended', 'attempts', 'workers'], rows, [26, 22, 10])}`)
}
