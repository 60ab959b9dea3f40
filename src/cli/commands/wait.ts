/** @module `offstage wait`: until tasks have ended. */
import type { BackgroundTask, WaitOptions } from '../../index.ts'
import type { Call } from '../command.ts'
import { exitOfOutcome, tellEnding, why } from '../ending.ts'
import { Exit } from '../exit.ts'
import { durationOption } from '../input.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'
import { tellWorkers } from '../workers.ts'

/** Of several tasks, the worst end is told. */
const worst: readonly Exit[] = [Exit.WAIT_TIMEOUT, Exit.FAILED, Exit.CANCELLED, Exit.DONE]

export async function wait(call: Call): Promise<Exit> {
  const { args, out } = call
  const timeout = durationOption(call, 'timeout', '--timeout', 0)
  const session = await openSession(call)
  const tasks: BackgroundTask<unknown>[] = []
  for (const id of args) tasks.push(await findTask(session.runner, id))
  const open = tasks.find((task) => !task.isSettled)
  if (open !== undefined) await tellWorkers(out, session.runner, open)
  const options: WaitOptions = timeout === undefined ? {} : { timeout }
  const [only] = tasks
  if (tasks.length === 1 && only !== undefined) return tellEnding(out, only, await only.settled(options))
  const exits = await Promise.all(
    tasks.map(async (task) => {
      const outcome = await task.settled(options)
      if (out.json) out.data(task)
      else out.line(...why(task, outcome))
      return exitOfOutcome(outcome)
    }),
  )
  return worst.find((exit) => exits.includes(exit)) ?? Exit.DONE
}
