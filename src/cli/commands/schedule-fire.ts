/** @module `offstage schedule run` and `tick`. */
import type { Call } from '../command.ts'
import { tellEnding } from '../ending.ts'
import { Exit } from '../exit.ts'
import { count } from '../human.ts'
import { ownerOf } from '../schedules.ts'
import { openSession } from '../session.ts'
import { tellWorkers } from '../workers.ts'

export async function run(call: Call): Promise<Exit> {
  const { args, out, options } = call
  const { runner } = await openSession(call, { config: true, write: true })
  const task = await runner.schedules.trigger(args[0] ?? '', ownerOf(call))
  await tellWorkers(out, runner, task)
  if (options.wait === true) return tellEnding(out, task, await task.settled())
  if (out.json) out.data(task)
  else out.line(task.id)
  return Exit.DONE
}

export async function tick(call: Call): Promise<Exit> {
  const { out } = call
  const { runner } = await openSession(call, { config: true, write: true })
  const { fired, skipped, next } = await runner.schedules.tick()
  if (out.json) out.data({ fired, skipped, next })
  else {
    const more = skipped === 0 ? '' : `, ${count(skipped, 'slot')} skipped`
    out.line(
      `${count(fired, 'task')} fired${more}${next === undefined ? '' : `; the next is due at ${next.toISOString()}`}`,
    )
  }
  return Exit.DONE
}
