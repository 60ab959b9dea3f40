/** @module `offstage export-test`: what happened, as a test that folds it again. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { show } from '../../errors.ts'
import { SystemClock } from '../../index.ts'
import { type SliceRequest, sliceOf } from '../../inspect/export/slice.ts'
import { type TestFile, testFileOf } from '../../inspect/export/test-file.ts'
import { type Call, textOption } from '../command.ts'
import { Exit, usageError } from '../exit.ts'
import { count } from '../human.ts'
import { journalOf, momentOption, pastTask } from '../past.ts'
import { openSession, type Session } from '../session.ts'
import { styled } from '../text.ts'

export async function exportTest(call: Call): Promise<Exit> {
  const { out, version } = call
  const file = textOption(call, 'output')
  checkAsked(call)
  const session = await openSession(call)
  const history = journalOf(session.store)
  const request = await requestOf(call, session)
  const test = testFileOf(await sliceOf(history, request), { request, version, redact: out.redact })
  if (file !== undefined) await write(resolve(call.cwd, file), test.text, call.options.force === true)
  const { text, records, scrubbed, unlike } = test
  if (out.json)
    out.data({ ...(file === undefined ? { text } : { file: resolve(call.cwd, file) }), records, ...scrubbed, unlike })
  else if (file === undefined) out.text(text, '')
  else out.note(styled('green', 'written'), ` ${file}: ${summary(test)}`)
  for (const each of unlike) out.note(styled('yellow', 'warning'), ` ${each}`)
  return Exit.DONE
}

function checkAsked(call: Call): void {
  const isTime = textOption(call, 'from') !== undefined || textOption(call, 'to') !== undefined
  if (isTime && call.args.length > 0) throw usageError('give the id of a task, or --from and --to, not both')
  if (!isTime && call.args.length === 0) throw usageError('give the id of a task, or --from and --to')
  if (isTime && textOption(call, 'from') === undefined) throw usageError('--to needs --from')
}

async function requestOf(call: Call, { runner }: Session): Promise<SliceRequest> {
  const from = momentOption(call, 'from', '--from')
  if (from === undefined) return { task: await pastTask(runner, call.args[0] ?? '') }
  const to = momentOption(call, 'to', '--to') ?? new SystemClock().now()
  if (to < from) throw usageError('--to must not be before --from')
  return { from, to }
}

async function write(path: string, text: string, force: boolean): Promise<void> {
  await writeFile(path, text, { flag: force ? 'w' : 'wx' }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EEXIST') throw usageError(`${show(path)} exists already; --force overwrites it`, cause)
    throw usageError(`${show(path)} cannot be written (${cause.code})`, cause)
  })
}

function summary({ records, scrubbed: { hidden, cut } }: TestFile): string {
  const parts = [count(records, 'record')]
  if (hidden > 0) parts.push(`secrets hidden in ${count(hidden, 'place')}`)
  if (cut > 0) parts.push(`${count(cut, 'long value')} cut`)
  return parts.join(', ')
}
