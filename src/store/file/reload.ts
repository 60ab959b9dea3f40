/** @module A fold that begins anew, while others hold tasks of the one before. */
import type { Change } from '../../machines/fold-store.ts'
import type { TaskEvent } from '../../machines/records.ts'
import type { StoredTask, TaskSnapshot } from '../../machines/store-state.ts'
import type { Books } from '../books.ts'

/** Carries the tasks that are held over to a new fold, and says what has become of them meanwhile. */
export class Reload {
  readonly #old: Books
  readonly #before = new Map<StoredTask, TaskSnapshot>()

  constructor(old: Books) {
    this.#old = old
  }

  /** A task of the fold before, to be changed in place. */
  take(id: string): StoredTask | undefined {
    const task = this.#old.state.tasks.get(id)
    if (task === undefined) return undefined
    if (!this.#before.has(task)) this.#before.set(task, task.snapshot)
    // the queues of the fold before are given up
    task.list = undefined
    task.previous = undefined
    task.next = undefined
    return task
  }

  /** What happened between the two folds, the last step of each task. */
  changes(now: Books): Change[] {
    const changes: Change[] = []
    for (const task of this.#old.state.tasks.values()) {
      const before = this.#before.get(task)
      const at = task.snapshot.context.endedAt ?? task.spec.at
      if (before === undefined || now.state.tasks.get(task.id) !== task)
        changes.push({ task, event: { type: 'forget', task: task.id, at }, before: task.snapshot })
      else if (before.context.version !== task.snapshot.context.version)
        changes.push({ task, event: lastOf(task), before })
    }
    return changes
  }
}

function lastOf(task: StoredTask): TaskEvent {
  const last = task.transitions?.at(-1)
  const { claim, worker } = task.snapshot.context
  return {
    ...last,
    type: last?.type ?? 'progress',
    at: last?.at ?? task.spec.at,
    task: task.id,
    claim,
    worker,
  } as TaskEvent
}
