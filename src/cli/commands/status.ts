/** @module `offstage status`: one task, and why it is where it is. */
import { SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit } from '../exit.ts'
import { age, bar, span } from '../human.ts'
import { safeJson } from '../safe.ts'
import { openSession } from '../session.ts'
import { pairs } from '../table.ts'
import { findTask } from '../tasks.ts'
import { styled } from '../text.ts'

const barWidth = 20

export async function status(call: Call): Promise<Exit> {
  const { args, out } = call
  const session = await openSession(call)
  const task = await findTask(session.runner, args[0] ?? '')
  const explanation = await task.explain()
  if (out.json) {
    out.data({ ...task.toJSON(), explanation })
    return Exit.DONE
  }
  const now = new SystemClock().now()
  const info = task.toJSON()
  const when = (iso: string | undefined): string | undefined => {
    if (iso === undefined) return undefined
    const ms = now - Date.parse(iso)
    return `${iso} (${ms < 0 ? `in ${span(-ms)}` : `${age(ms)} ago`})`.replace('now ago', 'now')
  }
  const { progress = 0, message = '', error, result } = info
  out.lines(
    pairs([
      ['id', info.id],
      ['name', styled('bold', info.name)],
      ['status', statusPart(info.status)],
      ['state', info.state === info.status ? undefined : info.state],
      ['recipe', info.recipe === info.name ? undefined : info.recipe],
      ['attempt', info.maxAttempts > 1 ? `${info.attempt} of ${info.maxAttempts}` : undefined],
      ['progress', progress > 0 ? `${bar(progress, barWidth)} ${Math.floor(progress * 100)}% ${message}` : message],
      ['submitted', when(info.createdAt)],
      ['due', when(info.dueAt)],
      ['deadline', when(info.deadline)],
      ['started', when(info.startedAt)],
      ['ended', when(info.completedAt)],
      ['took', info.durationMs === undefined ? undefined : span(info.durationMs)],
      ['owner', info.owner],
      ['tags', info.tags?.join(', ')],
      ['parent', info.parentId],
      ['retry of', info.retryOf],
      ['metadata', info.metadata === undefined ? undefined : safeJson(info.metadata)],
      ['error', error === undefined ? undefined : styled('red', `${error.code}: ${error.message}`)],
      ['result', result === undefined ? undefined : safeJson(result)],
    ]),
  )
  out.line()
  out.line(explanation.sentence)
  return Exit.DONE
}
