/** @module `offstage backup`: a copy of the store. */
import { resolve } from 'node:path'
import { FileStore } from '../../index.ts'
import type { Call } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { bytes, count } from '../human.ts'
import { openSession } from '../session.ts'

export async function backup(call: Call): Promise<Exit> {
  const { args, out, cwd } = call
  const to = resolve(cwd, args[0] ?? '')
  const session = await openSession(call)
  const { store } = session
  if (!(store instanceof FileStore))
    throw usageError(`only a store in a folder can be copied, and ${store.name} is none`)
  const report = await store.backup(to)
  if (out.json) out.data({ from: store.path, to, ...report })
  else out.line(`copied ${count(report.files, 'file')}, ${bytes(report.bytes)}, to ${to}`)
  return Exit.DONE
}
