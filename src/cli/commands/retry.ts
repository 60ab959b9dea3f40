/** @module `offstage retry`: a new task of the recipe and input of one that has ended. */
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'
import { tellWorkers } from '../workers.ts'

export async function retry(call: Call): Promise<Exit> {
  const { args, out } = call
  const session = await openSession(call, { write: true })
  const { id } = await findTask(session.runner, args[0] ?? '')
  const task = await session.runner.retry(id)
  await tellWorkers(out, session.runner, task)
  if (out.json) out.data(task)
  else out.line(task.id)
  return Exit.DONE
}
