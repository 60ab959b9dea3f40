/** @module `offstage dev`: a worker that begins again when a file changes. */
import type { Call } from '../command.ts'
import type { Exit } from '../exit.ts'
import { durationOption } from '../input.ts'
import { superviseWorker } from '../reload.ts'

const defaultDrain = 2_000

export async function dev(call: Call): Promise<Exit> {
  return superviseWorker(call, durationOption(call, 'drain', '--drain', 0) ?? defaultDrain)
}
