/** @module What a task writes, log lines and output, from its beginning to its end. */
import type { BackgroundTask, Store, StreamEntry, TaskFeedEvent } from '../index.ts'
import { iso } from '../machines/iso.ts'

/** A line, a piece of output, or progress; kept and fresh ones are alike. */
export type Written =
  | {
      readonly type: 'log'
      readonly at: string
      readonly level: string
      readonly message: string
      readonly data?: unknown
    }
  | { readonly type: 'output'; readonly at: string; readonly chunk: string }
  | Extract<TaskFeedEvent, { type: 'progress' }>

/** What the store has kept of a task's lines. */
export async function kept(store: Store, task: string, after = 0): Promise<{ n: number; entry: Written }[]> {
  const entries = await store.stream(task, after)
  return entries.map((entry) => ({ n: entry.n, entry: asWritten(entry) }))
}

/** All that a task has written and writes, until it has ended or `signal` is aborted. */
export async function* follow(
  store: Store,
  task: BackgroundTask<unknown>,
  signal?: AbortSignal,
): AsyncGenerator<Written> {
  let told = 0
  for await (const event of task.events(signal === undefined ? {} : { signal })) {
    const upTo = Number(event.cursor.split('.')[1])
    // a snapshot stands for what came before it, and for what a slow reader has missed
    if (event.type === 'snapshot')
      for (const { n, entry } of await kept(store, task.id, told)) if (n <= upTo) yield entry
    if (event.type === 'progress' || (upTo > told && (event.type === 'log' || event.type === 'output'))) yield event
    told = Math.max(told, upTo)
  }
  // another process' lines may come behind the news of its end
  if (signal?.aborted !== true) for (const { entry } of await kept(store, task.id, told)) yield entry
}

function asWritten(entry: StreamEntry): Written {
  const at = iso(entry.at)
  if (entry.type === 'output') return { type: 'output', at, chunk: entry.chunk }
  const { level, message, data } = entry
  return { type: 'log', at, level, message, ...(data !== undefined && { data }) }
}
