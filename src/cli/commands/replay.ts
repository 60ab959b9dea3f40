/** @module `offstage replay`: the life of a task, step by step, as its journal tells it. */
import { OffstageError } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import { Life } from '../life.ts'
import { LifePrinter } from '../life-printer.ts'
import { journalOf, pastTask } from '../past.ts'
import { openSession } from '../session.ts'
import { onStop } from '../signals.ts'

export async function replay(call: Call): Promise<Exit> {
  const { args, out } = call
  const { runner, store } = await openSession(call)
  const history = journalOf(store)
  const id = await pastTask(runner, args[0] ?? '')
  const life = new Life(id, await store.stream(id))
  const stop = new AbortController()
  call.defer(onStop(() => stop.abort()))
  const printer = new LifePrinter(out)
  for await (const step of history()) {
    if (stop.signal.aborted) return Exit.DONE
    for (const told of life.step(step)) printer.print(told)
  }
  if (life.task === undefined) throw new OffstageError('NOT_FOUND', `the journal holds nothing of task ${id}`)
  for (const told of life.end()) printer.print(told)
  printer.end(life.task, life.forgotten)
  return Exit.DONE
}
