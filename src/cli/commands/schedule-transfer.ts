/** @module `offstage schedule export`, `import` and `sync`. */
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ScheduleOptions } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { ownerOf } from '../schedules.ts'
import { needConfig, openSession } from '../session.ts'
import { styled } from '../text.ts'

export async function exportAll(call: Call): Promise<Exit> {
  const session = await openSession(call)
  call.out.items(await session.runner.schedules.export(ownerOf(call)))
  return Exit.DONE
}

export async function importAll(call: Call): Promise<Exit> {
  const schedules = await read(call)
  const { runner } = await openSession(call, { config: true, write: true })
  return tell(call, await runner.schedules.import(schedules))
}

export async function sync(call: Call): Promise<Exit> {
  const { config, runner: options } = await needConfig(call)
  const { runner } = await openSession(call, { config: true, write: true })
  const source = options.name ?? 'offstage'
  const prune = call.options.prune === true
  return tell(call, await runner.schedules.sync(config.schedules ?? [], { source, prune }))
}

async function read(call: Call): Promise<ScheduleOptions[]> {
  const [file = '-'] = call.args
  let text = ''
  try {
    if (file === '-') for await (const chunk of call.stdin) text += chunk
    else text = await readFile(resolve(call.cwd, file), 'utf8')
  } catch (cause) {
    throw usageError(`${JSON.stringify(file)} cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause)
  }
  try {
    const schedules: unknown = JSON.parse(text)
    if (Array.isArray(schedules)) return schedules as ScheduleOptions[]
  } catch (cause) {
    throw usageError(`${JSON.stringify(file)} is not JSON (${(cause as Error).message})`, cause)
  }
  throw usageError(`${JSON.stringify(file)} must hold an array, as offstage schedule export prints it`)
}

/** What has changed, a line each. */
function tell({ out }: Call, report: object): Exit {
  if (out.json) {
    out.data(report)
    return Exit.DONE
  }
  const lines = Object.entries(report as Record<string, readonly string[]>)
  for (const [change, names] of lines) for (const name of names) out.line(styled('dim', change), ` ${name}`)
  if (lines.every(([, names]) => names.length === 0)) out.note(styled('dim', 'there was nothing to do'))
  return Exit.DONE
}
