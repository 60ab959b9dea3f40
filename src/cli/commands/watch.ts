/** @module `offstage watch`: the tasks as they move. */
import { createLogUpdate } from 'log-update'
import type { BackgroundRunner, BackgroundTask, TaskFeedEvent, TaskQuery } from '../../index.ts'
import type { Call } from '../command.ts'
import { statusPart } from '../ending.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { openSession, type Session } from '../session.ts'
import { onStop } from '../signals.ts'
import { table } from '../table.ts'
import { allTasks, queryOf } from '../tasks.ts'
import { type Line, styled } from '../text.ts'
import { taskColumns, taskRows } from './list.ts'

type Task = BackgroundTask<unknown>

/** Ms between two pictures. */
const frame = 100
/** How often ages are drawn anew, though nothing happens. */
const idleFrames = 10
/** Lines that are not rows: title, counts, and the line of the cursor. */
const otherLines = 4
const defaultRows = 24

export async function watch(call: Call): Promise<Exit> {
  const { out } = call
  const query = queryOf(call)
  const session = await openSession(call, { write: true })
  const stop = new AbortController()
  const off = onStop(() => stop.abort())
  // the store's own timers do not keep a process alive
  const alive = setInterval(() => {}, 60_000)
  try {
    if (out.live) await draw(session, out, query, stop.signal)
    else await print(session, out, query, stop.signal)
  } finally {
    clearInterval(alive)
    off()
  }
  return Exit.DONE
}

/** One line for each step; as JSON the events themselves, behind a snapshot of each task that goes on. */
async function print({ runner }: Session, out: Output, query: TaskQuery, signal: AbortSignal): Promise<void> {
  const events = runner.events({ signal })
  for await (const task of allTasks(runner, query)) {
    if (task.isSettled) continue
    if (out.json) out.data({ type: 'snapshot', id: task.id, at: new Date().toISOString(), task })
    else out.line(...stepOf(task.createdAt.toISOString(), task))
  }
  for await (const event of events) {
    const task = await meant(runner, event, query)
    if (task === undefined) continue
    if (out.json) out.data(event)
    else if (event.type === 'state') out.line(...stepOf(event.at, task, event.state))
  }
}

const stepOf = (at: string, task: Task, state: string = task.state): Line => {
  const [status = '', ...inner] = state.split('.')
  return [
    styled('dim', at),
    ' ',
    task.id,
    ' ',
    statusPart(status),
    inner.map((each) => ` ${each}`).join(''),
    '  ',
    task.name,
  ]
}

/** The task of an event, if it is one of those that are watched. */
async function meant(runner: BackgroundRunner, { id }: TaskFeedEvent, query: TaskQuery): Promise<Task | undefined> {
  const task = await runner.get(id)
  if (task === undefined) return undefined
  const { recipe, status } = query
  if (recipe !== undefined && task.toJSON().recipe !== recipe) return undefined
  return status === undefined || status.includes(task.status) ? task : undefined
}

async function draw({ runner, store }: Session, out: Output, query: TaskQuery, signal: AbortSignal): Promise<void> {
  const screen = createLogUpdate(out.stdout as NodeJS.WriteStream)
  const tasks = new Map<string, Task>()
  let moved = true
  let since = 0
  const timer = setInterval(() => {
    since += 1
    if (!moved && since < idleFrames) return
    moved = false
    since = 0
    screen(out.rendered(picture(runner, store.name, [...tasks.values()], out)))
  }, frame)
  try {
    const events = runner.events({ signal })
    for await (const task of allTasks(runner, query)) tasks.set(task.id, task)
    for await (const event of events) {
      const task = await meant(runner, event, query)
      if (task === undefined) tasks.delete(event.id)
      else tasks.set(event.id, task)
      moved = true
    }
  } finally {
    clearInterval(timer)
    screen(out.rendered(picture(runner, store.name, [...tasks.values()], out)))
    screen.done()
  }
}

const order = ['running', 'pending', 'failed', 'cancelled', 'completed']

function picture(runner: BackgroundRunner, name: string, tasks: readonly Task[], out: Output): Line[] {
  const { pending, running, completed, failed, cancelled } = runner.stats
  const counts = Object.entries({ running, pending, completed, failed, cancelled })
  const head: Line = [styled('bold', name), ...counts.flatMap(([status, n]) => [`  ${n} `, statusPart(status)])]
  const room = Math.max(1, ((out.stdout as { rows?: number }).rows ?? defaultRows) - otherLines)
  const rank = (task: Task): number => (task.isSettled ? 2 : order.indexOf(task.status))
  const latest = (task: Task): number => (task.completedAt ?? task.startedAt ?? task.createdAt).getTime()
  const sorted = [...tasks].sort((a, b) => rank(a) - rank(b) || latest(b) - latest(a))
  const rows = taskRows(sorted.slice(0, room))
  const more = sorted.length > room ? [[styled('dim', `and ${sorted.length - room} more`)]] : []
  return [head, ...table(taskColumns, rows, out.width), ...more]
}
