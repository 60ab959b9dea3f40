/** @module Finds tasks: one by the beginning of its id, or all that are meant. */
import {
  type BackgroundRunner,
  type BackgroundTask,
  type ListOptions,
  OffstageError,
  type TaskQuery,
} from '../index.ts'
import { type Call, textOption } from './command.ts'
import { usageError } from './exit.ts'
import { safe } from './safe.ts'

type Task = BackgroundTask<unknown>

const idForm = /^[A-Za-z0-9][A-Za-z0-9_@.-]{0,79}$/
const listed = 10
const largestPage = 1_000
const statuses = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const

/**
 * The task of that id, or the only one whose id begins so.
 *
 * @throws {OffstageError} NOT_FOUND; USAGE for what can be no id, and for a beginning of several, which are listed.
 */
export async function findTask(runner: BackgroundRunner, id: string): Promise<Task> {
  if (!idForm.test(id))
    throw usageError(`${JSON.stringify(id.slice(0, 80))} can be no id of a task; offstage list shows them`)
  const exact = await runner.get(id)
  if (exact !== undefined) return exact
  const found: Task[] = []
  for await (const task of allTasks(runner)) if (task.id.startsWith(id)) found.push(task)
  const [only] = found
  if (only === undefined)
    throw new OffstageError('NOT_FOUND', `there is no task ${id} in this store; offstage list shows them`)
  if (found.length === 1) return only
  const more = found.length > listed ? `\n  and ${found.length - listed} more` : ''
  const lines = found.slice(0, listed).map((task) => `\n  ${task.id}  ${task.status}  ${safe(task.name)}`)
  throw usageError(`${found.length} tasks begin with ${id}; give more of the id:${lines.join('')}${more}`)
}

/** All tasks that are meant, in submit order. */
export async function* allTasks(runner: BackgroundRunner, query: TaskQuery = {}): AsyncGenerator<Task> {
  let after: string | undefined
  do {
    const options: ListOptions = { ...query, limit: largestPage, ...(after !== undefined && { after }) }
    const page = await runner.list(options)
    yield* page.tasks
    after = page.cursor
  } while (after !== undefined)
}

/** The tasks that `--status` and `--recipe` mean. @throws {OffstageError} USAGE for a status that is none. */
export function queryOf(call: Call, allowed: readonly string[] = statuses): TaskQuery {
  const status = textOption(call, 'status')?.split(',')
  const wrong = status?.find((each) => !allowed.includes(each))
  if (wrong !== undefined) throw usageError(`--status must be of ${allowed.join(', ')}, got ${JSON.stringify(wrong)}`)
  const recipe = textOption(call, 'recipe')
  return {
    ...(status !== undefined && { status: status as (typeof statuses)[number][] }),
    ...(recipe !== undefined && { recipe }),
  }
}
