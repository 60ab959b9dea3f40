/** @module `offstage cancel`: tells tasks to stop. */
import type { Call } from '../command.ts'
import { textOption } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit } from '../exit.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'

export async function cancel(call: Call): Promise<Exit> {
  const { args, out } = call
  const reason = textOption(call, 'reason')
  const session = await openSession(call, { write: true })
  const tasks = []
  for (const id of args) tasks.push(await findTask(session.runner, id))
  let exit: Exit = Exit.DONE
  for (const task of tasks) {
    const accepted = await task.cancel(reason)
    if (!accepted) exit = Exit.FAILED
    if (out.json) out.data({ id: task.id, accepted, status: task.status })
    else if (!accepted) out.note(task.id, ' had ended before: ', statusPart(task.status))
    else if (task.isSettled) out.line(task.id, ' ', statusPart(task.status))
    else out.line(task.id, ' was told to stop')
  }
  return exit
}
