/** @module `offstage schedule run` and `tick`. */
import type { BackgroundRunner, Schedule } from '../../index.ts'
import type { Call } from '../command.ts'
import { tellEnding } from '../ending.ts'
import { Exit } from '../exit.ts'
import { count } from '../human.ts'
import type { Output } from '../output.ts'
import { inZone, ownerOf } from '../schedules.ts'
import { openSession } from '../session.ts'
import { styled } from '../text.ts'
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
  const before = out.json ? new Map<string, number>() : await slotsOf(runner)
  const { fired, skipped, next } = await runner.schedules.tick()
  if (out.json) {
    out.data({ fired, skipped, next })
    return Exit.DONE
  }
  if (fired + skipped > 0) for (const schedule of await runner.schedules.list()) tellFired(out, schedule, before)
  const more = skipped === 0 ? '' : `, ${count(skipped, 'slot')} skipped`
  out.line(
    `${count(fired, 'task')} fired${more}${next === undefined ? '' : `; the next is due at ${next.toISOString()}`}`,
  )
  return Exit.DONE
}

/** The newest slot that each has used up. */
async function slotsOf(runner: BackgroundRunner): Promise<Map<string, number>> {
  const all = await runner.schedules.list()
  return new Map(all.map(({ id, lastSlot }) => [id, lastSlot?.getTime() ?? Number.NEGATIVE_INFINITY]))
}

/** A line for each slot that has been used up since. */
function tellFired(out: Output, { id, name, tz, lastSlot, history }: Schedule, before: Map<string, number>): void {
  const known = before.get(id) ?? Number.NEGATIVE_INFINITY
  if (lastSlot === undefined || lastSlot.getTime() <= known) return
  for (const { scheduledAt, task, reason } of history) {
    const slot = scheduledAt === undefined ? undefined : new Date(scheduledAt)
    if (slot === undefined || slot.getTime() <= known) continue
    const outcome = task ?? styled('yellow', `skipped ${reason ?? ''}`.trimEnd())
    out.line(name, '  ', styled('dim', inZone(slot, tz)), '  ', outcome)
  }
}
