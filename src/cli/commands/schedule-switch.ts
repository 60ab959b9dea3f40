/** @module `offstage schedule pause`, `resume` and `remove`. */
import { OffstageError, type Schedules } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit } from '../exit.ts'
import { ownerOf } from '../schedules.ts'
import { openSession } from '../session.ts'

type Act = (schedules: Schedules, id: string) => Promise<boolean>

async function each(call: Call, done: string, already: string, act: Act): Promise<Exit> {
  const { args, out } = call
  const { runner } = await openSession(call, { write: true })
  const found = []
  for (const name of args) {
    const schedule = await runner.schedules.get(name, ownerOf(call))
    if (schedule === undefined)
      throw new OffstageError(
        'NOT_FOUND',
        `there is no schedule ${JSON.stringify(name)}; offstage schedule list shows them`,
      )
    found.push({ id: schedule.id, name: schedule.name })
  }
  for (const { id, name } of found) {
    const changed = await act(runner.schedules, id)
    if (out.json) out.data({ id, name, changed })
    else out.line(name, ' ', changed ? done : already)
  }
  return Exit.DONE
}

export const pause = (call: Call): Promise<Exit> =>
  each(call, 'is paused', 'was not active', (schedules, id) => schedules.pause(id))
export const resume = (call: Call): Promise<Exit> =>
  each(call, 'fires again', 'was not paused', (schedules, id) => schedules.resume(id))
export const remove = (call: Call): Promise<Exit> =>
  each(call, 'is removed', 'was gone', (schedules, id) => schedules.remove(id))
