/** @module `offstage answer`: gives a handler the input that it has asked for. */
import { type Call, textOption } from '../command.ts'
import { Exit } from '../exit.ts'
import { integerOption, jsonOption } from '../input.ts'
import { openSession } from '../session.ts'
import { findTask } from '../tasks.ts'

export async function answer(call: Call): Promise<Exit> {
  const { args, out } = call
  const isGiven = textOption(call, 'input') !== undefined
  const value = await jsonOption(call, 'input', '--input')
  const ask = integerOption(call, 'ask', '--ask', 1, Number.MAX_SAFE_INTEGER)
  const session = await openSession(call, { write: isGiven })
  const task = await findTask(session.runner, args[0] ?? '')
  if (!isGiven) {
    if (out.json) out.data(task.asks)
    else for (const open of task.asks) out.line(String(open.ask), ' ', open.prompt ?? 'any input')
    if (task.asks.length === 0 && !out.json) out.note(task.id, ' asks for nothing: it is ', task.state)
    return task.asks.length === 0 ? Exit.FAILED : Exit.DONE
  }
  const accepted = await task.answer(value, ask === undefined ? {} : { ask })
  if (out.json) out.data({ id: task.id, accepted })
  else if (accepted) out.line(task.id, ' goes on')
  else out.note(task.id, ' asks for no such thing, or was answered before: it is ', task.state)
  return accepted ? Exit.DONE : Exit.FAILED
}
