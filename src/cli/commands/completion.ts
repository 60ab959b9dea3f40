/** @module `offstage completion`: what shells need. */
import type { Call } from '../command.ts'
import { completionFor, type Shell } from '../completion.ts'
import { Exit } from '../exit.ts'

export async function completion({ args, out, commands, globals }: Call): Promise<Exit> {
  out.text(completionFor(args[0] as Shell, commands, globals), '')
  return Exit.DONE
}
