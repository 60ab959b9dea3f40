/** @module `offstage explain`: one sentence. */
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'

export async function explain(call: Call): Promise<Exit> {
  const { args, out } = call
  const session = await openSession(call)
  const explanation = await (await findTask(session.runner, args[0] ?? '')).explain()
  if (out.json) out.data(explanation)
  else out.line(explanation.sentence)
  return Exit.DONE
}
