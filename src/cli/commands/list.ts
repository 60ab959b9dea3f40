/** @module `offstage list`: the tasks, newest first. */
import { type BackgroundTask, SystemClock } from '../../index.ts'
import type { Call } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit } from '../exit.ts'
import { age, bar, count, span } from '../human.ts'
import { integerOption } from '../input.ts'
import { openSession } from '../session.ts'
import { type Column, table } from '../table.ts'
import { allTasks, queryOf } from '../tasks.ts'
import { type Line, styled } from '../text.ts'

const pageSize = 50
const most = 1_000_000
const barWidth = 10

export async function list(call: Call): Promise<Exit> {
  const { out } = call
  const query = queryOf(call)
  const page = integerOption(call, 'page', '--page', 1, most)
  const given = integerOption(call, 'pageSize', '--page-size', 1, most)
  const session = await openSession(call)
  const tasks: BackgroundTask<unknown>[] = []
  for await (const task of allTasks(session.runner, query)) tasks.push(task)
  tasks.reverse()
  const whole = out.json && page === undefined && given === undefined
  const size = given ?? pageSize
  const from = ((page ?? 1) - 1) * size
  const shown = whole ? tasks : tasks.slice(from, from + size)
  if (out.json) {
    out.items(shown)
    return Exit.DONE
  }
  if (tasks.length === 0) out.note(styled('dim', `there are no tasks in ${session.store.name}`))
  else out.lines(table(taskColumns, taskRows(shown), out.width))
  if (shown.length > 0 && shown.length < tasks.length) {
    const pages = Math.ceil(tasks.length / size)
    out.note(
      styled(
        'dim',
        `page ${page ?? 1} of ${pages}, ${count(tasks.length, 'task')}; --page ${(page ?? 1) + 1} shows more`,
      ),
    )
  }
  return Exit.DONE
}

export const taskColumns: readonly Column[] = [
  { title: 'ID' },
  { title: 'NAME', least: 12 },
  { title: 'STATUS' },
  { title: 'AGE', align: 'right' },
  { title: 'TOOK', align: 'right' },
  { title: '', least: 10 },
]

/** A row for each task; the last column says what else there is to say. */
export function taskRows(tasks: readonly BackgroundTask<unknown>[]): Line[] {
  const now = new SystemClock().now()
  return tasks.map((task) => {
    const { startedAt, durationMs, createdAt } = task
    const took = durationMs ?? (task.isRunning && startedAt !== undefined ? now - startedAt.getTime() : undefined)
    return [
      task.id,
      task.name,
      statusPart(task.status),
      age(now - createdAt.getTime()),
      took === undefined ? '' : span(took),
      about(task),
    ]
  })
}

function about(task: BackgroundTask<unknown>): string {
  const { outcome, status, state } = task
  if (outcome?.status === 'failed') return `${outcome.error.code} ${outcome.error.message}`
  if (outcome?.status === 'cancelled') return outcome.reason ?? ''
  if (status === 'running' && state === 'running.executing') {
    const { progress, message = '' } = task
    return progress === 0 && message === ''
      ? ''
      : `${bar(progress, barWidth)} ${Math.floor(progress * 100)}% ${message}`
  }
  const [, ...inner] = state.split('.')
  return inner.join(' ')
}
