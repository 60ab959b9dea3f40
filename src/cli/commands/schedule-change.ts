/** @module `offstage schedule add` and `update`. */
import type { BackgroundRunner, Schedule, ScheduleOptions } from '../../index.ts'
import { type Call, textOption } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import type { Output } from '../output.ts'
import { definitionOf, inZone, ownerOf } from '../schedules.ts'
import { openSession } from '../session.ts'
import { styled } from '../text.ts'
import { quietFor, silence } from '../workers.ts'

export async function add(call: Call): Promise<Exit> {
  const { args, options, out } = call
  const [name = '', when = ''] = args
  const definition = await definitionOf(call)
  if (definition.recipe === undefined && definition.message === undefined)
    throw usageError(
      'recipe must be given: --recipe NAME says what is submitted (or --message TEXT, for a ScheduleLoop)',
    )
  const { runner, config } = await openSession(call, { config: true, write: true })
  const whole: ScheduleOptions = {
    ...definition,
    ...ownerOf(call),
    name,
    when,
    ...(options.paused === true && { enabled: false }),
  }
  const schedule = await runner.schedules.add(whole)
  const known = (config?.config.recipes ?? []).map((each) => each.name)
  if (schedule.recipe !== undefined && config !== undefined && !known.includes(schedule.recipe))
    out.note(
      styled('yellow', 'warning'),
      `: the config knows no recipe ${schedule.recipe}; its tasks wait until a worker does`,
    )
  await tell(out, runner, schedule)
  if (out.json) out.data(schedule)
  else out.line(schedule.id)
  return Exit.DONE
}

export async function update(call: Call): Promise<Exit> {
  const { args, out } = call
  const when = textOption(call, 'when')
  const changes = { ...(await definitionOf(call)), ...(when !== undefined && { when }) }
  if (Object.keys(changes).length === 0)
    throw usageError('what is to be changed? give --when, --recipe, --input or another option')
  const { runner } = await openSession(call, { config: true, write: true })
  const schedule = await runner.schedules.update(args[0] ?? '', changes, ownerOf(call))
  await tell(out, runner, schedule)
  if (out.json) out.data(schedule)
  else out.line(schedule.id)
  return Exit.DONE
}

/** When it fires next, and whether anybody is there who would see to it. */
async function tell(out: Output, runner: BackgroundRunner, schedule: Schedule): Promise<void> {
  const { next, tz, description, status } = schedule
  if (status === 'paused') out.note(styled('dim', 'paused'), `: ${description}`)
  else if (next !== undefined) out.note(styled('dim', 'next'), ` ${inZone(next, tz)}, ${description}`)
  const alive = (await runner.workers()).some((worker) => quietFor(worker).heart < silence)
  if (!alive)
    out.note(styled('yellow', 'waiting'), ': no worker is alive that would fire it; start one with: offstage work')
}
