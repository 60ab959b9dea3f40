/** @module `offstage retry`: a new task of the recipe and input of one that has ended. */
import { OffstageError, type Store, SystemClock } from '../../index.ts'
import { SystemRandom } from '../../random.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'
import { tellWorkers } from '../workers.ts'

type Submit = Parameters<Store['submit']>[0][number]

export async function retry(call: Call): Promise<Exit> {
  const { args, out } = call
  const { runner, store } = await openSession(call, { write: true })
  const { id } = await findTask(runner, args[0] ?? '')
  const record = await again(store, id)
  const [verdict] = await store.submit([record])
  const task = await runner.get(record.task)
  if (verdict?.accepted !== true || task === undefined)
    throw new OffstageError('STORE', `the store refused it: ${verdict?.reason ?? 'it is gone'}`)
  await tellWorkers(out, store, record.recipe)
  if (out.json) out.data(task)
  else out.line(task.id)
  return Exit.DONE
}

/** What was asked for, asked for once more: at once, and whatever key it had. */
async function again(store: Store, id: string): Promise<Submit> {
  const task = await store.get(id)
  if (task === undefined) throw new OffstageError('NOT_FOUND', `the task ${id} was forgotten meanwhile`)
  const { delay, deadline, idempotencyKey, fingerprint, parent, trace, local, inputBlob, ...spec } = task.spec
  if (!task.settled) throw usageError(`the task ${id} has not ended: it is ${task.status}; offstage cancel ends it`)
  if (spec.recipe === undefined)
    throw usageError(
      `the task ${id} was a function of a process that ended; only tasks of recipes can be submitted again`,
    )
  const input = inputBlob === undefined ? {} : { input: store.readBlob?.(inputBlob) }
  return { ...spec, ...input, task: new SystemRandom().id(), at: new SystemClock().now(), retryOf: id }
}
